/* What goes out to a vault, what may come back, and where no token goes. */
#include "scope.h"
#include "scripted.h"
#include "vault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static struct scripted script;
static struct azure *azure;

#define VAULT "https://hospital.vault.azure.net"
#define KID VAULT "/keys/cmk/0a0b"
#define KEY(attributes) "{\"key\":{\"kid\":\"" KID "\",\"kty\":\"oct-HSM\",\"key_ops\":[\"wrapKey\"]},\"attributes\":{" attributes "}}"
#define ENABLED KEY("\"enabled\":true")

/* Begin a script and open a client on it. */
#define BEGIN(...)                                                           \
	do {                                                                 \
		SCRIPTED(&script, __VA_ARGS__);                              \
		assert_true(azure_open(&script.options, &script.port,        \
		    &script.clock, &azure, NULL));                           \
	} while (0)

static void
end(void)
{
	azure_close(azure);
	scripted_end(&script);
}

/* GET the key cmk; the fault tells how it ended, code 0 for success. */
static struct fault
get(const char *vault_url, const char *name, const char *version)
{
	SCOPE(vault_key) struct vault_key key = { .kty = "" };
	struct fault fault = { 0 };
	bool found;

	if (vault_get(azure, vault_url, name, version, &key, &found, &fault))
		fault.code = 0;
	return fault;
}

static void
a_get_looks_as_the_service_wants_it(void **state)
{
	SCOPE(vault_key) struct vault_key key = { .kty = "" };
	struct fault fault = { 0 };
	bool found = false;

	(void)state;
	BEGIN({ .status = 200, .headers = "x-ms-request-id: abc\n", .body =
	    KEY("\"enabled\":true,\"nbf\":1,\"exp\":2,\"created\":3,\"updated\":4,\"recoveryLevel\":\"Recoverable\"") });
	assert_true(vault_get(azure, VAULT "/", "cmk", "0A0B", &key, &found, &fault));
	assert_true(found);
	assert_string_equal(script.requests[0].method, "GET");
	assert_string_equal(script.requests[0].url, VAULT "/keys/cmk/0A0B?api-version=7.4");
	assert_string_equal(script.requests[0].bearer, "token-1");
	assert_non_null(strstr(script.requests[0].headers, "x-ms-client-request-id: "));
	assert_non_null(strstr(script.token_form, "scope=https%3A%2F%2Fvault.azure.net%2F.default"));
	assert_string_equal(azure_last_request_id(azure), "x-ms-request-id abc");
	assert_true(key.item.enabled && key.item.not_before == 1 && key.item.expires == 2);
	assert_true(key.item.created == 3 && key.item.updated == 4 && !key.has_public_key);
	assert_string_equal(key.item.version, "0a0b");
	assert_string_equal(key.item.recovery_level, "Recoverable");
	assert_string_equal(key.kty, "oct-HSM");
	end();
}

static void
no_token_goes_to_a_foreign_host(void **state)
{
	static const char *const hosts[] = {
		"https://evilvault.azure.net", "https://hospital.vault.azure.net.evil.example", "https://vault.azure.net",
		"https://10.0.0.1", "https://management.azure.com",
	};

	(void)state;
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		BEGIN({ .status = 200, .body = ENABLED });
		assert_int_equal(get(hosts[i], "cmk", NULL).code, FAULT_REFUSED);
		assert_int_equal(script.request_count + script.token_count, 0);
		end();
	}
}

static void
names_that_no_key_has_are_not_asked_for(void **state)
{
	static const char *const names[] = { "", "a/b", "a?b", "a b", "a\r\nX: y", "../x", "ä", "a_b" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		BEGIN({ .status = 200, .body = ENABLED });
		assert_int_equal(get(VAULT, names[i], NULL).code, FAULT_DATA);
		assert_int_equal(get(VAULT, "cmk", "0a/0b").code, FAULT_DATA);
		assert_int_equal(get("http://hospital.vault.azure.net", "cmk", NULL).code, FAULT_DATA);
		assert_int_equal(get(VAULT "/x", "cmk", NULL).code, FAULT_DATA);
		assert_int_equal(script.request_count, 0);
		end();
	}
}

static void
a_managed_hsm_has_its_own_audience(void **state)
{
	(void)state;
	BEGIN({ .status = 404 });
	assert_int_equal(get("https://h.managedhsm.azure.net", "cmk", NULL).code, 0);
	assert_non_null(strstr(script.token_form, "scope=https%3A%2F%2Fmanagedhsm.azure.net%2F.default"));
	end();
}

static void
the_key_of_another_name_vault_or_version_is_no_answer(void **state)
{
	static const char *const bodies[] = {
		"{\"key\":{\"kid\":\"" VAULT "/keys/other/0a0b\",\"kty\":\"RSA\"},\"attributes\":{\"enabled\":true}}",
		"{\"key\":{\"kid\":\"https://b.vault.azure.net/keys/cmk/0a0b\",\"kty\":\"RSA\"},\"attributes\":{\"enabled\":true}}",
		"{\"key\":{\"kid\":\"" VAULT "/keys/cmk/ffff\",\"kty\":\"RSA\"},\"attributes\":{\"enabled\":true}}",
		"{\"key\":{\"kid\":\"" VAULT "/keys/cmk\",\"kty\":\"RSA\"},\"attributes\":{\"enabled\":true}}",
		"{\"key\":{\"kid\":\"nonsense\",\"kty\":\"RSA\"},\"attributes\":{\"enabled\":true}}",
		KEY("\"enabled\":\"yes\""), KEY(""), "{}", "nonsense", NULL,
	};

	(void)state;
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		BEGIN({ .status = 200, .body = bodies[i] });
		if (get(VAULT, "cmk", "0a0b").code != FAULT_PROTOCOL)
			fail_msg("taken: %s", bodies[i]);
		end();
	}
}

static void
a_hidden_disabled_version_is_found(void **state)
{
	SCOPE(vault_key) struct vault_key key = { .kty = "x" };
	struct fault fault = { 0 };
	bool found = false;

	(void)state;
	BEGIN({ .status = 403, .body = "{\"error\":{\"code\":\"Forbidden\",\"innererror\":{\"code\":\"KeyDisabled\"}}}" });
	assert_true(vault_get(azure, VAULT, "cmk", "0a0b", &key, &found, &fault));
	assert_true(found);
	assert_false(key.item.enabled);
	assert_string_equal(key.item.kid, KID);
	end();
}

static void
a_401_gets_one_new_token_and_no_more(void **state)
{
	(void)state;
	BEGIN({ .status = 401 }, { .status = 200, .body = ENABLED });
	assert_int_equal(get(VAULT, "cmk", NULL).code, 0);
	assert_string_equal(script.requests[0].bearer, "token-1");
	assert_string_equal(script.requests[1].bearer, "token-2");
	end();
	BEGIN({ .status = 401 }, { .status = 401 });
	assert_int_equal(get(VAULT, "cmk", NULL).code, FAULT_PERMISSION);
	assert_int_equal(script.token_count, 2);
	end();
}

static void
a_vault_of_another_tenant_is_named(void **state)
{
	static const char headers[] = "WWW-Authenticate: Bearer authorization=\"https://login.windows.net/tenant-x\", "
	    "resource=\"https://vault.azure.net\"\n";
	struct fault fault;

	(void)state;
	BEGIN({ .status = 401, .headers = headers, .body = "{\"error\":{\"code\":\"Unauthorized\",\"message\":\"AKV10032: no\"}}" },
	    { .status = 401, .headers = headers, .body = "{\"error\":{\"code\":\"Unauthorized\",\"message\":\"AKV10032: no\"}}" });
	fault = get(VAULT, "cmk", NULL);
	assert_int_equal(fault.code, FAULT_PERMISSION);
	assert_non_null(strstr(fault.text, "belongs to tenant tenant-x"));
	assert_non_null(strstr(fault.text, "11111111-2222"));
	end();
}

/* A challenge may name an audience below the cloud's own suffix, and nothing else. */
static void
a_challenge_cannot_lead_elsewhere(void **state)
{
	static const struct {
		const char *headers;
		const char *scope;
	} cases[] = {
		{ "WWW-Authenticate: Bearer resource=\"https://evil.example\"\n", "scope=https%3A%2F%2Fvault.azure.net%2F" },
		{ "WWW-Authenticate: Bearer resource=\"https://azure.net\"\n", "scope=https%3A%2F%2Fvault.azure.net%2F" },
		{ "WWW-Authenticate: Bearer authorization=\"https://evil.example/t\", resource=\"https://vault.azure.net\"\n",
		  "scope=https%3A%2F%2Fvault.azure.net%2F" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		BEGIN({ .status = 401, .headers = cases[i].headers }, { .status = 200, .body = ENABLED });
		assert_int_equal(get(VAULT, "cmk", NULL).code, 0);
		assert_non_null(strstr(script.token_form, cases[i].scope));
		end();
	}
}

static void
another_audience_of_the_same_cloud_is_learnt(void **state)
{
	(void)state;
	SCRIPTED(&script, { .status = 401, .headers = "WWW-Authenticate: Bearer resource=\"https://vault.azure.net\"\n" },
	    { .status = 404 }, { .status = 404 });
	script.options.vault_suffix = ".azure.net";
	assert_true(azure_open(&script.options, &script.port, &script.clock, &azure, NULL));
	assert_int_equal(get(VAULT, "cmk", NULL).code, 0);
	assert_non_null(strstr(script.token_form, "scope=https%3A%2F%2Fvault.azure.net%2F"));
	assert_int_equal(get(VAULT, "cmk", NULL).code, 0);
	assert_int_equal(script.token_count, 2);
	end();
}

#define ITEM(version, created) "{\"kid\":\"" VAULT "/keys/cmk/" version "\",\"attributes\":{\"enabled\":true,\"created\":" created "}}"

static void
versions_come_sorted_from_pages_taken_as_given(void **state)
{
	struct vault_item *items = NULL;
	struct fault fault = { 0 };
	size_t count = 0;

	(void)state;
	BEGIN({ .status = 200, .body = "{\"value\":[" ITEM("cc", "30") "," ITEM("BB", "10") "],\"nextLink\":\"" VAULT
	    ":443/keys/cmk/versions?api-version=7.2&$skiptoken=eyJ9&maxresults=1\"}" },
	    { .status = 200, .body = "{\"value\":[" ITEM("aa", "10") "],\"nextLink\":null}" });
	assert_true(vault_versions(azure, VAULT, "cmk", &items, &count, &fault));
	assert_string_equal(script.requests[0].url, VAULT "/keys/cmk/versions?api-version=7.4&maxresults=25");
	assert_string_equal(script.requests[1].url, VAULT ":443/keys/cmk/versions?api-version=7.2&$skiptoken=eyJ9&maxresults=1");
	assert_int_equal(count, 3);
	assert_string_equal(items[0].version, "aa");
	assert_string_equal(items[1].version, "bb");
	assert_string_equal(items[2].version, "cc");
	vault_items_free(items, count);
	end();
}

static void
a_page_elsewhere_is_not_asked_for(void **state)
{
	static const char *const links[] = {
		"https://evil.example/keys", "http://hospital.vault.azure.net/keys", "https://other.vault.azure.net/keys",
		"https://hospital.vault.azure.net:8443/keys", "/keys", "https://hospital.vault.azure.net@evil.example/",
	};

	(void)state;
	for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
		struct vault_item *items = NULL;
		struct fault fault = { 0 };
		char body[300];
		size_t count = 0;

		snprintf(body, sizeof body, "{\"value\":[" ITEM("aa", "1") "],\"nextLink\":\"%s\"}", links[i]);
		BEGIN({ .status = 200, .body = body }, { .status = 200, .body = "{}" });
		assert_false(vault_versions(azure, VAULT, "cmk", &items, &count, &fault));
		assert_int_equal(fault.code, FAULT_PROTOCOL);
		assert_int_equal(script.request_count, 1);
		end();
	}
}

static void
a_managed_hsm_that_knows_no_such_key_has_no_versions(void **state)
{
	struct vault_item *items = NULL;
	struct fault fault = { 0 };
	size_t count = 9;

	(void)state;
	BEGIN({ .status = 404, .body = "{\"error\":{\"code\":\"KeyNotFound\"}}" });
	assert_true(vault_versions(azure, VAULT, "cmk", &items, &count, &fault));
	assert_int_equal(count, 0);
	end();
}

/* One import of an EC key; returns its fault, code 0 for success. */
static struct fault
import(void)
{
	SCOPE(vault_key) struct vault_key key = { .kty = "" };
	SCOPE(json) json_t *tags = json_pack("{s:s}", "a", "b");
	const struct vault_import what = {
		.shape = { KEY_EC, 256 }, .ops = VAULT_OP_SIGN | VAULT_OP_VERIFY, .byok = "{\"?\":\"\xff\"}",
		.byok_size = 9, .tags = tags,
	};
	struct fault fault = { 0 };

	if (vault_import(azure, VAULT, "cmk", &what, &key, &fault))
		fault.code = 0;
	return fault;
}

static void
an_import_carries_the_file_as_unpadded_base64url(void **state)
{
	(void)state;
	BEGIN({ .status = 200, .body = ENABLED });
	assert_int_equal(import().code, 0);
	assert_string_equal(script.requests[0].method, "PUT");
	assert_string_equal(script.requests[0].url, VAULT "/keys/cmk?api-version=7.4");
	assert_string_equal(script.requests[0].body, "{\"key\":{\"kty\":\"EC-HSM\",\"key_ops\":[\"sign\",\"verify\"],"
	    "\"key_hsm\":\"eyI_Ijoi_yJ9\",\"crv\":\"P-256\"},\"attributes\":{\"enabled\":true},\"tags\":{\"a\":\"b\"}}");
	assert_true(script.requests[0].once);
	end();
}

static void
an_import_goes_out_once_whatever_happens(void **state)
{
	static const struct {
		struct scripted_answer answer;
		enum fault_code code;
	} cases[] = {
		{ { .fault = FAULT_UNKNOWN }, FAULT_UNKNOWN },
		{ { .fault = FAULT_PROTOCOL }, FAULT_UNKNOWN },
		{ { .fault = FAULT_UNAVAILABLE }, FAULT_UNAVAILABLE },
		{ { .fault = FAULT_STOPPED }, FAULT_STOPPED },
		{ { .status = 500 }, FAULT_UNKNOWN },
		{ { .status = 503, .headers = "Retry-After: 1\n" }, FAULT_UNKNOWN },
		{ { .status = 408 }, FAULT_UNKNOWN },
		{ { .status = 200, .body = "{\"key\":{" }, FAULT_UNKNOWN },
		{ { .status = 200, .body = "{}" }, FAULT_UNKNOWN },
		{ { .status = 200 }, FAULT_UNKNOWN },
		{ { .status = 429, .headers = "Retry-After: 1\n" }, FAULT_RETRY },
		{ { .status = 401 }, FAULT_PERMISSION },
		{ { .status = 403 }, FAULT_PERMISSION },
		{ { .status = 400 }, FAULT_REFUSED },
		{ { .status = 409, .body = "{\"error\":{\"code\":\"Conflict\",\"innererror\":{\"code\":\"ObjectIsDeletedButRecoverable\"}}}" },
		  FAULT_REFUSED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fault fault;

		BEGIN(cases[i].answer, { .status = 200, .body = ENABLED });
		fault = import();
		if (fault.code != cases[i].code || script.request_count != 1)
			fail_msg("case %zu: %s, %zu requests", i, fault.text, script.request_count);
		end();
	}
}

static void
an_import_without_a_token_was_not_sent(void **state)
{
	(void)state;
	BEGIN({ .status = 200, .body = ENABLED });
	script.token_fault = FAULT_PROTOCOL;
	assert_int_equal(import().code, FAULT_PROTOCOL);
	assert_int_equal(script.request_count, 0);
	end();
}

static void
a_kek_may_only_import_and_is_created_once(void **state)
{
	struct vault_key key;
	struct fault fault = { 0 };

	(void)state;
	BEGIN({ .status = 500 }, { .status = 200, .body = ENABLED });
	assert_false(vault_create_kek(azure, VAULT, "kek", 4096, &key, &fault));
	assert_int_equal(fault.code, FAULT_UNKNOWN);
	assert_int_equal(script.request_count, 1);
	assert_string_equal(script.requests[0].url, VAULT "/keys/kek/create?api-version=7.4");
	assert_string_equal(script.requests[0].body, "{\"kty\":\"RSA-HSM\",\"key_size\":4096,\"key_ops\":[\"import\"],"
	    "\"attributes\":{\"enabled\":true}}");
	end();
}

static void
an_update_sends_only_what_changes(void **state)
{
	SCOPE(vault_key) struct vault_key key = { .kty = "" };
	const int64_t expires = 1900000000;
	struct fault fault = { 0 };

	(void)state;
	BEGIN({ .status = 200, .body = ENABLED });
	assert_true(vault_update(azure, KID, &(struct vault_change){ .expires = &expires }, &key, &fault));
	assert_string_equal(script.requests[0].method, "PATCH");
	assert_string_equal(script.requests[0].url, KID "?api-version=7.4");
	assert_string_equal(script.requests[0].body, "{\"attributes\":{\"exp\":1900000000}}");
	assert_false(vault_update(azure, VAULT "/keys/cmk", &(struct vault_change){ .expires = &expires }, &key, &fault));
	end();
}

static void
unwrapped_bytes_are_handled_as_secrets(void **state)
{
	struct vault_bytes bytes = { NULL, 0 };
	struct fault fault = { 0 };

	(void)state;
	BEGIN({ .status = 200, .body = "{\"kid\":\"" KID "\",\"value\":\"_-8\"}" }, { .status = 200, .body = "{\"value\":\"a=\"}" });
	assert_true(vault_unwrap(azure, KID, "RSA-OAEP-256", "\xff", 1, &bytes, &fault));
	assert_int_equal(bytes.size, 2);
	assert_memory_equal(bytes.bytes, "\xff\xef", 2);
	assert_true(script.requests[0].sensitive);
	assert_string_equal(script.requests[0].url, KID "/unwrapkey?api-version=7.4");
	assert_string_equal(script.requests[0].body, "{\"alg\":\"RSA-OAEP-256\",\"value\":\"_w\"}");
	free(bytes.bytes);
	assert_false(vault_unwrap(azure, KID, "RSA-OAEP-256", "\xff", 1, &bytes, &fault));
	end();
}

static void
a_rotation_policy_that_rotates_is_seen(void **state)
{
	static const struct {
		struct scripted_answer answer;
		bool rotates;
	} cases[] = {
		{ { .status = 200, .body = "{\"lifetimeActions\":[{\"action\":{\"type\":\"Notify\"}},{\"action\":{\"type\":\"rotate\"}}]}" }, true },
		{ { .status = 200, .body = "{\"lifetimeActions\":[{\"action\":{\"type\":\"Notify\"}}]}" }, false },
		{ { .status = 200, .body = "{}" }, false },
		{ { .status = 404 }, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fault fault = { 0 };
		bool rotates = !cases[i].rotates;

		BEGIN(cases[i].answer);
		assert_true(vault_rotates_itself(azure, VAULT, "cmk", &rotates, &fault));
		assert_true(rotates == cases[i].rotates);
		end();
	}
}

static void
settings_that_cannot_work_are_told_at_once(void **state)
{
	struct azure_options options;
	struct azure *other = NULL;

	(void)state;
	SCRIPTED(&script, { .status = 200 });
	for (int i = 0; i < 5; i++) {
		struct fault fault = { 0 };

		options = script.options;
		if (i == 0)
			options.tenant = "a/b";
		if (i == 1)
			options.authority = "http://login.microsoftonline.com";
		if (i == 2)
			options.vault_suffix = "vault.azure.net";
		if (i == 3)
			options.arm_url = "https://management.azure.com/x";
		if (i == 4)
			options.credential = NULL;
		assert_false(azure_open(&options, &script.port, &script.clock, &other, &fault));
		assert_int_equal(fault.code, FAULT_SETTINGS);
	}
	assert_null(other);
	scripted_end(&script);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_get_looks_as_the_service_wants_it),
		cmocka_unit_test(no_token_goes_to_a_foreign_host),
		cmocka_unit_test(names_that_no_key_has_are_not_asked_for),
		cmocka_unit_test(a_managed_hsm_has_its_own_audience),
		cmocka_unit_test(the_key_of_another_name_vault_or_version_is_no_answer),
		cmocka_unit_test(a_hidden_disabled_version_is_found),
		cmocka_unit_test(a_401_gets_one_new_token_and_no_more),
		cmocka_unit_test(a_vault_of_another_tenant_is_named),
		cmocka_unit_test(a_challenge_cannot_lead_elsewhere),
		cmocka_unit_test(another_audience_of_the_same_cloud_is_learnt),
		cmocka_unit_test(versions_come_sorted_from_pages_taken_as_given),
		cmocka_unit_test(a_page_elsewhere_is_not_asked_for),
		cmocka_unit_test(a_managed_hsm_that_knows_no_such_key_has_no_versions),
		cmocka_unit_test(an_import_carries_the_file_as_unpadded_base64url),
		cmocka_unit_test(an_import_goes_out_once_whatever_happens),
		cmocka_unit_test(an_import_without_a_token_was_not_sent),
		cmocka_unit_test(a_kek_may_only_import_and_is_created_once),
		cmocka_unit_test(an_update_sends_only_what_changes),
		cmocka_unit_test(unwrapped_bytes_are_handled_as_secrets),
		cmocka_unit_test(a_rotation_policy_that_rotates_is_seen),
		cmocka_unit_test(settings_that_cannot_work_are_told_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
