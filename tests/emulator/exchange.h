#ifndef EXCHANGE_H
#define EXCHANGE_H

/*
 * One HTTP request and its answer, as every handler of the emulator sees it. A handler runs
 * alone and to its end: one thread, no locks.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct world;

struct exchange {
	/* The request; all of it belongs to the server and outlives the handler. */
	struct world *world;
	const char *method;		/* upper case, as it came */
	const char *host;		/* Host header, lower case, without port */
	const char *authority;		/* Host header as it came, for building URLs */
	const char *path;		/* percent-decoded, otherwise as it came (case kept) */
	const char *query_text;		/* raw, without the question mark; "" if none */
	json_t *query;			/* object: decoded names and values */
	json_t *headers;		/* object: names in lower case */
	const uint8_t *body;		/* NULL if there is none */
	size_t body_size;		/* bytes that came, also where more came than is kept */
	bool body_cut;			/* the body exceeded EXCHANGE_BODY_MAX and was not kept */
	json_t *body_json;		/* NULL if the body is not JSON */

	/* The answer. */
	unsigned status;
	json_t *answer;			/* JSON, or NULL for no body */
	json_t *answer_headers;		/* object: names and values */
	const char *principal;		/* object id of the caller, once token_check passed */
};

/* The largest body that the server keeps, in bytes; each service has its own, smaller limit. */
enum { EXCHANGE_BODY_MAX = 8 * 1024 * 1024 };

/**
 * exchange_answer(x, status, body):
 * Answer with ${status} and the JSON ${body}, whose reference is taken over and which may be NULL.
 * A later call replaces an earlier one.
 */
void exchange_answer(struct exchange *x, unsigned status, json_t *body);

/**
 * exchange_error(x, status, code, format, ...):
 * Answer with the envelope that Key Vault and Resource Manager share, {"error": {"code",
 * "message"}}; the message is formatted.
 */
void exchange_error(struct exchange *x, unsigned status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/**
 * exchange_inner(x, code):
 * Add "innererror": {"code"} to the error envelope just set. Without such an answer nothing
 * happens.
 */
void exchange_inner(struct exchange *x, const char *code);

/**
 * exchange_header(x, name, format, ...):
 * Set the answer header ${name}, replacing an earlier value.
 */
void exchange_header(struct exchange *x, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * exchange_query(x, name):
 * Return the decoded value of the query parameter ${name} (exact case), or NULL if it is absent.
 * Owned by the exchange.
 */
const char *exchange_query(const struct exchange *x, const char *name);

/**
 * exchange_request_header(x, lower_case_name):
 * Return the value of a request header, or NULL if it is absent. Owned by the exchange.
 */
const char *exchange_request_header(const struct exchange *x, const char *lower_case_name);

/**
 * exchange_port(x):
 * Return the port part of the Host header with its colon (":8443"), or "" if it had none. Owned by
 * the exchange.
 */
const char *exchange_port(const struct exchange *x);

#endif
