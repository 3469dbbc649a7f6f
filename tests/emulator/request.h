#ifndef REQUEST_H
#define REQUEST_H

/*
 * One request while it is on the wire: what came so far, where it stands, and the exchange that
 * handlers see.
 */

#include "exchange.h"
#include "faults.h"

#include <microhttpd.h>
#include <stdint.h>

enum request_stage {
	REQUEST_COLLECTING,	/* headers and body are coming in */
	REQUEST_WAITING_BEFORE,	/* an ordered delay before the effect */
	REQUEST_WAITING_AFTER,	/* an ordered delay before the answer */
	REQUEST_DONE
};

struct request {
	struct exchange x;
	char *uri;			/* as it came */
	char *path, *host, *authority;	/* what the exchange points to */
	uint8_t *body;
	size_t kept;			/* bytes of the body that are kept */
	enum request_stage stage;
	json_t *fault;			/* taken for this request, or NULL */
	struct faults_action action;
	struct MHD_Connection *connection;
	int64_t due_ms;			/* monotonic time at which a wait ends */
	struct request *next_waiting;
};

/**
 * request_new(uri, connection), request_free(r):
 * Make a request from its first line's target; release it. NULL is fine.
 */
struct request *request_new(const char *uri, struct MHD_Connection *connection);
void request_free(struct request *r);

/**
 * request_collect(r, data, size):
 * Take in ${size} bytes of the body.
 */
void request_collect(struct request *r, const char *data, size_t size);

/**
 * request_assemble(r, world, method):
 * Fill in the exchange once everything has come.
 */
void request_assemble(struct request *r, struct world *world, const char *method);

#endif
