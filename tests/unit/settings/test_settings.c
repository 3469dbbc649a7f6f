#include "settings.h"

#include "document.h"
#include "problems.h"
#include "scope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define ID "00000000-1111-2222-3333-444444444444"

static const char sample[] =
    "{\n"
    "  \"rehearsal\": true,\n"
    "  \"state\": \"state\", \"policies\": \"/srv/policies\", \"settling\": \"PT2S\",\n"
    "  \"tokens\": [ { \"uri\": \"pkcs11:token=hospital\", \"module\": \"/lib/hsm.so\", \"pin_file\": \"pin\",\n"
    "                \"enrolled_keks\": \"keks\", \"module_arguments\": \"x=y\", \"accept_zero_padded\": true } ],\n"
    "  \"azure\": { \"tenant\": \"hospital.example\",\n"
    "             \"credential\": { \"kind\": \"client-secret\", \"client_id\": \"" ID "\", \"client_secret_file\": \"secret\" },\n"
    "             \"connect_to\": [ \"::127.0.0.1:8443\", \"a.example:443:[::1]:1\" ], \"ca_file\": \"ca.pem\", \"proxy\": \"\" }\n"
    "}\n";

static bool
parse(const char *text, struct settings **ret_settings, struct problems *problems, struct fault *fault)
{
	return settings_parse(&(struct document_text){ "agent.json", text, strlen(text) }, "/etc/keyturn", ret_settings, problems, fault);
}

static struct settings *
expect_good(const char *text)
{
	SCOPE(problems) struct problems problems = { 0 };
	struct settings *settings = NULL;
	struct fault fault = { 0 };

	if (!parse(text, &settings, &problems, &fault))
		fail_msg("%s", fault.text);
	return settings;
}

/* The sample with the one place of ${old} made ${new}; the caller frees it. */
static char *
edit(const char *old, const char *new)
{
	const char *place = strstr(sample, old);
	char *result = NULL;

	assert_non_null(place);
	assert_null(strstr(place + 1, old));
	assert_true(asprintf(&result, "%.*s%s%s", (int)(place - sample), sample, new, place + strlen(old)) >= 0);
	return result;
}

static void
every_member_reaches_its_room(void **state)
{
	SCOPE(settings) struct settings *settings = expect_good(sample);
	const struct token_options *token = settings_token(settings, "pkcs11:token=hospital");

	(void)state;
	assert_string_equal(settings->file, "agent.json");
	assert_true(settings->rehearsal);
	assert_string_equal(settings->state, "/etc/keyturn/state");
	assert_string_equal(settings->policies, "/srv/policies");
	assert_int_equal(settings->settling_ms, 2000);
	assert_string_equal(settings->journal.directory, "/etc/keyturn/state");
	assert_true(settings->journal.rehearsal);
	assert_string_equal(settings->journal.program, "keyturn " KEYTURN_VERSION);

	/* The token, and that no other answers to its name. */
	assert_int_equal(settings->token_count, 1);
	assert_ptr_equal(token, settings->tokens);
	assert_null(settings_token(settings, "pkcs11:token=clinic"));
	assert_string_equal(settings->token_uris[0], "pkcs11:token=hospital");
	assert_string_equal(token->module_path, "/lib/hsm.so");
	assert_string_equal(token->pin_file, "/etc/keyturn/pin");
	assert_string_equal(token->enrolled_file, "/etc/keyturn/keks");
	assert_string_equal(token->module_arguments, "x=y");
	assert_null(token->allowed_kek);
	assert_true(token->accept_zero_padded);

	/* Azure, and the way there. */
	assert_true(settings->has_azure);
	assert_string_equal(settings->azure.tenant, "hospital.example");
	assert_string_equal(settings->azure.credential, "client-secret");
	assert_string_equal(settings->azure.client_id, ID);
	assert_string_equal(settings->azure.client_secret_file, "/etc/keyturn/secret");
	assert_string_equal(settings->curl.connect_to[0], "::127.0.0.1:8443");
	assert_string_equal(settings->curl.connect_to[1], "a.example:443:[::1]:1");
	assert_null(settings->curl.connect_to[2]);
	assert_string_equal(settings->curl.ca_file, "/etc/keyturn/ca.pem");
	assert_string_equal(settings->curl.proxy, "");
	assert_null(settings->curl.user_agent);
}

static void
an_empty_object_has_the_defaults(void **state)
{
	SCOPE(settings) struct settings *settings = expect_good("{}");

	(void)state;
	assert_false(settings->rehearsal);
	assert_string_equal(settings->state, "/var/lib/keyturn");
	assert_string_equal(settings->policies, "/etc/keyturn/policies.d");
	assert_int_equal(settings->token_count, 0);
	assert_null(settings->token_uris[0]);
	assert_false(settings->has_azure);
	assert_int_equal(settings->settling_ms, 0);
	assert_null(settings->curl.connect_to);
	assert_null(settings->curl.proxy);
}

static void
without_a_cloud_the_endpoints_are_those_of_the_public_one(void **state)
{
	SCOPE(settings) struct settings *settings = expect_good(sample);

	(void)state;
	assert_string_equal(settings->cloud, "AzureCloud");
	assert_string_equal(settings->azure.authority, "https://login.microsoftonline.com");
	assert_string_equal(settings->azure.arm_url, "https://management.azure.com");
	assert_string_equal(settings->azure.arm_scope, "https://management.azure.com/.default");
	assert_string_equal(settings->azure.vault_suffix, ".vault.azure.net");
	assert_string_equal(settings->azure.managed_hsm_suffix, ".managedhsm.azure.net");
	assert_string_equal(settings->azure.health_suffix, ".azurehealthcareapis.com");
	assert_string_equal(settings->azure.dicom_audience, "https://dicom.healthcareapis.azure.com");
}

static void
a_cloud_brings_its_endpoints_and_a_member_overrides_one(void **state)
{
	SCOPE(free) char *text = edit("\"tenant\"", "\"cloud\": \"AzureUSGovernment\", \"vault_suffix\": \".vault.localhost:8443\", \"tenant\"");
	SCOPE(settings) struct settings *settings = expect_good(text);

	(void)state;
	assert_string_equal(settings->azure.authority, "https://login.microsoftonline.us");
	assert_string_equal(settings->azure.arm_url, "https://management.usgovcloudapi.net");
	assert_string_equal(settings->azure.arm_scope, "https://management.core.usgovcloudapi.net/.default");
	assert_string_equal(settings->azure.vault_suffix, ".vault.localhost:8443");
	assert_string_equal(settings->azure.managed_hsm_suffix, ".managedhsm.usgovcloudapi.net");
	assert_null(settings->azure.dicom_audience);
}

static void
another_resource_manager_is_asked_for_its_own_token(void **state)
{
	SCOPE(free) char *text = edit("\"tenant\"", "\"arm_url\": \"https://management.localhost:8443\", \"tenant\"");
	SCOPE(settings) struct settings *settings = expect_good(text);

	(void)state;
	assert_string_equal(settings->azure.arm_url, "https://management.localhost:8443");
	assert_string_equal(settings->azure.arm_scope, "https://management.localhost:8443/.default");
}

static void
connect_to_may_be_one_text(void **state)
{
	SCOPE(free) char *text = edit("[ \"::127.0.0.1:8443\", \"a.example:443:[::1]:1\" ]", "\"::127.0.0.1:9\"");
	SCOPE(settings) struct settings *settings = expect_good(text);

	(void)state;
	assert_string_equal(settings->curl.connect_to[0], "::127.0.0.1:9");
	assert_null(settings->curl.connect_to[1]);
}

/* One edit of the sample and what must be said of it. */
static const struct {
	const char *old, *new, *problem;
} cases[] = {
	{ "\"proxy\": \"\" }\n}", "\"proxy\": \"\" }\n", "agent.json:10:1: this is not JSON: '}' expected near end of file; look for a missing or needless quote, "
	    "comma or bracket at or before this place" },
	{ "\"state\":", "\"stat\":", "agent.json:3:3: /stat: unknown member; did you mean \"state\"?" },
	{ "\"rehearsal\": true", "\"rehearsal\": true, \"rehearsal\": true",
	    "agent.json:2:22: /rehearsal: \"rehearsal\" stands more than once in its object; keep one of them" },
	{ "\"rehearsal\": true", "\"rehearsal\": \"yes\"", "agent.json:2:3: /rehearsal: \"rehearsal\" is \"yes\"; it must be true or false: whether this "
	    "is a rehearsal, which never shares a journal with the real thing" },
	{ "  \"rehearsal\": true,\n", "", "2 problems; the first: agent.json:2:50: /settling: \"settling\" is only taken with \"rehearsal\": true; Azure's own times "
	    "are known" },
	{ "  \"rehearsal\": true,\n  \"state\": \"state\", \"policies\": \"/srv/policies\", \"settling\": \"PT2S\",\n", "", "agent.json:6:14: /azure/connect_to: \"connect_to\" sends what is "
	    "meant for Azure elsewhere; it is only taken with \"rehearsal\": true" },
	{ "PT2S", "PT0S", "agent.json:3:50: /settling: \"settling\" is \"PT0S\"; it must be longer than nothing" },
	{ "\"pin_file\": \"pin\"", "\"pin_file\": \"pin\", \"pin\": \"8642\"", "agent.json:4:93: /tokens/0/pin: \"pin\" is not taken: settings are no place for a PIN; write it to a file that "
	    "only keyturn's user may open, and name that as \"pin_file\"" },
	{ "\"pin_file\": \"pin\"", "\"pin_file\": 8642", "agent.json:4:74: /tokens/0/pin_file: \"pin_file\" is a number; it must be the path of a file that holds the PIN and that "
	    "only keyturn's user may open, absolute or below the folder of this file" },
	{ "pkcs11:token=hospital", "pkcs11:token=hospital?pin-value=8642", "agent.json:4:17: /tokens/0/uri: \"uri\" is not right (it is not repeated here, since it may hold a secret); it must "
	    "be a PKCS #11 URI that names a token, such as \"pkcs11:token=hospital\", exactly as the policies write it: token, "
	    "manufacturer, serial, model or slot-id, and nothing else" },
	{ "\"enrolled_keks\": \"keks\", ", "", "agent.json:4:15: /tokens/0: \"enrolled_keks\" is missing; it must be the path of the list of key exchange keys that an HSM admin "
	    "enrolled: keys are wrapped under no others, absolute or below the folder of this file" },
	{ "true } ]", "true }, { \"uri\": \"pkcs11:token=hospital\", \"module\": \"m\", \"pin_file\": \"p\", \"enrolled_keks\": \"k\" } ]",
	    "agent.json:5:101: /tokens/1/uri: the same token as /tokens/0; name each once" },
	{ "client-secret\"", "managed-identity\"", "agent.json:7:30: /azure/credential/kind: \"kind\" is \"managed-identity\"; it must be \"client-secret\", the only kind that "
	    "this version knows" },
	{ "\"client_secret_file\": \"secret\"", "\"client_secret_file\": \"secret\", \"client_secret\": \"8642\"", "agent.json:7:140: /azure/credential/client_secret: \"client_secret\" is not "
	    "taken: settings are no place for a secret; write it to a file that only keyturn's user may open, and name that as \"client_secret_file\"" },
	{ ID, "8642", "agent.json:7:55: /azure/credential/client_id: \"client_id\" is not right (it is not repeated here, since it may hold a secret); it must be the GUID of "
	    "the application (client) id, such as \"00000000-1111-2222-3333-444444444444\"" },
	{ "\"tenant\"", "\"cloud\": \"Azure\", \"tenant\"", "agent.json:6:14: /azure/cloud: \"cloud\" is \"Azure\"; it must be \"AzureCloud\", \"AzureUSGovernment\" or \"AzureChinaCloud\"" },
	{ "\"tenant\"", "\"authority\": \"http://login.example\", \"tenant\"", "agent.json:6:14: /azure/authority: \"authority\" is \"http://login.example\"; it must be the https URL of the token "
	    "service, without a path" },
	{ "\"tenant\"", "\"vault_suffix\": \"vault.azure.net\", \"tenant\"", "agent.json:6:14: /azure/vault_suffix: \"vault_suffix\" is \"vault.azure.net\"; it must be the end of the host names of Key "
	    "Vaults, with a dot in front, such as \".vault.azure.net\"" },
	{ "\"a.example:443:[::1]:1\"", "\"a.example\"", "agent.json:8:50: /azure/connect_to/1: this element of \"connect_to\" is \"a.example\"; it must be \"HOST:PORT:TO-HOST:TO-PORT\", "
	    "where an empty HOST or PORT stands for any, or a list of such" },
	{ "\"proxy\": \"\"", "\"proxy\": \"user:8642@proxy\"", "agent.json:8:98: /azure/proxy: \"proxy\" is not right (it is not repeated here, since it may hold a secret); it must be the URL of "
	    "the proxy, such as \"http://proxy.hospital.example:8080\", or \"\" for none" },
};

static void
each_problem_has_its_place_and_no_secret_is_repeated(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		SCOPE(problems) struct problems problems = { 0 };
		SCOPE(free) char *text = edit(cases[i].old, cases[i].new);
		struct settings *settings = NULL;
		struct fault fault = { 0 };
		assert_false(parse(text, &settings, &problems, &fault));
		assert_null(settings);
		assert_string_equal(fault.text, cases[i].problem);
		assert_int_equal(fault.code, FAULT_SETTINGS);
		for (size_t j = 0; j < problems.count; j++)
			assert_null(strstr(problems.list[j].text, "8642"));
	}
}

static void
the_settings_must_be_an_object(void **state)
{
	SCOPE(problems) struct problems problems = { 0 };
	struct settings *settings = NULL;
	struct fault fault = { 0 };

	(void)state;
	assert_false(parse("[]", &settings, &problems, &fault));
	assert_int_equal(fault.code, FAULT_SETTINGS);
	assert_string_equal(fault.text, "agent.json:1:1: the file is a list; it must be one object");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_reaches_its_room),
		cmocka_unit_test(an_empty_object_has_the_defaults),
		cmocka_unit_test(without_a_cloud_the_endpoints_are_those_of_the_public_one),
		cmocka_unit_test(a_cloud_brings_its_endpoints_and_a_member_overrides_one),
		cmocka_unit_test(another_resource_manager_is_asked_for_its_own_token),
		cmocka_unit_test(connect_to_may_be_one_text),
		cmocka_unit_test(each_problem_has_its_place_and_no_secret_is_repeated),
		cmocka_unit_test(the_settings_must_be_an_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
