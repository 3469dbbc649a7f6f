#ifndef CALL_H
#define CALL_H

#include "cmd.h"

/* What handlers have in common: choosing policies, asking about each, and telling what came of it. */

/** Remember a status, if it tells more than the one there is. */
void call_worsen(struct call *call, int status);

/** Tell a fault at once, as "keyturn: SUBJECT: TEXT" on standard error (${subject} may be NULL); with --json nothing, since the document will. */
void call_tell(struct call *call, const char *subject, const struct fault *fault);

/** {"code": word, "text": sentence}, the member "error" of documents. NULL without memory. */
json_t *call_error(const struct fault *fault);

/** Tell every problem of the settings or the policy files, each on a line of its own; with --json nothing. */
void call_tell_problems(struct call *call);

/** The same for documents: [{"file", "line", "column", "pointer", "text"}]. */
json_t *call_problems(const struct call *call);

/** The policy of that name. Errors: FAULT_USAGE, there is none, with the nearest name; FAULT_DATA, none, but files with problems may hold it. */
bool call_policy(struct call *call, const char *name, const struct policy **ret_policy, struct fault *fault)
    __attribute__((warn_unused_result));

/* A command about policies: how to ask about one, and how to show what came back. */
struct call_each {
	/** Ask; as in commands.h a document may come with a false result. */
	bool (*ask)(struct call *call, const struct policy *policy, json_t **ret_document, struct fault *fault);

	/** Show one document as soon as it is there; may be NULL. */
	void (*show)(struct call *call, const json_t *document);

	/** Show all of them (an array) after the last; may be NULL. */
	void (*show_all)(struct call *call, const json_t *documents);

	/** The exit status that a document asks for; may be NULL. */
	int (*judge)(struct call *call, const json_t *document);
};

/**
 * call_each(call, each, fault):
 * Do it for the policies named on the command line, or for all. A policy that fails does not stop the others: its fault is told,
 * kept in its document as "error", and counted in the status. ${call->document} becomes the document itself where one policy
 * is named, else {"policies": [...], "problems": [...]}; "problems" only where files have some.
 * Errors: as call_policy, before anything is asked; FAULT_STOPPED.
 */
bool call_each(struct call *call, const struct call_each *each, struct fault *fault)
    __attribute__((warn_unused_result));

/** EXITSTATUS_FAILED if a document holds a finding or check of level "problem", or says of itself that it is not healthy or usable; else EXITSTATUS_DONE. */
int call_judge(struct call *call, const json_t *document);

#endif
