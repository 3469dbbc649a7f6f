/*
 * The .byok file as Azure's page has it, written and read.
 */
#include "byok.h"

#include "scope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

#define KID "https://hospital.vault.azure.net/keys/keyturn-kek/0123456789abcdef0123456789abcdef"

static struct byok
sample(size_t size)
{
	struct byok byok = { .kid = KID, .generator = "keyturn 1; SoftHSM v2 2.6", .size = size };

	for (size_t i = 0; i < size; i++)
		byok.blob[i] = (uint8_t)(7 * i);
	return byok;
}

static void
a_file_has_exactly_the_members_of_the_specification(void **state)
{
	struct byok byok = sample(1480);
	SCOPE(free) char *text = NULL;
	SCOPE(json) json_t *object = NULL;
	struct fault fault;

	(void)state;
	assert_true(byok_print(&byok, &text, &fault));
	object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(object);
	assert_int_equal(json_object_size(object), 4);
	assert_int_equal(json_object_size(json_object_get(object, "header")), 3);
	assert_string_equal(json_string_value(json_object_get(object, "schema_version")), "1.0.0");
	const json_t *header = json_object_get(object, "header");
	assert_string_equal(json_string_value(json_object_get(header, "kid")), KID);
	assert_string_equal(json_string_value(json_object_get(header, "alg")), "dir");
	assert_string_equal(json_string_value(json_object_get(header, "enc")),
	    "CKM_RSA_AES_KEY_WRAP");
	assert_null(strchr(json_string_value(json_object_get(object, "ciphertext")), '='));
}

static void
what_is_printed_is_read_back(void **state)
{
	static const size_t sizes[] = { 336, 344, 352, 1480, HSM_BLOB_MAX };
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct byok byok = sample(sizes[i]), again;
		SCOPE(free) char *text = NULL;

		assert_true(byok_print(&byok, &text, &fault));
		assert_true(byok_parse(text, strlen(text), &again, &fault));
		assert_string_equal(again.kid, KID);
		assert_string_equal(again.generator, byok.generator);
		assert_int_equal(again.size, byok.size);
		assert_memory_equal(again.blob, byok.blob, byok.size);
	}
}

/* The printed sample with ${from} replaced by ${to}. */
static char *
altered(const char *from, const char *to)
{
	struct byok byok = sample(1480);
	SCOPE(free) char *text = NULL;
	char *result = NULL;
	struct fault fault;

	assert_true(byok_print(&byok, &text, &fault));
	char *at = strstr(text, from);
	assert_non_null(at);
	assert_true(asprintf(&result, "%.*s%s%s", (int)(at - text), text, to,
	    at + strlen(from)) > 0);
	return result;
}

static void
what_is_wrong_with_a_file_is_named(void **state)
{
	static const struct { const char *from, *to, *word; } rows[] = {
		{ "1.0.0", "2.0.0", "schema_version" },
		{ "\"dir\"", "\"RSA-OAEP\"", "alg" },
		{ "CKM_RSA_AES_KEY_WRAP", "CKM_RSA_AES_KEY_WRAP_PAD", "enc" },
		{ "\"ciphertext\"", "\"cipher\"", "ciphertext" },
		{ "\"kid\"", "\"key\"", "kid" },
		{ "\"header\": {", "\"header\": {\"kid\": \"x\", ", "" },
		{ "/0123456789abcdef0123456789abcdef", "", "VERSION" },
		{ "https://", "http://", "https://" },
		{ "\"ciphertext\": \"", "\"ciphertext\": \"AAAA", "blocks of 8" },
		{ "\"ciphertext\": \"", "\"ciphertext\": \"++++", "ciphertext" },
		{ "{", "[", ".byok" },
	};
	struct byok byok;
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		SCOPE(free) char *text = altered(rows[i].from, rows[i].to);

		assert_false(byok_parse(text, strlen(text), &byok, &fault));
		assert_int_equal(fault.code, FAULT_DATA);
		if (strstr(fault.text, rows[i].word) == NULL)
			fail_msg("'%s' does not say '%s'", fault.text, rows[i].word);
	}
}

static void
padding_of_other_tools_is_taken(void **state)
{
	SCOPE(free) char *text = NULL;
	SCOPE(free) char *padded = NULL;
	struct byok byok = sample(1480), again;
	struct fault fault;

	(void)state;
	assert_true(byok_print(&byok, &text, &fault));
	char *end = strstr(strstr(text, "\"ciphertext\": \"") + 15, "\"");
	assert_true(asprintf(&padded, "%.*s==%s", (int)(end - text), text, end) > 0);
	assert_true(byok_parse(padded, strlen(padded), &again, &fault));
	assert_memory_equal(again.blob, byok.blob, byok.size);
}

static void
a_kek_is_named_in_full(void **state)
{
	static const char *const bad[] = { "", "https://", "https://v", "https://v/keys/k",
		"https://v/keys/k/", "https://v/keys//1", "https://v/secrets/k/1",
		"https://v/keys/k/1/2", "https://v/keys/k/1?x=1", "https://u@v/keys/k/1",
		"https:///keys/k/1" };

	(void)state;
	assert_true(byok_check_kid(KID, NULL));
	assert_true(byok_check_kid("https://v.vault.example:8443/keys/k-1/0a", NULL));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(byok_check_kid(bad[i], NULL));
}

static void
sizes_tell_what_is_inside(void **state)
{
	char text[BYOK_DESCRIPTION];

	(void)state;
	assert_string_equal(byok_describe(256 + 80, text), "EC P-256 under a KEK of 2048 bits");
	assert_string_equal(byok_describe(512 + 1224, text), "RSA 2048 under a KEK of 4096 bits");
	assert_string_equal(byok_describe(384 + 1800, text), "RSA 3072 under a KEK of 3072 bits");
	assert_string_equal(byok_describe(1000, text), "");
}

static void
the_generator_names_tool_and_token(void **state)
{
	struct hsm_token token = { .model = "SoftHSM v2", .firmware = "2.6" };
	char text[BYOK_GENERATOR_MAX];

	(void)state;
	assert_string_equal(byok_generator(&token, text),
	    "keyturn " KEYTURN_VERSION "; SoftHSM v2 2.6");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_has_exactly_the_members_of_the_specification),
		cmocka_unit_test(what_is_printed_is_read_back),
		cmocka_unit_test(what_is_wrong_with_a_file_is_named),
		cmocka_unit_test(padding_of_other_tools_is_taken),
		cmocka_unit_test(a_kek_is_named_in_full),
		cmocka_unit_test(sizes_tell_what_is_inside),
		cmocka_unit_test(the_generator_names_tool_and_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
