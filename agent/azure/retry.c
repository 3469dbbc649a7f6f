#include "retry.h"

#include "encode.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

const struct retry_policy retry_default = {
	.retries = 3, .throttled_retries = 3, .base_ms = 800, .cap_ms = 60000, .deadline_ms = 300000,
};

const struct retry_policy retry_vault = {
	.retries = 3, .throttled_retries = 5, .base_ms = 1000, .cap_ms = 60000, .deadline_ms = 300000,
};

const struct retry_policy retry_token = {
	.retries = 3, .throttled_retries = 3, .base_ms = 800, .cap_ms = 15000, .deadline_ms = 30000,
};

const struct retry_policy retry_never = { .retries = 0 };

enum { WAIT_MAX_MS = 24 * 3600 * 1000 };	/* no server's word is taken for more than a day */

/* Digits only: a sign, a fraction or a unit is not of the form. */
static bool
parse_number(const char *text, int64_t unit_ms, int64_t *ret_ms)
{
	char *end;
	long long number;

	if (text[0] < '0' || text[0] > '9')
		return false;
	number = strtoll(text, &end, 10);
	if (*end != '\0')
		return false;
	*ret_ms = number > WAIT_MAX_MS / unit_ms ? WAIT_MAX_MS : number * unit_ms;
	return true;
}

/* A date in the past means at once. */
static bool
parse_date(const char *text, int64_t wall_ms, int64_t *ret_ms)
{
	time_t when = curl_getdate(text, NULL);
	int64_t wait;

	if (when < 0)
		return false;
	wait = (int64_t)when * 1000 - wall_ms;
	*ret_ms = wait < 0 ? 0 : wait > WAIT_MAX_MS ? WAIT_MAX_MS : wait;
	return true;
}

/* The headers in the order in which Azure's own clients look at them. */
bool
retry_after(const struct http_response *response, int64_t wall_ms, int64_t *ret_wait_ms)
{
	static const struct {
		const char *name;
		int64_t unit_ms;
	} forms[] = {
		{ "retry-after-ms", 1 },
		{ "x-ms-retry-after-ms", 1 },
		{ "Retry-After", 1000 },
	};
	const char *date = http_header(response, "Retry-After", 0);

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		const char *value = http_header(response, forms[i].name, 0);

		if (value != NULL && parse_number(value, forms[i].unit_ms, ret_wait_ms))
			return true;
	}
	return date != NULL && parse_date(date, wall_ms, ret_wait_ms);
}

int64_t
retry_wait_ms(const struct retry_policy *policy, unsigned number, double jitter)
{
	double wait = (double)policy->base_ms * jitter;

	/* Doubling stops at the cap, so no number can overflow. */
	while (number-- > 0 && wait < (double)policy->cap_ms)
		wait *= 2;
	return wait > (double)policy->cap_ms ? policy->cap_ms : (int64_t)wait;
}

/* Uniform in [0.8, 1.3), so that clients that failed together do not come back together. */
static double
draw_jitter(void)
{
	uint16_t number = 0;

	if (!random_bytes(&number, sizeof number, NULL))
		return 1.0;
	return 0.8 + 0.5 * (double)number / 65536.0;
}

/* What may be otherwise next time. */
static bool
may_pass(long status)
{
	return status == 408 || status == 429 || status == 500 || status == 502 ||
	    status == 503 || status == 504;
}

/* The tries of one logical request. */
struct attempts {
	int64_t started_ms;
	unsigned retries;
};

/* Whether another try is due, and after which wait. */
static bool
next_wait(const struct retry *retry, const struct attempts *attempts,
    const struct http_response *response, int64_t *ret_wait_ms)
{
	const struct retry_policy *policy = retry->policy;
	long status = response != NULL ? response->status : 0;
	unsigned limit = status == 429 ? policy->throttled_retries : policy->retries;
	int64_t asked = 0;
	bool said = response != NULL &&
	    retry_after(response, clock_wall_ms(retry->clock), &asked);

	if (attempts->retries >= limit)
		return false;
	if (response != NULL && !may_pass(status) && !(said && status >= 400 && status < 500))
		return false;

	/*
	 * What the server asks for is kept exactly; one that asks for too much is left alone
	 * until a later run.
	 */
	*ret_wait_ms = said ? asked : retry_wait_ms(policy, attempts->retries, draw_jitter());
	if (*ret_wait_ms > policy->cap_ms)
		return false;
	return clock_monotonic_ms(retry->clock) - attempts->started_ms + *ret_wait_ms <=
	    policy->deadline_ms;
}

bool
retry_exchange(const struct retry *retry, const struct http_request *request,
    struct http_response *ret_response, struct fault *fault)
{
	struct attempts attempts = { .started_ms = clock_monotonic_ms(retry->clock) };

	for (;; attempts.retries++) {
		struct http_response response = { 0 };
		struct fault failure = { 0 };
		bool answered = http_exchange(retry->http, request, &response, &failure);
		bool network = failure.code == FAULT_UNAVAILABLE || failure.code == FAULT_UNKNOWN;
		int64_t wait_ms = 0;

		/* An answer that stays as it is, or no try left: that is the result. */
		if ((!answered && !network) ||
		    !next_wait(retry, &attempts, answered ? &response : NULL, &wait_ms)) {
			if (answered)
				*ret_response = response;
			else
				fault_set(fault, failure.code, "%s", failure.text);
			return answered;
		}
		http_response_clear(&response);
		if (!clock_wait_ms(retry->clock, wait_ms))
			return fault_set(fault, FAULT_STOPPED, "%s was given up: keyturn was "
			    "asked to stop", request->method);
	}
}
