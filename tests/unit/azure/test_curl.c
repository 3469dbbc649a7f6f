/* The libcurl port against a server that behaves badly. */
#include "clock.h"
#include "curl.h"
#include "scope.h"
#include "secret.h"
#include "tlsserver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-One:  a \r\nx-one: b\r\n\r\nok"

static struct tlsserver server;
static struct http *http;

/* Start a server and a port that reaches it under the names good.test and away.test. */
static void
begin(enum tlsserver_identity identity, enum tlsserver_manner manner, const char *answer)
{
	char place[100], other[100];
	const char *places[] = { place, other, NULL };
	struct fault fault = { 0 };

	assert_true(tlsserver_start(&server, identity, manner, answer));
	snprintf(place, sizeof place, "good.test:443:127.0.0.1:%d", server.port);
	snprintf(other, sizeof other, "away.test:443:127.0.0.1:%d", server.port);
	const struct curl_options options = { .connect_to = places, .ca_file = server.ca_file, .proxy = "" };

	if (!curl_http_open(&options, &http, &fault))
		fail_msg("%s", fault.text);
}

static void
end(void)
{
	http_close(http);
	tlsserver_stop(&server);
}

/* Exchange; the result's code is 0 for an answer, which is left in ${*ret_response}. */
static struct fault
ask(const struct http_request *request, struct http_response *ret_response)
{
	struct fault fault = { 0 };

	if (http_exchange(http, request, ret_response, &fault))
		fault.code = 0;
	return fault;
}

static const struct http_request get = {
	.method = "GET", .url = "https://good.test/path?secret-query", .timeout_ms = 5000,
};

static struct fault
ask_in_vain(const struct http_request *request)
{
	struct http_response response = { 0 };
	struct fault fault = ask(request, &response);

	assert_int_not_equal(fault.code, 0);
	assert_null(response.body);
	assert_null(strstr(fault.text, "secret-query"));
	return fault;
}

static void
an_answer_comes_whole_with_its_headers(void **state)
{
	SCOPE(http_response) struct http_response response = { 0 };

	(void)state;
	begin(TLSSERVER_GOOD, TLSSERVER_ANSWER, OK);
	assert_int_equal(ask(&get, &response).code, 0);
	assert_int_equal(response.status, 200);
	assert_string_equal(response.body, "ok");
	assert_string_equal(http_header(&response, "X-ONE", 0), "a");
	assert_string_equal(http_header(&response, "x-one", 1), "b");
	assert_null(http_header(&response, "x-one", 2));
	assert_null(http_header(&response, "x-on", 0));
	assert_non_null(strstr(server.last_request, "GET /path?secret-query HTTP/1.1\r\nHost: good.test\r\n"));
	assert_non_null(strstr(server.last_request, "User-Agent: keyturn/"));
	assert_null(strstr(server.last_request, "Cookie"));
	end();
}

static void
body_headers_and_bearer_go_out(void **state)
{
	SCOPE(http_response) struct http_response response = { 0 };
	SCOPE(secret) struct secret *token = NULL;
	const struct http_header headers[] = { { "Content-Type", "application/json" }, { NULL, NULL } };
	struct http_request request = get;

	(void)state;
	begin(TLSSERVER_GOOD, TLSSERVER_ANSWER, OK);
	assert_true(secret_new("t0ken", 5, &token, NULL));
	request.method = "PATCH";
	request.headers = headers;
	request.body = "{\"a\":1}";
	request.body_size = 7;
	request.bearer = token;
	assert_int_equal(ask(&request, &response).code, 0);
	assert_non_null(strstr(server.last_request, "PATCH /path"));
	assert_non_null(strstr(server.last_request, "\r\nAuthorization: Bearer t0ken\r\n"));
	assert_non_null(strstr(server.last_request, "\r\nContent-Length: 7\r\n"));
	assert_non_null(strstr(server.last_request, "\r\n\r\n{\"a\":1}"));
	assert_null(strstr(server.last_request, "Expect"));
	end();
}

static void
a_redirect_is_an_answer_and_is_not_followed(void **state)
{
	SCOPE(http_response) struct http_response response = { 0 };

	(void)state;
	begin(TLSSERVER_GOOD, TLSSERVER_ANSWER,
	    "HTTP/1.1 302 Found\r\nLocation: https://away.test/\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(ask(&get, &response).code, 0);
	assert_int_equal(response.status, 302);
	assert_int_equal(server.requests, 1);
	end();
}

static void
a_server_that_is_not_who_it_should_be_gets_no_request(void **state)
{
	static const struct {
		enum tlsserver_identity identity;
		const char *told;
	} cases[] = {
		{ TLSSERVER_OTHER_HOST, "curl error 60" },
		{ TLSSERVER_EXPIRED, "expired" },
		{ TLSSERVER_STRANGER, "curl error 60" },
		{ TLSSERVER_OLD_TLS, "TLS 1.2 or later" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fault fault;

		begin(cases[i].identity, TLSSERVER_ANSWER, OK);
		fault = ask_in_vain(&get);
		if (fault.code != FAULT_UNAVAILABLE || strstr(fault.text, cases[i].told) == NULL ||
		    strstr(fault.text, "good.test") == NULL)
			fail_msg("case %zu: %s", i, fault.text);
		assert_int_equal(server.requests, 0);
		end();
	}
}

static void
what_cannot_be_reached_was_never_sent(void **state)
{
	static const char *const places[] = { "good.test:443:127.0.0.1:1", NULL };
	const struct curl_options options = { .connect_to = places, .proxy = "" };
	const struct curl_options nowhere = { .proxy = "" };
	struct http_request request = get;
	struct fault fault = { 0 };

	(void)state;
	assert_true(curl_http_open(&options, &http, &fault));
	fault = ask_in_vain(&get);
	assert_int_equal(fault.code, FAULT_UNAVAILABLE);
	assert_non_null(strstr(fault.text, "firewall"));
	http_close(http);
	assert_true(curl_http_open(&nowhere, &http, &fault));
	request.url = "https://no-such-host.invalid/";
	fault = ask_in_vain(&request);
	assert_int_equal(fault.code, FAULT_UNAVAILABLE);
	assert_non_null(strstr(fault.text, "DNS"));
	http_close(http);
}

static void
a_request_without_an_answer_is_unknown(void **state)
{
	static const enum tlsserver_manner manners[] = { TLSSERVER_CUT, TLSSERVER_HANG, TLSSERVER_DRIP };

	(void)state;
	for (size_t i = 0; i < sizeof manners / sizeof manners[0]; i++) {
		struct http_request request = get;
		struct fault fault;

		begin(TLSSERVER_GOOD, manners[i], NULL);
		request.timeout_ms = 700;
		request.once = true;
		fault = ask_in_vain(&request);
		if (fault.code != FAULT_UNKNOWN || strstr(fault.text, "was sent") == NULL)
			fail_msg("case %zu: %s", i, fault.text);
		assert_int_equal(server.requests, 1);
		end();
	}
}

/* libcurl by itself repeats a request that dies on a reused connection; what must not go out twice may not ride on one. */
static void
what_goes_out_once_is_not_repeated_on_a_dead_connection(void **state)
{
	struct http_response response = { 0 };
	struct http_request put = get;

	(void)state;
	begin(TLSSERVER_GOOD, TLSSERVER_CUT_SECOND, OK);
	assert_int_equal(ask(&get, &response).code, 0);
	http_response_clear(&response);
	assert_int_equal(ask(&get, &response).code, 0);
	http_response_clear(&response);
	assert_int_equal(server.requests, 3);
	put.method = "PUT";
	put.body = "x";
	put.body_size = 1;
	put.once = true;
	assert_int_equal(ask(&put, &response).code, 0);
	http_response_clear(&response);
	assert_int_equal(server.requests, 4);
	server.manner = TLSSERVER_CUT;
	assert_int_equal(ask_in_vain(&put).code, FAULT_UNKNOWN);
	assert_int_equal(server.requests, 5);
	end();
}

static void
an_answer_beyond_its_cap_is_cut_off(void **state)
{
	static const enum tlsserver_manner manners[] = { TLSSERVER_ENDLESS_BODY, TLSSERVER_ENDLESS_HEADERS };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct http_request request = get;
		struct fault fault;

		begin(TLSSERVER_GOOD, manners[i], NULL);
		request.response_max = 100000;
		fault = ask_in_vain(&request);
		assert_int_equal(fault.code, FAULT_PROTOCOL);
		assert_non_null(strstr(fault.text, "100000"));
		end();
	}
}

static void
an_answer_of_exactly_its_cap_is_taken(void **state)
{
	struct http_response response = { 0 };
	struct http_request request = get;

	(void)state;
	begin(TLSSERVER_GOOD, TLSSERVER_ANSWER, OK);
	request.response_max = 2;
	assert_int_equal(ask(&request, &response).code, 0);
	http_response_clear(&response);
	request.response_max = 1;
	assert_int_equal(ask_in_vain(&request).code, FAULT_PROTOCOL);
	end();
}

static void
what_is_no_http_is_no_answer(void **state)
{
	enum fault_code code;

	(void)state;
	begin(TLSSERVER_GOOD, TLSSERVER_ANSWER, "banana\r\n\r\n");
	code = ask_in_vain(&get).code;
	assert_true(code == FAULT_PROTOCOL || code == FAULT_UNKNOWN);
	end();
}

static void
requests_that_would_break_the_rules_are_not_sent(void **state)
{
	static const char *const urls[] = {
		"http://good.test/", "ftp://good.test/", "https://user:pw@good.test/", "https://good.test/a b",
		"https://good.test/\r\nX: y", "good.test", "file:///etc/passwd",
	};
	const struct http_header headers[] = { { "X-Name", "a\r\nX-Other: b" }, { NULL, NULL } };
	struct http_request request = get;

	(void)state;
	begin(TLSSERVER_GOOD, TLSSERVER_ANSWER, OK);
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		request.url = urls[i];
		assert_int_equal(ask_in_vain(&request).code, FAULT_DATA);
	}
	request = get;
	request.headers = headers;
	assert_int_equal(ask_in_vain(&request).code, FAULT_DATA);
	assert_int_equal(server.requests, 0);
	end();
}

static void
an_empty_proxy_overrides_the_environment(void **state)
{
	struct http_response response = { 0 };
	struct fault fault = { 0 };

	(void)state;
	setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1);
	begin(TLSSERVER_GOOD, TLSSERVER_ANSWER, OK);
	assert_int_equal(ask(&get, &response).code, 0);
	http_response_clear(&response);
	http_close(http);
	const struct curl_options options = { .ca_file = server.ca_file };

	assert_true(curl_http_open(&options, &http, &fault));
	assert_int_equal(ask_in_vain(&get).code, FAULT_UNAVAILABLE);
	unsetenv("HTTPS_PROXY");
	end();
}

static void
a_missing_ca_file_is_told_when_opened(void **state)
{
	const struct curl_options options = { .ca_file = "/nonexistent/ca.pem" };
	struct http *other = NULL;
	struct fault fault = { 0 };

	(void)state;
	assert_false(curl_http_open(&options, &other, &fault));
	assert_int_equal(fault.code, FAULT_SETTINGS);
	assert_null(other);
}

/* Last, since a process that was asked to stop stays so. */
static void
a_stop_ends_what_is_under_way_and_begins_nothing(void **state)
{
	(void)state;
	begin(TLSSERVER_GOOD, TLSSERVER_HANG, NULL);
	server.on_request = clock_stop;
	assert_int_equal(ask_in_vain(&get).code, FAULT_UNKNOWN);
	assert_true(clock_stopped());
	assert_int_equal(ask_in_vain(&get).code, FAULT_STOPPED);
	assert_int_equal(server.requests, 1);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_comes_whole_with_its_headers),
		cmocka_unit_test(body_headers_and_bearer_go_out),
		cmocka_unit_test(a_redirect_is_an_answer_and_is_not_followed),
		cmocka_unit_test(a_server_that_is_not_who_it_should_be_gets_no_request),
		cmocka_unit_test(what_cannot_be_reached_was_never_sent),
		cmocka_unit_test(a_request_without_an_answer_is_unknown),
		cmocka_unit_test(what_goes_out_once_is_not_repeated_on_a_dead_connection),
		cmocka_unit_test(an_answer_beyond_its_cap_is_cut_off),
		cmocka_unit_test(an_answer_of_exactly_its_cap_is_taken),
		cmocka_unit_test(what_is_no_http_is_no_answer),
		cmocka_unit_test(requests_that_would_break_the_rules_are_not_sent),
		cmocka_unit_test(an_empty_proxy_overrides_the_environment),
		cmocka_unit_test(a_missing_ca_file_is_told_when_opened),
		cmocka_unit_test(a_stop_ends_what_is_under_way_and_begins_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
