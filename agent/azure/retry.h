#ifndef RETRY_H
#define RETRY_H

#include "clock.h"
#include "http.h"

/*
 * Asking again.  Only for requests that do no harm when they take effect twice: what makes a
 * version, or starts an operation, goes out under retry_never.
 */

struct retry_policy {
	unsigned retries;		/* after a failed connection, 408, 5xx */
	unsigned throttled_retries;	/* after 429 */
	int64_t base_ms;		/* first wait; doubles */
	int64_t cap_ms;			/* of one wait; a server that wants more gets no further try now */
	int64_t deadline_ms;		/* no try begins later than this after the first */
};

extern const struct retry_policy retry_default;	/* 3 retries from 0.8 s, up to 60 s, 5 min in all */
extern const struct retry_policy retry_vault;	/* as Key Vault asks: 1, 2, 4, 8, 16 s when throttled */
extern const struct retry_policy retry_token;	/* 30 s in all */
extern const struct retry_policy retry_never;

struct retry {
	const struct retry_policy *policy;
	struct http *http;
	const struct clock *clock;
};

/**
 * retry_exchange(retry, request, ret_response, fault):
 * Exchange until the answer is none of 408, 429, 5xx (and no other 4xx that names a time to
 * wait), or the policy's tries or time are used up; then the last answer is the result,
 * whatever its status.  The request goes out the same each time, its ids included.
 * Errors: those of http_exchange; FAULT_STOPPED, the wait was ended.
 */
bool retry_exchange(const struct retry *retry, const struct http_request *request,
    struct http_response *ret_response, struct fault *fault)
    __attribute__((warn_unused_result));

/**
 * retry_after(response, wall_ms, ret_wait_ms):
 * How long the server asks to wait: retry-after-ms, x-ms-retry-after-ms, or Retry-After in
 * seconds or as a date (RFC 9110, 10.2.3), the date seen from ${wall_ms}. False if it does not
 * say, or says it in no known form.
 */
bool retry_after(const struct http_response *response, int64_t wall_ms, int64_t *ret_wait_ms);

/**
 * The wait before retry ${number} (0 the first): base doubled ${number} times, times ${jitter}
 * (0.8 to 1.3), at most the cap.
 */
int64_t retry_wait_ms(const struct retry_policy *policy, unsigned number, double jitter);

#endif
