/* What a 401 says about the token it wants, and whom to believe. */
#include "challenge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static void
the_known_forms_are_read(void **state)
{
	static const struct {
		const char *value, *tenant, *scope, *authority;
	} cases[] = {
		{ "Bearer authorization=\"https://login.windows.net/t-1\", resource=\"https://vault.azure.net\"",
		  "t-1", "https://vault.azure.net/.default", "vault.azure.net" },
		{ "Bearer authorization_uri=\"https://login.microsoftonline.com/t-2/v2.0\",resource=\"https://managedhsm.azure.net/\"",
		  "t-2", "https://managedhsm.azure.net/.default", "managedhsm.azure.net" },
		{ "bearer  scope=\"https://vault.azure.cn/.default\" , authorization=\"https://login.chinacloudapi.cn/t-3\"",
		  "t-3", "https://vault.azure.cn/.default", "vault.azure.cn" },
		{ "Bearer resource=\"https://a.example\", scope=\"https://b.example/.default\"",
		  "", "https://b.example/.default", "b.example" },
		{ "Bearer realm=\"\", error=insufficient_claims, claims=\"e30=\"", "", "", "" },
		{ "Bearer resource=\"https://VAULT.Azure.NET:8443\"", "", "https://VAULT.Azure.NET:8443/.default",
		  "vault.azure.net:8443" },
		{ "Bearer authorization=\"http://plain.example/t\", resource=\"ftp://x\"", "", "ftp://x/.default", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct challenge challenge;

		assert_true(challenge_parse(cases[i].value, &challenge));
		assert_string_equal(challenge.tenant, cases[i].tenant);
		assert_string_equal(challenge.scope, cases[i].scope);
		assert_string_equal(challenge.authority, cases[i].authority);
	}
}

static void
other_schemes_and_broken_text_are_no_challenge(void **state)
{
	static const char *const values[] = {
		"", "Basic realm=\"x\"", "Bearer", "BearerX a=\"b\"", "Bearer resource=\"https://open.example",
		"Bearer =\"x\"", "Bearer resource", "Bearer \"x\"",
	};
	struct challenge challenge;

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		if (challenge_parse(values[i], &challenge))
			fail_msg("taken: %s", values[i]);
}

static void
an_overlong_value_is_cut_and_does_no_harm(void **state)
{
	char value[2000];
	struct challenge challenge;

	(void)state;
	strcpy(value, "Bearer claims=\"");
	memset(value + strlen(value), 'A', 1500);
	strcpy(value + 15 + 1500, "\", resource=\"https://vault.azure.net\"");
	assert_true(challenge_parse(value, &challenge));
	assert_string_equal(challenge.authority, "vault.azure.net");
}

static void
the_bearer_challenge_is_found_among_others(void **state)
{
	struct http_response response = { 0 };
	struct challenge challenge;

	(void)state;
	assert_true(http_add_header(&response, "WWW-Authenticate: Negotiate", 27));
	assert_false(challenge_find(&response, &challenge));
	assert_true(http_add_header(&response, "www-authenticate: Bearer error=\"invalid_token\"\r\n", 48));
	assert_true(challenge_find(&response, &challenge));
	assert_string_equal(challenge.error, "invalid_token");
	http_response_clear(&response);
}

static void
a_host_must_lie_below_the_resource_with_a_dot_between(void **state)
{
	static const struct {
		const char *resource, *host;
		bool fits;
	} cases[] = {
		{ "vault.azure.net", "hospital.vault.azure.net", true },
		{ "vault.azure.net", "HOSPITAL.Vault.Azure.Net", true },
		{ "vault.azure.net", "evilvault.azure.net", false },
		{ "vault.azure.net", "vault.azure.net", false },
		{ "vault.azure.net", ".vault.azure.net", false },
		{ "vault.azure.net", "hospital.vault.azure.net.evil.example", false },
		{ "vault.example.test:8443", "kv1.vault.example.test:8443", true },
		{ "vault.example.test:8443", "kv1.vault.example.test", false },
		{ "", "hospital.vault.azure.net", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct challenge challenge = { .tenant = "" };

		strcpy(challenge.authority, cases[i].resource);
		if (challenge_fits(&challenge, cases[i].host) != cases[i].fits)
			fail_msg("%s below %s", cases[i].host, cases[i].resource);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_known_forms_are_read),
		cmocka_unit_test(other_schemes_and_broken_text_are_no_challenge),
		cmocka_unit_test(an_overlong_value_is_cut_and_does_no_harm),
		cmocka_unit_test(the_bearer_challenge_is_found_among_others),
		cmocka_unit_test(a_host_must_lie_below_the_resource_with_a_dot_between),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
