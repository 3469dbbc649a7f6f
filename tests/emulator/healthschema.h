#ifndef HEALTHSCHEMA_H
#define HEALTHSCHEMA_H

/* The four resource types of Microsoft.HealthcareApis that the emulator plays, each with its rows and its ways. */

#include <stdbool.h>

#include "schema.h"

struct health_kind {
	const char *type;			/* "Microsoft.HealthcareApis/workspaces/fhirservices" */
	const char *lower;			/* the part behind the provider, in lower case */
	const struct schema *body;		/* of GET and PUT */
	const struct schema *patch;		/* of PATCH */
	const char *const *versions;		/* known api-versions, ended by NULL */
	const char *default_kind;		/* for a new resource without "kind", or NULL */
	const char *host_suffix;		/* of its data plane, or NULL */
	bool put_at_once;			/* PUT answers 200 or 201 only, PATCH answers 200 */
};

/**
 * health_kind_find(lower):
 * Return the kind of the type ${lower} ("workspaces/dicomservices"), or NULL.
 */
const struct health_kind *health_kind_find(const char *lower);

/**
 * health_kind_of(resource_type):
 * The same by the full type that a stored resource carries.
 */
const struct health_kind *health_kind_of(const char *resource_type);

#endif
