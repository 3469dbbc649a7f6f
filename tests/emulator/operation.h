#ifndef OPERATION_H
#define OPERATION_H

/*
 * Long-running operations. A write is accepted at once and takes effect when its time has come; time passes only when somebody asks, since one thread serves all:
 * operation_settle finishes what is due, at the start of each request. The world's member "operations" holds how the next ones shall behave (control interface), and
 * "operation_results" {id: ...} every operation there was.
 */

#include <jansson.h>
#include <stdbool.h>

struct armid;
struct exchange;
struct world;

/* A write that was accepted. */
struct operation_start {
	const char *act;		/* "create", "update", "patch" or "delete" */
	const char *resource;		/* id */
	json_t *before;			/* the resource before the write, reference taken over; NULL if there was none */
	bool at_once;			/* the legacy kind: its PUT answers 200 or 201 only */
};

/**
 * operation_begin(x, start):
 * Start an operation on a resource that is stored already as it shall become, mark the resource, and answer: status, the resource with its provisioningState, and
 * the headers of the style in force.
 * Source: Resource Manager, "Track asynchronous operations"; resource provider contract.
 */
void operation_begin(struct exchange *x, const struct operation_start *start);

/**
 * operation_running(resource):
 * Whether an operation on ${resource} has not ended yet.
 */
bool operation_running(const json_t *resource);

/**
 * operation_settle(w):
 * Finish every operation whose time has come.
 */
void operation_settle(struct world *w);

/**
 * operation_release(w):
 * Forget how operations were ordered to behave, and let those that would run for ever end well at the next settling.
 */
void operation_release(struct world *w);

/**
 * operation_result(x, id):
 * Answer GET .../locations/LOCATION/operationresults/ID, both as status body (Azure-AsyncOperation) and as final answer (Location).
 */
void operation_result(struct exchange *x, const struct armid *id);

#endif
