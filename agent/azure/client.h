#ifndef CLIENT_H
#define CLIENT_H

#include "azure.h"
#include "challenge.h"
#include "entra.h"
#include "envelope.h"
#include "http.h"
#include "url.h"

#include <jansson.h>

/*
 * How this room's files ask Azure: one call with its token, its headers, its retries and its
 * guard.  Not for other rooms.
 */

/* The client itself; everything in it is private to this room. */
struct azure {
	struct azure_options options;
	struct http *http;
	const struct clock *clock;
	struct entra *entra;
	char arm_authority[URL_AUTHORITY_MAX];
	char correlation[37];
	char last_request_id[ENVELOPE_ID_MAX];

	/* What a vault's challenge named, if it was not what its suffix says. */
	struct {
		char authority[URL_AUTHORITY_MAX];
		char scope[CHALLENGE_TEXT_MAX];
	} learned;
};

/* Whose token a call carries, and to which hosts such a token may go. */
enum client_audience {
	CLIENT_VAULT = 1,		/* hosts below the vault or Managed HSM suffix */
	CLIENT_ARM,			/* the host of arm_url and no other */
	CLIENT_DATA			/* hosts below the health suffix; ${scope} says for which audience */
};

struct client_call {
	enum client_audience audience;
	const char *what;		/* begins error sentences: "Read key x of https://…" */
	const char *method;
	const char *url;
	const char *scope;		/* CLIENT_DATA only */
	const char *accept;		/* NULL: application/json */
	const json_t *body;		/* NULL: none */
	bool once;			/* goes out at most once, whatever happens */
	bool sensitive;			/* bodies are wiped and never quoted */
};

/**
 * client_send(azure, call, ret_response, fault):
 * Send with a token; a 401 drops the token, gets another, and sends once more (not when
 * ${call->once}).  Any status is success.
 * Errors: FAULT_REFUSED, the host may not be shown such a token; FAULT_PERMISSION and the rest
 *         of entra_token's and retry_exchange's.  A FAULT_UNKNOWN of a call without ${once}
 *         means merely that no answer came, and becomes FAULT_UNAVAILABLE.
 */
bool client_send(struct azure *azure, const struct client_call *call,
    struct http_response *ret_response, struct fault *fault)
    __attribute__((warn_unused_result));

/**
 * client_send, and the JSON body of a 2xx answer (NULL if it is empty); the caller releases it.
 * Errors: also client_fault's.
 */
bool client_json(struct azure *azure, const struct client_call *call, json_t **ret_json,
    struct fault *fault) __attribute__((warn_unused_result));

/**
 * Turn an answer that is no success into a fault, with what a 401's challenge says of the
 * tenant. Of a call with ${once}, a 408 or 5xx becomes FAULT_UNKNOWN. Always return false.
 */
bool client_fault(const struct azure *azure, const struct client_call *call,
    const struct http_response *response, struct fault *fault);

/**
 * Parse the JSON body of an answer. Errors: FAULT_PROTOCOL; FAULT_UNKNOWN of a call with
 * ${once}, since it took effect or not.
 */
bool client_parse(const struct client_call *call, const struct http_response *response,
    json_t **ret_json, struct fault *fault) __attribute__((warn_unused_result));

/** Fetch the token that a call would carry, so that a later failure is the resource's own. */
bool client_prepare(struct azure *azure, const struct client_call *call, struct fault *fault)
    __attribute__((warn_unused_result));

#endif
