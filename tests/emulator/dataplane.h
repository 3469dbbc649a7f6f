#ifndef DATAPLANE_H
#define DATAPLANE_H

/* What the FHIR and the DICOM side of the data plane share. */

#include <jansson.h>
#include <stdbool.h>

struct exchange;
struct world;

/* Which service a host name stands for, and how the caller stands to it. */
enum dataplane_door {
	DATAPLANE_OPEN,
	DATAPLANE_UNKNOWN,		/* no such service */
	DATAPLANE_UNAUTHENTICATED,
	DATAPLANE_FORBIDDEN,		/* no role, or no public access */
	DATAPLANE_KEY_LOST
};

/**
 * dataplane_service(x, type):
 * Return the service of the full ${type} whose data plane the request's host names (borrowed), or NULL.
 */
json_t *dataplane_service(struct exchange *x, const char *type);

/**
 * dataplane_enter(x, resource, ret_records):
 * Check the token's audience and the caller's role, then read every record (a new array). On failure ${*ret_records} stays as it is.
 */
enum dataplane_door dataplane_enter(struct exchange *x, json_t *resource, json_t **ret_records) __attribute__((warn_unused_result));

/**
 * dataplane_number(x, name, otherwise, ret_number):
 * Read a query parameter that is a number from 0 on; absent, it is ${otherwise}. False if it is not a number.
 */
bool dataplane_number(struct exchange *x, const char *name, long otherwise, long *ret_number) __attribute__((warn_unused_result));

#endif
