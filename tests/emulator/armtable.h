#ifndef ARMTABLE_H
#define ARMTABLE_H

/* Which resource types Resource Manager knows here, in which api-versions, and who answers for them. */

#include <jansson.h>
#include <stdbool.h>

struct armid;
struct exchange;

/* What a row may ask of a request beyond the usual. */
enum {
	ARMTABLE_OPEN = 1,		/* no right is asked for: the answer shows only what the caller may see */
	ARMTABLE_EXTENSION = 2		/* lives on a scope of any kind, which must exist */
};

struct armtable_row {
	const char *provider, *type;	/* the type in lower case */
	const char *const *versions;	/* ended by NULL */
	const char *methods;		/* separated by spaces */
	unsigned flags;
	void (*handle)(struct exchange *x, const struct armid *id);
};

/**
 * armtable_find(id):
 * Return the row for the provider and type of ${id}, or NULL.
 */
const struct armtable_row *armtable_find(const struct armid *id);

/**
 * armtable_provider(name):
 * Return what GET /subscriptions/S/providers/NAME shows: {"namespace", "registrationState", "resourceTypes" [{"resourceType", "locations", "apiVersions"}]}, a new
 * reference, or NULL if there is no such provider.
 */
json_t *armtable_provider(const char *name);

/**
 * armtable_supports(row, version):
 * Whether ${version} is one of the row's.
 */
bool armtable_supports(const struct armtable_row *row, const char *version);

#endif
