#ifndef HEALTHSERVICE_H
#define HEALTHSERVICE_H

/* The resources of Microsoft.HealthcareApis: workspaces, FHIR services, DICOM services, and accounts of the older Azure API for FHIR ("services"). */

#include <jansson.h>
#include <stdbool.h>

struct armid;
struct exchange;
struct health_kind;
struct world;

/**
 * health_handle(x, id):
 * Answer GET (one or a list), PUT, PATCH and DELETE. The path, its api-version and the caller's right were checked.
 */
void health_handle(struct exchange *x, const struct armid *id);

/**
 * health_show(x, resource):
 * Return ${resource} as the api-version of the request shows it, a new reference.
 */
json_t *health_show(struct exchange *x, const json_t *resource);

/**
 * health_put(x, id, kind):
 * Answer a PUT: check the whole body, build the new resource in place of the old one, start the operation.
 */
void health_put(struct exchange *x, const struct armid *id, const struct health_kind *kind);

/**
 * health_identity(x, wanted, before, ret_identity):
 * Make the identity of a resource from what a client wants and what was there ${before} (each may be NULL): a system-assigned identity keeps its principal, user-assigned
 * ones must exist and the caller must be allowed to assign them. On failure the answer is set.
 */
bool health_identity(struct exchange *x, const json_t *wanted, const json_t *before, json_t **ret_identity) __attribute__((warn_unused_result));

/**
 * health_touch(x, resource):
 * Note in systemData who writes, and when; a new resource gets the creator's fields too.
 */
void health_touch(struct exchange *x, json_t *resource);

/**
 * health_host(resource):
 * Return the first label of the host of the data plane ("WORKSPACE-NAME", or "NAME" for the legacy kind) in lower case, the caller's to free.
 */
char *health_host(const json_t *resource);

#endif
