#ifndef ARM_H
#define ARM_H

#include "client.h"

/*
 * Resource Manager: a resource by its id, and the long-running operations that a PUT may start
 * (azure-resource-manager-rpc, "asynchronous operations").
 */

enum { ARM_URL_MAX = 4096, ARM_WAIT_DEFAULT_MS = 10000, ARM_WAIT_MAX_MS = 600000 };

struct arm_resource {
	const char *id;			/* "/subscriptions/…" */
	const char *api_version;
	const char *what;		/* begins error sentences */
};

/* What a PUT answered: how to follow what it started. */
struct arm_answer {
	long status;
	json_t *body;			/* NULL if it was empty; owned: see arm_answer_clear */
	char azure_async[ARM_URL_MAX];	/* "" if absent, on another host, or the resource itself */
	char location[ARM_URL_MAX];	/* the same */
	int64_t retry_after_ms;		/* always set */
};

void arm_answer_clear(struct arm_answer *answer);

static inline void
scope_arm_answer(struct arm_answer *answer)
{
	arm_answer_clear(answer);
}

/**
 * GET; the caller releases ${*ret_body}. Errors: FAULT_DATA, an id with odd characters;
 * client_json's; FAULT_PROTOCOL, no body.
 */
bool arm_get(struct azure *azure, const struct arm_resource *resource, json_t **ret_body,
    struct fault *fault) __attribute__((warn_unused_result));

/**
 * PUT, sent at most once. The caller clears ${*ret_answer}. Errors: FAULT_UNKNOWN, whether it
 * took effect is not known; client_fault's.
 */
bool arm_put(struct azure *azure, const struct arm_resource *resource, const json_t *body,
    struct arm_answer *ret_answer, struct fault *fault) __attribute__((warn_unused_result));

/**
 * GET of an operation's URL with any status; it must lie on the ARM host. Errors:
 * FAULT_PROTOCOL, another host; client_send's.
 */
bool arm_look(struct azure *azure, const char *what, const char *url,
    struct http_response *ret_response, struct fault *fault) __attribute__((warn_unused_result));

/**
 * How long an answer asks to wait, ARM_WAIT_DEFAULT_MS if it does not say, never more than
 * ARM_WAIT_MAX_MS.
 */
int64_t arm_wait_ms(const struct azure *azure, const struct http_response *response);

#endif
