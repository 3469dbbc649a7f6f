#ifndef ARMID_H
#define ARMID_H

/*
 * Paths of Resource Manager. A path names a scope, a provider and below it types and names by turns; what names no provider belongs to Microsoft.Resources. Ids
 * are compared without case.
 */

#include <stdbool.h>
#include <stddef.h>

enum { ARMID_PATH_MAX = 2048, ARMID_NAMES_MAX = 4 };

struct armid {
	char text[ARMID_PATH_MAX];		/* the whole path as it came, without a trailing slash */
	char lower[ARMID_PATH_MAX];		/* the same in lower case: the key under which resources are kept */
	char words[ARMID_PATH_MAX];		/* what the pointers below point into */
	char scope[ARMID_PATH_MAX];		/* what stands before the last "/providers/", as it came; "" is the tenant */
	char type[256];				/* lower case, such as "workspaces/fhirservices" */
	const char *provider;			/* as it came, or "Microsoft.Resources" */
	const char *names[ARMID_NAMES_MAX];
	size_t name_count, type_count;		/* fewer names than types: the path names a collection */
	const char *subscription, *group;	/* NULL if the path has none */
};

/**
 * armid_parse(id, path):
 * Take ${path} apart. False if it is too long, too deep or malformed.
 */
bool armid_parse(struct armid *id, const char *path) __attribute__((warn_unused_result));

/**
 * armid_is_collection(id):
 * Whether the path names all resources of a type rather than one.
 */
bool armid_is_collection(const struct armid *id);

/**
 * armid_name(id):
 * Return the last name of the path, or NULL if it has none.
 */
const char *armid_name(const struct armid *id);

#endif
