/*
 * The whole room against the emulated Azure, through the real libcurl port, under Azure's real names.
 */
#include "blob.h"
#include "emulated.h"
#include "scope.h"
#include "service.h"
#include "vault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include <sys/stat.h>

static struct emulated emulated;
static char vault_url[200];
static struct vault_key kek;
static struct blob blob;

#define assert_works(call, fault)                                            \
	do {                                                                 \
		if (!(call)) {                                               \
			print_error("%s\n", (fault).text);                   \
			fail();                                              \
		}                                                            \
	} while (0)

/* The vault's real name: what the ready file calls https://NAME.vault.localhost:PORT. */
static int
start(void **state)
{
	const char *name;

	(void)state;
	if (!emulated_start(&emulated))
		return -1;
	name = emulated_text(&emulated, "vault") + strlen("https://");
	snprintf(vault_url, sizeof vault_url, "https://%.*s.vault.azure.net", (int)strcspn(name, "."), name);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	vault_key_clear(&kek);
	free(blob.text);
	emulated_stop(&emulated);
	return 0;
}

static void
the_kek_is_created_and_may_only_import(void **state)
{
	struct fault fault = { 0 };

	(void)state;
	assert_works(vault_create_kek(emulated.azure, vault_url, "kek", 2048, &kek, &fault), fault);
	assert_string_equal(kek.kty, "RSA-HSM");
	assert_int_equal(kek.ops, VAULT_OP_IMPORT);
	assert_true(kek.item.enabled && kek.has_public_key);
	assert_int_equal(kek.public_key.shape.bits, 2048);
	assert_true(strlen(azure_object_id(emulated.azure)) == 36);
	assert_true(strlen(azure_last_request_id(emulated.azure)) > 0);
	assert_true(blob_make(&kek.public_key, kek.item.kid, &blob));
}

static bool
import(const char *name, struct vault_key *ret_key, struct fault *fault)
{
	SCOPE(json) json_t *tags = json_pack("{s:s}", "keyturn-rotation", "00ff");
	const struct vault_import what = {
		.shape = { KEY_RSA, 2048 }, .byok = blob.text, .byok_size = strlen(blob.text),
		.ops = VAULT_OP_WRAP | VAULT_OP_UNWRAP | VAULT_OP_SIGN | VAULT_OP_VERIFY, .tags = tags,
	};

	return vault_import(emulated.azure, vault_url, name, &what, ret_key, fault);
}

static void
an_imported_version_is_the_key_of_the_blob(void **state)
{
	SCOPE(vault_key) struct vault_key made = { .kty = "" };
	SCOPE(vault_key) struct vault_key read = { .kty = "" };
	struct fault fault = { 0 };
	bool found = false;

	(void)state;
	assert_works(import("cmk", &made, &fault), fault);
	assert_true(made.has_public_key && publickey_equal(&made.public_key, &blob.public_key));
	assert_works(vault_get(emulated.azure, vault_url, "cmk", made.item.version, &read, &found, &fault), fault);
	assert_true(found);
	assert_true(vault_same_kid(made.item.kid, read.item.kid));
	assert_string_equal(json_string_value(json_object_get(read.item.tags, "keyturn-rotation")), "00ff");
	assert_int_equal(read.ops, VAULT_OP_WRAP | VAULT_OP_UNWRAP | VAULT_OP_SIGN | VAULT_OP_VERIFY);
}

static void
an_unknown_key_is_not_found_and_has_no_versions(void **state)
{
	struct vault_key key;
	struct vault_item *items = NULL;
	struct fault fault = { 0 };
	size_t count = 1;
	bool found = true;

	(void)state;
	assert_works(vault_get(emulated.azure, vault_url, "nobody", NULL, &key, &found, &fault), fault);
	assert_false(found);
	assert_works(vault_versions(emulated.azure, vault_url, "nobody", &items, &count, &fault), fault);
	assert_int_equal(count, 0);
	vault_items_free(items, count);
}

static void
versions_come_from_all_pages(void **state)
{
	struct vault_item *items = NULL;
	struct fault fault = { 0 };
	size_t count = 0;

	(void)state;
	for (int i = 0; i < 27; i++) {
		SCOPE(vault_key) struct vault_key key = { .kty = "" };

		assert_works(import("many", &key, &fault), fault);
	}
	assert_works(vault_versions(emulated.azure, vault_url, "many", &items, &count, &fault), fault);
	assert_int_equal(count, 27);
	for (size_t i = 1; i < count; i++) {
		assert_true(items[i].created >= items[i - 1].created);
		assert_string_not_equal(items[i].version, items[i - 1].version);
	}
	vault_items_free(items, count);
	assert_true(emulated_count(&emulated, "GET", "/keys/many/versions") >= 2);
}

static void
the_current_version(struct vault_key *ret_key)
{
	struct fault fault = { 0 };
	bool found = false;

	assert_works(vault_get(emulated.azure, vault_url, "cmk", NULL, ret_key, &found, &fault), fault);
	assert_true(found);
}

static void
the_vault_unwraps_and_signs(void **state)
{
	static const uint8_t challenge[32] = "thirty-two bytes of challenge..";
	SCOPE(vault_key) struct vault_key key = { .kty = "" };
	SCOPE(free) uint8_t *wrapped = NULL;
	struct vault_bytes opened = { NULL, 0 }, signature = { NULL, 0 };
	uint8_t digest[DIGEST_SIZE];
	struct fault fault = { 0 };
	size_t size = 0;
	bool valid = false;

	(void)state;
	the_current_version(&key);
	assert_works(publickey_encrypt_oaep256(&blob.public_key, challenge, sizeof challenge, &wrapped,
	    &size, &fault), fault);
	assert_works(vault_unwrap(emulated.azure, key.item.kid, "RSA-OAEP-256", wrapped, size, &opened,
	    &fault), fault);
	assert_int_equal(opened.size, sizeof challenge);
	assert_memory_equal(opened.bytes, challenge, sizeof challenge);
	assert_works(digest_sha256(challenge, sizeof challenge, digest, &fault), fault);
	assert_works(vault_sign(emulated.azure, key.item.kid, "RS256", digest, sizeof digest, &signature,
	    &fault), fault);
	assert_works(publickey_verify(&blob.public_key, digest, sizeof digest, signature.bytes,
	    signature.size, &valid, &fault), fault);
	assert_true(valid);
	free(opened.bytes);
	free(signature.bytes);
}

static void
a_disabled_version_is_found_and_enabled_again(void **state)
{
	SCOPE(vault_key) struct vault_key key = { .kty = "" };
	SCOPE(vault_key) struct vault_key off = { .kty = "" };
	SCOPE(vault_key) struct vault_key on = { .kty = "" };
	SCOPE(vault_key) struct vault_key seen = { .kty = "" };
	struct fault fault = { 0 };
	const bool no = false, yes = true;
	bool found = false;

	(void)state;
	the_current_version(&key);
	assert_works(vault_update(emulated.azure, key.item.kid, &(struct vault_change){ .enabled = &no },
	    &off, &fault), fault);
	assert_works(vault_get(emulated.azure, vault_url, "cmk", key.item.version, &seen, &found, &fault),
	    fault);
	assert_true(found);
	assert_false(seen.item.enabled);
	assert_works(vault_update(emulated.azure, key.item.kid, &(struct vault_change){ .enabled = &yes },
	    &on, &fault), fault);
	assert_true(on.item.enabled);
	assert_non_null(on.item.tags);
}

static void
a_key_without_a_rotation_policy_does_not_rotate(void **state)
{
	struct fault fault = { 0 };
	bool rotates = true;

	(void)state;
	assert_works(vault_rotates_itself(emulated.azure, vault_url, "cmk", &rotates, &fault), fault);
	assert_false(rotates);
}

static void
a_lost_answer_to_an_import_is_unknown_and_not_repeated(void **state)
{
	struct vault_key key;
	struct vault_item *items = NULL;
	struct fault fault = { 0 };
	size_t count = 0;

	(void)state;
	assert_true(emulated_order(&emulated, "POST", "/faults", "{\"match\":{\"method\":\"PUT\",\"path\":\"/keys/lost\"},"
	    "\"times\":1,\"when\":\"after\",\"do\":{\"close\":true}}"));
	assert_false(import("lost", &key, &fault));
	assert_int_equal(fault.code, FAULT_UNKNOWN);
	assert_int_equal(emulated_count(&emulated, "PUT", "/keys/lost"), 1);
	assert_works(vault_versions(emulated.azure, vault_url, "lost", &items, &count, &fault), fault);
	assert_int_equal(count, 1);
	vault_items_free(items, count);
}

static void
an_import_answered_by_500_or_garbage_is_unknown_and_not_repeated(void **state)
{
	static const char *const acts[] = { "{\"status\":500}", "{\"garbage\":true}", "{\"truncate\":20}" };
	struct vault_key key;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct fault fault = { 0 };
		char order[300];

		snprintf(order, sizeof order, "{\"match\":{\"method\":\"PUT\",\"path\":\"/keys/odd\"},\"times\":1,"
		    "\"when\":\"after\",\"do\":%s}", acts[i]);
		assert_true(emulated_order(&emulated, "POST", "/faults", order));
		assert_false(import("odd", &key, &fault));
		assert_int_equal(fault.code, FAULT_UNKNOWN);
		assert_int_equal(emulated_count(&emulated, "PUT", "/keys/odd"), i + 1);
	}
}

static void
a_throttled_read_is_repeated_as_asked(void **state)
{
	SCOPE(vault_key) struct vault_key key = { .kty = "" };
	int64_t before = clock_monotonic_ms(clock_system());
	size_t asked = emulated_count(&emulated, "GET", "/keys/cmk");

	(void)state;
	assert_true(emulated_order(&emulated, "POST", "/faults", "{\"match\":{\"method\":\"GET\",\"path\":\"/keys/cmk*\"},"
	    "\"times\":1,\"do\":{\"status\":429,\"headers\":{\"Retry-After\":\"1\"}}}"));
	the_current_version(&key);
	assert_true(clock_monotonic_ms(clock_system()) - before >= 1000);
	assert_int_equal(emulated_count(&emulated, "GET", "/keys/cmk") - asked, 2);
}

/* Put ${key_url} into a service and wait for the end, as long as the service asks. */
static void
repoint(const struct service_kind *kind, const char *id, const char *key_url)
{
	SCOPE(service_state) struct service_state before = { .resource = NULL };
	SCOPE(service_state) struct service_state after = { .resource = NULL };
	SCOPE(json) json_t *body = NULL;
	SCOPE(free) char *difference = NULL;
	struct service_operation operation = { .azure_async = "" };
	enum service_progress progress = SERVICE_RUNNING;
	struct fault fault = { 0 };

	assert_works(service_read(emulated.azure, kind, id, &before, &fault), fault);
	assert_works(service_body(kind, before.resource, key_url, &body, &fault), fault);
	assert_works(service_write(emulated.azure, kind, id, body, &operation, &progress, &fault), fault);
	for (int looks = 0; progress == SERVICE_RUNNING && looks < 60; looks++) {
		assert_true(clock_wait_ms(clock_system(), operation.retry_after_ms));
		assert_works(service_poll(emulated.azure, kind, id, &operation, &progress, &fault), fault);
	}
	assert_works(progress == SERVICE_SUCCEEDED, fault);
	assert_works(service_read(emulated.azure, kind, id, &after, &fault), fault);
	assert_string_equal(after.key_url, key_url);
	assert_string_equal(after.provisioning_state, "Succeeded");
	assert_works(service_difference(kind, before.resource, after.resource, &difference, &fault), fault);
	assert_string_equal(difference, "");
}

static void
check_probe(const struct service_kind *kind, const char *id, enum service_probe outcome)
{
	SCOPE(service_state) struct service_state service = { .resource = NULL };
	struct service_probe_result result = { .outcome = 0 };
	struct fault fault = { 0 };

	assert_works(service_read(emulated.azure, kind, id, &service, &fault), fault);
	assert_works(service_probe(emulated.azure, kind, id, &service, &result, &fault), fault);
	if (result.outcome != outcome)
		print_error("%s: %s\n", kind->name, result.text);
	assert_int_equal(result.outcome, outcome);
}

static void
services_move_to_a_version_and_answer_until_it_is_disabled(void **state)
{
	SCOPE(vault_key) struct vault_key key = { .kty = "" };
	SCOPE(vault_key) struct vault_key off = { .kty = "" };
	SCOPE(vault_key) struct vault_key on = { .kty = "" };
	const struct service_kind *kind;
	struct fault fault = { 0 };
	const bool no = false, yes = true;

	(void)state;
	the_current_version(&key);
	for (size_t i = 0; (kind = service_kind_at(i)) != NULL; i++) {
		repoint(kind, emulated_text(&emulated, kind->name), key.item.kid);
		check_probe(kind, emulated_text(&emulated, kind->name), SERVICE_PROBE_ANSWERS);
	}
	assert_works(vault_update(emulated.azure, key.item.kid, &(struct vault_change){ .enabled = &no },
	    &off, &fault), fault);
	for (size_t i = 0; (kind = service_kind_at(i)) != NULL; i++)
		check_probe(kind, emulated_text(&emulated, kind->name), SERVICE_PROBE_KEY_LOST);
	assert_works(vault_update(emulated.azure, key.item.kid, &(struct vault_change){ .enabled = &yes },
	    &on, &fault), fault);
}

static void
operations_are_followed_in_all_three_ways(void **state)
{
	static const char *const styles[] = { "azure-async", "location", "provisioningState" };
	const struct service_kind *kind = service_kind_find("fhir");

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		SCOPE(vault_key) struct vault_key key = { .kty = "" };
		char order[200];
		struct fault fault = { 0 };

		snprintf(order, sizeof order, "{\"duration_s\":2,\"style\":\"%s\",\"retry_after_s\":1,"
		    "\"end\":\"Succeeded\"}", styles[i]);
		assert_true(emulated_order(&emulated, "POST", "/operations", order));
		assert_works(import("cmk", &key, &fault), fault);
		repoint(kind, emulated_text(&emulated, "fhir"), key.item.kid);
	}
}

static void
an_operation_that_fails_says_why(void **state)
{
	SCOPE(service_state) struct service_state before = { .resource = NULL };
	SCOPE(json) json_t *body = NULL;
	const struct service_kind *kind = service_kind_find("dicom");
	const char *id = emulated_text(&emulated, "dicom");
	struct service_operation operation = { .azure_async = "" };
	enum service_progress progress = SERVICE_RUNNING;
	struct fault fault = { 0 };

	(void)state;
	assert_true(emulated_order(&emulated, "POST", "/operations", "{\"duration_s\":1,\"style\":\"azure-async\","
	    "\"retry_after_s\":1,\"end\":\"Failed\"}"));
	assert_works(service_read(emulated.azure, kind, id, &before, &fault), fault);
	assert_works(service_body(kind, before.resource, before.key_url, &body, &fault), fault);
	assert_works(service_write(emulated.azure, kind, id, body, &operation, &progress, &fault), fault);
	for (int looks = 0; progress == SERVICE_RUNNING && looks < 60; looks++) {
		assert_true(clock_wait_ms(clock_system(), operation.retry_after_ms));
		assert_works(service_poll(emulated.azure, kind, id, &operation, &progress, &fault), fault);
	}
	assert_int_equal(progress, SERVICE_FAILED);
	assert_int_equal(fault.code, FAULT_FAILED);
	assert_non_null(strstr(fault.text, "Change of dicom service"));
}

static void
a_wrong_secret_is_told_as_such(void **state)
{
	struct azure_options options = emulated.options;
	SCOPE(azure) struct azure *azure = NULL;
	struct fault fault = { 0 };
	struct vault_key key;
	char path[128];
	bool found;

	(void)state;
	snprintf(path, sizeof path, "%s/wrong", emulated.folder);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fchmod(fileno(file), 0600), 0);
	fputs("canary-secret-0815\n", file);
	fclose(file);
	options.client_secret_file = path;
	assert_works(azure_open(&options, emulated.http, clock_system(), &azure, &fault), fault);
	assert_false(vault_get(azure, vault_url, "cmk", NULL, &key, &found, &fault));
	assert_int_equal(fault.code, FAULT_PERMISSION);
	assert_non_null(strstr(fault.text, "AADSTS7000215"));
	assert_null(strstr(fault.text, "canary"));
}

/* The emulator's own names carry a port, and so do the audiences that go with them. */
static void
names_with_a_port_work_as_well(void **state)
{
	struct azure_options options = emulated.options;
	SCOPE(azure) struct azure *azure = NULL;
	SCOPE(vault_key) struct vault_key key = { .kty = "" };
	SCOPE(service_state) struct service_state service = { .resource = NULL };
	struct fault fault = { 0 };
	char scope[200];
	bool found = false;

	(void)state;
	snprintf(scope, sizeof scope, "%s/.default", emulated_text(&emulated, "arm"));
	options.authority = emulated_text(&emulated, "authority");
	options.arm_url = emulated_text(&emulated, "arm");
	options.arm_scope = scope;
	options.vault_suffix = ".vault.localhost";
	assert_works(azure_open(&options, emulated.http, clock_system(), &azure, &fault), fault);
	assert_works(vault_get(azure, emulated_text(&emulated, "vault"), "cmk", NULL, &key, &found, &fault), fault);
	assert_true(found);
	assert_works(service_read(azure, service_kind_find("dicom"), emulated_text(&emulated, "dicom"), &service,
	    &fault), fault);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kek_is_created_and_may_only_import),
		cmocka_unit_test(an_imported_version_is_the_key_of_the_blob),
		cmocka_unit_test(an_unknown_key_is_not_found_and_has_no_versions),
		cmocka_unit_test(versions_come_from_all_pages),
		cmocka_unit_test(the_vault_unwraps_and_signs),
		cmocka_unit_test(a_disabled_version_is_found_and_enabled_again),
		cmocka_unit_test(a_key_without_a_rotation_policy_does_not_rotate),
		cmocka_unit_test(a_lost_answer_to_an_import_is_unknown_and_not_repeated),
		cmocka_unit_test(an_import_answered_by_500_or_garbage_is_unknown_and_not_repeated),
		cmocka_unit_test(a_throttled_read_is_repeated_as_asked),
		cmocka_unit_test(services_move_to_a_version_and_answer_until_it_is_disabled),
		cmocka_unit_test(operations_are_followed_in_all_three_ways),
		cmocka_unit_test(an_operation_that_fails_says_why),
		cmocka_unit_test(names_with_a_port_work_as_well),
		cmocka_unit_test(a_wrong_secret_is_told_as_such),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
