/* How Azure's errors become faults. */
#include "envelope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

/* The fault that an answer makes. */
static struct fault
fault_of(long status, const char *body)
{
	struct http_response response = { .status = status };
	struct envelope envelope;
	struct fault fault = { 0 };

	assert_true(http_add_header(&response, "x-ms-request-id: req-1", 22));
	assert_true(http_add_body(&response, body, strlen(body)));
	envelope_parse(&response, &envelope);
	assert_false(envelope_fault(&envelope, "Read key x", &fault));
	http_response_clear(&response);
	return fault;
}

static void
each_known_error_has_its_code_and_advice(void **state)
{
	static const struct {
		long status;
		const char *body;
		enum fault_code code;
		const char *told, *advice;
	} cases[] = {
		{ 403, "{\"error\":{\"code\":\"Forbidden\",\"message\":\"Caller is not authorized\\r\\nAction: 'x'\",\"innererror\":"
		  "{\"code\":\"ForbiddenByRbac\"}}}", FAULT_PERMISSION,
		  "HTTP 403 Forbidden/ForbiddenByRbac: Caller is not authorized Action: 'x' (x-ms-request-id req-1)", "Crypto Officer" },
		{ 403, "{\"error\":{\"code\":\"Forbidden\",\"message\":\"m\",\"innererror\":{\"code\":\"ForbiddenByFirewall\"}}}",
		  FAULT_PERMISSION, "ForbiddenByFirewall", "firewall" },
		{ 403, "{\"error\":{\"code\":\"Forbidden\",\"message\":\"m\",\"innererror\":{\"code\":\"ForbiddenByConnection\"}}}",
		  FAULT_PERMISSION, "ForbiddenByConnection", "private endpoint" },
		{ 403, "{\"error\":{\"code\":\"Forbidden\",\"message\":\"m\",\"innererror\":{\"code\":\"ForbiddenByPolicy\"}}}",
		  FAULT_PERMISSION, "ForbiddenByPolicy", "access policy" },
		{ 403, "{\"error\":{\"code\":\"Forbidden\",\"message\":\"m\",\"innererror\":{\"code\":\"KeyDisabled\"}}}",
		  FAULT_REFUSED, "KeyDisabled", "enable this key version" },
		{ 409, "{\"error\":{\"code\":\"Conflict\",\"message\":\"m\",\"innererror\":{\"code\":\"ObjectIsDeletedButRecoverable\"}}}",
		  FAULT_REFUSED, "ObjectIsDeletedButRecoverable", "recover the deleted key" },
		{ 409, "{\"error\":{\"code\":\"Conflict\",\"message\":\"m\",\"innererror\":{\"code\":\"ObjectIsBeingRecovered\"}}}",
		  FAULT_RETRY, "ObjectIsBeingRecovered", "some minutes" },
		{ 401, "{\"error\":{\"code\":\"Unauthorized\",\"message\":\"AKV10022: Invalid audience. Expected a, found: b.\"}}",
		  FAULT_PERMISSION, "AKV10022: Invalid audience", "another audience" },
		{ 401, "{\"error\":{\"code\":\"Unauthorized\",\"message\":\"[TokenExpired] AKV10032: Invalid issuer.\"}}",
		  FAULT_PERMISSION, "AKV10032", "another tenant" },
		{ 429, "{\"error\":{\"code\":\"Throttled\",\"message\":\"m\"}}", FAULT_RETRY, "HTTP 429 Throttled", "try again later" },
		{ 403, "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"m\"}}", FAULT_PERMISSION, "AuthorizationFailed", "role" },
		{ 403, "{\"error\":{\"code\":\"LinkedAuthorizationFailed\",\"message\":\"m\"}}", FAULT_PERMISSION, "Linked",
		  "Managed Identity Operator" },
		{ 403, "{\"error\":{\"code\":\"RequestDisallowedByPolicy\",\"message\":\"m\",\"additionalInfo\":[]}}", FAULT_REFUSED,
		  "RequestDisallowedByPolicy", "Azure Policy" },
		{ 409, "{\"error\":{\"code\":\"ScopeLocked\",\"message\":\"m\"}}", FAULT_REFUSED, "ScopeLocked", "lock" },
		{ 409, "{\"error\":{\"code\":\"AnotherOperationInProgress\",\"message\":\"m\"}}", FAULT_RETRY, "AnotherOperation",
		  "under way" },
		{ 400, "{\"error\":{\"code\":\"BadRequest\",\"message\":\"\",\"details\":[{\"code\":\"InvalidKey\",\"message\":\"no\"}]}}",
		  FAULT_REFUSED, "HTTP 400 BadRequest/InvalidKey: no", "" },
		{ 401, "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid client secret provided.\\r\\nTrace ID: "
		  "x\",\"error_codes\":[7000215]}", FAULT_PERMISSION, "HTTP 401 invalid_client/AADSTS7000215: AADSTS7000215: Invalid client "
		  "secret provided. Trace ID: x", "secret's value" },
		{ 400, "{\"error\":\"invalid_request\",\"error_description\":\"AADSTS90002: Tenant not found.\"}", FAULT_PERMISSION,
		  "AADSTS90002", "which cloud" },
		{ 503, "{\"error\":\"temporarily_unavailable\"}", FAULT_UNAVAILABLE, "temporarily_unavailable", "busy" },
		{ 404, "{\"error\":{\"code\":\"KeyNotFound\",\"message\":\"m\",\"innererror\":null}}", FAULT_NOT_FOUND, "KeyNotFound", "" },
		{ 500, "<html>\n<b>Bad</b> gateway</html>", FAULT_UNAVAILABLE, "HTTP 500: <html> <b>Bad</b> gateway</html>", "" },
		{ 401, "OK", FAULT_PERMISSION, "HTTP 401: OK", "" },
		{ 418, "[]", FAULT_REFUSED, "HTTP 418 (x-ms-request-id req-1)", "" },
		{ 302, "{}", FAULT_PROTOCOL, "HTTP 302", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fault fault = fault_of(cases[i].status, cases[i].body);

		if (fault.code != cases[i].code || strstr(fault.text, cases[i].told) == NULL ||
		    strstr(fault.text, cases[i].advice) == NULL || strncmp(fault.text, "Read key x: HTTP", 16) != 0)
			fail_msg("case %zu: %s: %s", i, fault_code_name(fault.code), fault.text);
	}
}

static void
the_number_of_a_longer_code_is_not_taken_for_a_shorter_one(void **state)
{
	struct fault fault = fault_of(401, "{\"error\":\"x\",\"error_description\":\"AADSTS7000219: new\"}");

	(void)state;
	assert_null(strstr(fault.text, "What to do"));
}

static void
deep_inner_errors_give_the_innermost_code(void **state)
{
	struct http_response response = { .status = 403 };
	static const char body[] = "{\"error\":{\"code\":\"A\",\"innererror\":{\"code\":\"B\",\"innererror\":{\"code\":\"C\"}}}}";
	struct envelope envelope;

	(void)state;
	assert_true(http_add_body(&response, body, sizeof body - 1));
	envelope_parse(&response, &envelope);
	assert_true(envelope_is(&envelope, "a") && envelope_is(&envelope, "C"));
	assert_false(envelope_is(&envelope, "B"));
	http_response_clear(&response);
}

static void
a_long_message_is_cut_between_characters(void **state)
{
	char body[4000] = "{\"error\":{\"code\":\"X\",\"message\":\"";
	struct fault fault;

	(void)state;
	for (int i = 0; i < 700; i++)
		strcat(body, "ü");
	strcat(body, "\"}}");
	fault = fault_of(400, body);
	assert_non_null(strstr(fault.text, "ü…"));
	assert_true(strlen(fault.text) < 900);
	assert_null(strstr(fault.text, "\xC3\xE2"));
}

static void
the_body_of_a_secret_answer_is_never_quoted(void **state)
{
	struct http_response response = { .status = 500, .sensitive = true };
	struct envelope envelope;
	struct fault fault = { 0 };

	(void)state;
	assert_true(http_add_body(&response, "canary", 6));
	envelope_parse(&response, &envelope);
	envelope_fault(&envelope, "x", &fault);
	assert_null(strstr(fault.text, "canary"));
	http_response_clear(&response);
}

/* A proxy's page in Latin-1, and such a request id: the sentence is text all the same, and is cut at whole characters. */
static void
bytes_that_are_not_utf8_are_replaced(void **state)
{
	struct http_response response = { .status = 502 };
	struct envelope envelope;
	char body[1000];

	(void)state;
	assert_true(http_add_header(&response, "x-ms-request-id: r\xFC" "1", 20));
	assert_true(http_add_body(&response, "Zur\xFC" "ck", 6));
	envelope_parse(&response, &envelope);
	assert_string_equal(envelope.message, "Zur\xEF\xBF\xBD" "ck");
	assert_string_equal(envelope.request_id, "x-ms-request-id r\xEF\xBF\xBD" "1");
	http_response_clear(&response);

	/* Two bytes each, at an odd place. */
	memset(body, 'x', sizeof body);
	for (size_t i = 1; i + 1 < sizeof body; i += 2)
		memcpy(body + i, "\xC3\xBC", 2);
	response = (struct http_response){ .status = 502 };
	assert_true(http_add_body(&response, body, sizeof body));
	envelope_parse(&response, &envelope);
	assert_non_null(strstr(envelope.message, "\xC3\xBC\xE2\x80\xA6"));
	http_response_clear(&response);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_known_error_has_its_code_and_advice),
		cmocka_unit_test(the_number_of_a_longer_code_is_not_taken_for_a_shorter_one),
		cmocka_unit_test(deep_inner_errors_give_the_innermost_code),
		cmocka_unit_test(a_long_message_is_cut_between_characters),
		cmocka_unit_test(the_body_of_a_secret_answer_is_never_quoted),
		cmocka_unit_test(bytes_that_are_not_utf8_are_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
