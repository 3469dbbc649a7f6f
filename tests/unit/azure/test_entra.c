/* When a token is asked for, kept, renewed, and not asked for. */
#include "entra.h"
#include "scripted.h"
#include "secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static struct scripted script;
static struct entra *entra;

static const char scope[] = "https://vault.azure.net/.default";

static int
begin(void **state)
{
	struct fault fault = { 0 };

	(void)state;
	scripted_begin(&script, NULL, 0);
	return entra_open(&script.options, &script.port, &script.clock, &entra, &fault) ? 0 : -1;
}

static int
end(void **state)
{
	(void)state;
	entra_close(entra);
	scripted_end(&script);
	return 0;
}

/* Want this token for ${of}. */
static void
expect_token(const char *of, const char *want)
{
	const struct secret *token = NULL;
	struct fault fault = { 0 };

	if (!entra_token(entra, of, &token, &fault))
		fail_msg("%s", fault.text);
	assert_string_equal(secret_text(token), want);
}

static struct fault
expect_none(enum fault_code code)
{
	const struct secret *token = NULL;
	struct fault fault = { 0 };

	assert_false(entra_token(entra, scope, &token, &fault));
	assert_int_equal(fault.code, code);
	assert_null(token);
	return fault;
}

static void
pass(int64_t seconds)
{
	script.wall_ms += seconds * 1000;
	script.monotonic_ms += seconds * 1000;
}

static void
the_form_is_encoded_and_complete(void **state)
{
	(void)state;
	expect_token(scope, "token-1");
	assert_string_equal(script.token_form, "client_id=66666666-7777-8888-9999-000000000000"
	    "&grant_type=client_credentials&scope=https%3A%2F%2Fvault.azure.net%2F.default"
	    "&client_secret=canary%2Bsecret%2F%26%3D");
}

static void
a_token_is_kept_for_its_scope_and_renewed_five_minutes_early(void **state)
{
	(void)state;
	expect_token(scope, "token-1");
	expect_token("https://management.azure.com/.default", "token-2");
	pass(3299);
	expect_token(scope, "token-1");
	pass(2);
	expect_token(scope, "token-3");
	assert_int_equal(script.token_count, 3);
}

static void
a_long_lived_token_is_renewed_at_half_its_life(void **state)
{
	(void)state;
	script.token_life_s = 86400;
	expect_token(scope, "token-1");
	pass(43199);
	expect_token(scope, "token-1");
	pass(1);
	expect_token(scope, "token-2");
}

static void
the_servers_wish_to_renew_comes_first(void **state)
{
	(void)state;
	script.token_answer = "{\"access_token\":\"a\",\"expires_in\":\"3600\",\"refresh_in\":\"600\"}";
	expect_token(scope, "a");
	pass(599);
	expect_token(scope, "a");
	assert_int_equal(script.token_count, 1);
	pass(1);
	expect_token(scope, "a");
	assert_int_equal(script.token_count, 2);
}

static void
the_wall_clock_has_no_say(void **state)
{
	(void)state;
	expect_token(scope, "token-1");
	script.wall_ms += INT64_C(1000) * 86400 * 365;
	expect_token(scope, "token-1");
	script.wall_ms = 0;
	expect_token(scope, "token-1");
}

static void
the_old_token_bridges_an_outage_until_it_ends(void **state)
{
	(void)state;
	expect_token(scope, "token-1");
	pass(3400);
	script.token_status = 500;
	expect_token(scope, "token-1");
	pass(160);
	expect_token(scope, "token-1");
	pass(15);
	expect_none(FAULT_UNAVAILABLE);
}

static void
after_a_failure_nothing_is_asked_for_five_seconds(void **state)
{
	(void)state;
	script.token_fault = FAULT_STOPPED;
	expect_none(FAULT_STOPPED);
	script.token_fault = FAULT_PROTOCOL;
	expect_none(FAULT_PROTOCOL);
	expect_none(FAULT_PROTOCOL);
	assert_int_equal(script.token_count, 2);
	script.token_fault = 0;
	pass(4);
	expect_none(FAULT_PROTOCOL);
	pass(1);
	expect_token(scope, "token-3");
}

static void
a_refusal_is_repeated_from_memory_for_a_minute(void **state)
{
	struct fault fault;

	(void)state;
	script.token_status = 401;
	script.token_answer = "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000222: expired\",\"error_codes\":[7000222]}";
	fault = expect_none(FAULT_PERMISSION);
	assert_non_null(strstr(fault.text, "AADSTS7000222"));
	assert_null(strstr(fault.text, "canary"));
	pass(59);
	expect_none(FAULT_PERMISSION);
	assert_int_equal(script.token_count, 1);
	pass(1);
	expect_none(FAULT_PERMISSION);
	assert_int_equal(script.token_count, 2);
}

static void
a_dropped_token_is_asked_for_anew(void **state)
{
	(void)state;
	expect_token(scope, "token-1");
	entra_drop(entra, "another");
	expect_token(scope, "token-1");
	entra_drop(entra, scope);
	expect_token(scope, "token-2");
}

static void
answers_that_are_no_token_are_refused(void **state)
{
	static const char *const answers[] = {
		"{}", "[]", "nonsense", "{\"access_token\":\"a\"}", "{\"access_token\":\"\",\"expires_in\":5}",
		"{\"access_token\":\"a\\nb\",\"expires_in\":3600}", "{\"access_token\":\"a\",\"expires_in\":-1}",
		"{\"access_token\":\"a\",\"expires_in\":\"1h\"}", "{\"access_token\":7,\"expires_in\":3600}",
		"{\"access_token\":\"a\",\"access_token\":\"b\",\"expires_in\":3600}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		script.token_answer = answers[i];
		expect_none(FAULT_PROTOCOL);
		pass(10);
	}
}

/* {"oid":"0b"} in the middle of three parts. */
static void
the_object_id_is_read_from_a_jwt(void **state)
{
	(void)state;
	expect_token(scope, "token-1");
	assert_string_equal(entra_object_id(entra), "");
	entra_drop(entra, scope);
	script.token_answer = "{\"access_token\":\"e30.eyJvaWQiOiIwYiJ9.c2ln\",\"expires_in\":3600}";
	expect_token(scope, "e30.eyJvaWQiOiIwYiJ9.c2ln");
	assert_string_equal(entra_object_id(entra), "0b");
}

static void
settings_that_cannot_work_are_told_at_once(void **state)
{
	struct azure_options options = script.options;
	struct entra *other = NULL;
	struct fault fault = { 0 };

	(void)state;
	options.credential = "password";
	assert_false(entra_open(&options, &script.port, &script.clock, &other, &fault));
	assert_int_equal(fault.code, FAULT_SETTINGS);
	assert_non_null(strstr(fault.text, "client-secret"));
	options = script.options;
	options.client_secret_file = NULL;
	assert_false(entra_open(&options, &script.port, &script.clock, &other, &fault));
	assert_int_equal(fault.code, FAULT_SETTINGS);
	options = script.options;
	options.client_id = "a&b";
	assert_false(entra_open(&options, &script.port, &script.clock, &other, &fault));
	assert_null(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_form_is_encoded_and_complete, begin, end),
		cmocka_unit_test_setup_teardown(a_token_is_kept_for_its_scope_and_renewed_five_minutes_early, begin, end),
		cmocka_unit_test_setup_teardown(a_long_lived_token_is_renewed_at_half_its_life, begin, end),
		cmocka_unit_test_setup_teardown(the_servers_wish_to_renew_comes_first, begin, end),
		cmocka_unit_test_setup_teardown(the_wall_clock_has_no_say, begin, end),
		cmocka_unit_test_setup_teardown(the_old_token_bridges_an_outage_until_it_ends, begin, end),
		cmocka_unit_test_setup_teardown(after_a_failure_nothing_is_asked_for_five_seconds, begin, end),
		cmocka_unit_test_setup_teardown(a_refusal_is_repeated_from_memory_for_a_minute, begin, end),
		cmocka_unit_test_setup_teardown(a_dropped_token_is_asked_for_anew, begin, end),
		cmocka_unit_test_setup_teardown(answers_that_are_no_token_are_refused, begin, end),
		cmocka_unit_test_setup_teardown(the_object_id_is_read_from_a_jwt, begin, end),
		cmocka_unit_test_setup_teardown(settings_that_cannot_work_are_told_at_once, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
