#ifndef ENVELOPE_H
#define ENVELOPE_H

#include "http.h"

#include <jansson.h>

/*
 * How Azure says no: the error envelopes of Key Vault and Resource Manager
 * ({"error":{"code","message","innererror","details"}}) and of Entra
 * ({"error","error_description","error_codes"}).
 */

enum { ENVELOPE_CODE_MAX = 80, ENVELOPE_MESSAGE_MAX = 600, ENVELOPE_ID_MAX = 200 };

struct envelope {
	long status;
	char code[ENVELOPE_CODE_MAX];		/* "" if the answer holds none */
	char inner[ENVELOPE_CODE_MAX];		/* innermost innererror, or first detail */
	char message[ENVELOPE_MESSAGE_MAX];	/* one line of UTF-8, shortened */
	char request_id[ENVELOPE_ID_MAX];	/* "x-ms-request-id …", "" without */
};

/** Read the answer, which may be no JSON at all. */
void envelope_parse(const struct http_response *response, struct envelope *ret_envelope);

/**
 * The same from an error object ({"code","message",…}) inside an answer that is otherwise fine.
 */
void envelope_parse_error(const json_t *error, struct envelope *ret_envelope);

/** Whether ${code} is the code or the inner code, in any case. */
bool envelope_is(const struct envelope *envelope, const char *code);

/**
 * envelope_fault(envelope, what, fault):
 * Tell what was tried (${what}: "Import key x into https://…"), the HTTP status, Azure's codes
 * and message, the request id, and what to do.
 * Codes:  by the table in advice.c, else by status: 401 and 403 FAULT_PERMISSION, 404
 *         FAULT_NOT_FOUND, 408 and 429 FAULT_RETRY, 5xx FAULT_UNAVAILABLE, other 4xx
 *         FAULT_REFUSED, the rest FAULT_PROTOCOL.
 * Always return false.
 */
bool envelope_fault(const struct envelope *envelope, const char *what, struct fault *fault);

/**
 * The Azure request ids of an answer ("x-ms-request-id A, x-ms-correlation-request-id B"), ""
 * without.
 */
void envelope_request_ids(const struct http_response *response,
    char ret_text[static ENVELOPE_ID_MAX]);

#endif
