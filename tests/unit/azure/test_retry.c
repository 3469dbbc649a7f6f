/* When an exchange is repeated, and how long is waited before. */
#include "retry.h"
#include "scripted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static struct scripted script;

/* Run one GET under a policy. */
static bool
run(const struct retry_policy *policy, struct http_response *ret_response, struct fault *fault)
{
	const struct http_header headers[] = { { "x-ms-client-request-id", "the same" }, { NULL, NULL } };
	const struct http_request request = {
		.method = "GET", .url = "https://a.vault.azure.net/keys", .headers = headers,
	};
	const struct retry retry = { policy, &script.port, &script.clock };

	return retry_exchange(&retry, &request, ret_response, fault);
}

/* Run, want this status in the end and so many requests, and release. */
static void
expect_status(const struct retry_policy *policy, long status, size_t requests)
{
	struct http_response response = { 0 };
	struct fault fault = { 0 };

	assert_true(run(policy, &response, &fault));
	assert_int_equal(response.status, status);
	assert_int_equal(script.request_count, requests);
	http_response_clear(&response);
}

static void
a_busy_server_is_asked_again_until_it_answers(void **state)
{
	static const long statuses[] = { 408, 429, 500, 502, 503, 504 };

	(void)state;
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
		SCRIPTED(&script, { .status = statuses[i] }, { .status = 200 });
		expect_status(&retry_default, 200, 2);
		assert_int_equal(script.wait_count, 1);
		assert_in_range(script.waits[0], 640, 1040);
		scripted_end(&script);
	}
}

static void
a_refusal_is_not_asked_again(void **state)
{
	static const long statuses[] = { 200, 301, 400, 401, 403, 404, 409, 501 };

	(void)state;
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
		SCRIPTED(&script, { .status = statuses[i] });
		expect_status(&retry_default, statuses[i], 1);
		scripted_end(&script);
	}
}

static void
another_4xx_is_asked_again_if_it_names_a_time(void **state)
{
	(void)state;
	SCRIPTED(&script, { .status = 404, .headers = "Retry-After: 2\n" }, { .status = 200 });
	expect_status(&retry_default, 200, 2);
	assert_int_equal(script.waits[0], 2000);
	scripted_end(&script);
}

static void
tries_end_and_the_last_answer_stands(void **state)
{
	(void)state;
	SCRIPTED(&script, { .status = 503 }, { .status = 503 }, { .status = 503 }, { .status = 500 });
	expect_status(&retry_default, 500, 4);
	assert_in_range(script.waits[0], 640, 1040);
	assert_in_range(script.waits[1], 1280, 2080);
	assert_in_range(script.waits[2], 2560, 4160);
	scripted_end(&script);
}

static void
a_throttled_vault_gets_five_more_tries(void **state)
{
	(void)state;
	SCRIPTED(&script, { .status = 429 }, { .status = 429 }, { .status = 429 }, { .status = 429 },
	    { .status = 429 }, { .status = 200 });
	expect_status(&retry_vault, 200, 6);
	assert_in_range(script.waits[4], 12800, 20800);
	scripted_end(&script);
}

static void
never_means_once(void **state)
{
	struct http_response response = { 0 };
	struct fault fault = { 0 };

	(void)state;
	SCRIPTED(&script, { .status = 429, .headers = "Retry-After: 1\n" });
	expect_status(&retry_never, 429, 1);
	scripted_end(&script);
	SCRIPTED(&script, { .fault = FAULT_UNAVAILABLE });
	assert_false(run(&retry_never, &response, &fault));
	assert_int_equal(fault.code, FAULT_UNAVAILABLE);
	scripted_end(&script);
}

static void
a_broken_connection_is_tried_again_and_a_broken_protocol_is_not(void **state)
{
	struct http_response response = { 0 };
	struct fault fault = { 0 };

	(void)state;
	SCRIPTED(&script, { .fault = FAULT_UNAVAILABLE }, { .fault = FAULT_UNKNOWN }, { .status = 200 });
	expect_status(&retry_default, 200, 3);
	scripted_end(&script);
	SCRIPTED(&script, { .fault = FAULT_PROTOCOL });
	assert_false(run(&retry_default, &response, &fault));
	assert_int_equal(fault.code, FAULT_PROTOCOL);
	assert_int_equal(script.request_count, 1);
	scripted_end(&script);
}

static void
every_try_carries_the_same_request_id(void **state)
{
	(void)state;
	SCRIPTED(&script, { .status = 500 }, { .status = 200 });
	expect_status(&retry_default, 200, 2);
	assert_string_equal(script.requests[0].headers, "x-ms-client-request-id: the same\n");
	assert_string_equal(script.requests[0].headers, script.requests[1].headers);
	scripted_end(&script);
}

static void
a_server_that_wants_too_much_time_is_left_alone(void **state)
{
	(void)state;
	SCRIPTED(&script, { .status = 429, .headers = "Retry-After: 61\n" });
	expect_status(&retry_default, 429, 1);
	assert_int_equal(script.wait_count, 0);
	scripted_end(&script);
}

static void
the_deadline_ends_the_tries(void **state)
{
	static const struct retry_policy short_one = {
		.retries = 10, .throttled_retries = 10, .base_ms = 1, .cap_ms = 60000, .deadline_ms = 25000,
	};

	(void)state;
	SCRIPTED(&script, { .status = 503, .headers = "Retry-After: 10\n" },
	    { .status = 503, .headers = "Retry-After: 10\n" }, { .status = 503, .headers = "Retry-After: 10\n" });
	expect_status(&short_one, 503, 3);
	assert_int_equal(script.wait_count, 2);
	scripted_end(&script);
}

static void
a_stop_ends_the_wait(void **state)
{
	struct http_response response = { 0 };
	struct fault fault = { 0 };

	(void)state;
	SCRIPTED(&script, { .status = 503 });
	script.stopped = true;
	assert_false(run(&retry_default, &response, &fault));
	assert_int_equal(fault.code, FAULT_STOPPED);
	scripted_end(&script);
}

/* 2026-11-22T00:00:00Z; the table says what each header means then, -1 for nothing. */
static void
all_forms_of_a_wait_are_read(void **state)
{
	static const struct {
		const char *headers;
		int64_t wait_ms;
	} cases[] = {
		{ "Retry-After: 7\n", 7000 },
		{ "retry-after:0\n", 0 },
		{ "Retry-After: Sun, 22 Nov 2026 00:00:30 GMT\n", 30000 },
		{ "Retry-After: Sunday, 22-Nov-26 00:00:30 GMT\n", 30000 },
		{ "Retry-After: Sat, 21 Nov 2026 23:59:00 GMT\n", 0 },
		{ "retry-after-ms: 250\nRetry-After: 7\n", 250 },
		{ "x-ms-retry-after-ms: 300\nRetry-After: 7\n", 300 },
		{ "retry-after-ms: 250\nx-ms-retry-after-ms: 300\n", 250 },
		{ "retry-after-ms: soon\nRetry-After: 7\n", 7000 },
		{ "Retry-After: 99999999999999999999\n", 86400000 },
		{ "Retry-After: -5\n", -1 },
		{ "Retry-After: 1.5\n", -1 },
		{ "Retry-After: \n", -1 },
		{ "Retry-After-Something: 7\n", -1 },
		{ "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct http_response response = { 0 };
		struct fault fault = { 0 };
		int64_t wait_ms = -1;

		SCRIPTED(&script, { .status = 200, .headers = cases[i].headers });
		assert_true(run(&retry_default, &response, &fault));
		if (retry_after(&response, script.wall_ms, &wait_ms) != (cases[i].wait_ms >= 0) ||
		    wait_ms != cases[i].wait_ms)
			fail_msg("%s gave %lld", cases[i].headers, (long long)wait_ms);
		http_response_clear(&response);
		scripted_end(&script);
	}
}

static void
waits_double_up_to_the_cap(void **state)
{
	(void)state;
	assert_int_equal(retry_wait_ms(&retry_default, 0, 1.0), 800);
	assert_int_equal(retry_wait_ms(&retry_default, 3, 1.0), 6400);
	assert_int_equal(retry_wait_ms(&retry_default, 7, 1.0), 60000);
	assert_int_equal(retry_wait_ms(&retry_default, 4000000000u, 1.25), 60000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_busy_server_is_asked_again_until_it_answers),
		cmocka_unit_test(a_refusal_is_not_asked_again),
		cmocka_unit_test(another_4xx_is_asked_again_if_it_names_a_time),
		cmocka_unit_test(tries_end_and_the_last_answer_stands),
		cmocka_unit_test(a_throttled_vault_gets_five_more_tries),
		cmocka_unit_test(never_means_once),
		cmocka_unit_test(a_broken_connection_is_tried_again_and_a_broken_protocol_is_not),
		cmocka_unit_test(every_try_carries_the_same_request_id),
		cmocka_unit_test(a_server_that_wants_too_much_time_is_left_alone),
		cmocka_unit_test(the_deadline_ends_the_tries),
		cmocka_unit_test(a_stop_ends_the_wait),
		cmocka_unit_test(all_forms_of_a_wait_are_read),
		cmocka_unit_test(waits_double_up_to_the_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
