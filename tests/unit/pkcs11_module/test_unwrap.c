/*
 * Opening RFC 5649 with OpenSSL, which the preflight relies on, against the
 * vectors of NIST and of Wycheproof.
 */
#include "unwrap.h"

#include "scope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

#define VECTORS "../../vectors/"

/* Bytes from hex of any length. */
static size_t
from_hex(const char *hex, uint8_t *bytes, size_t room)
{
	size_t size = strcspn(hex, "\r\n") / 2;
	char digits[3] = "";

	assert_true(size <= room);
	for (size_t i = 0; i < size; i++) {
		memcpy(digits, hex + 2 * i, 2);
		bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return size;
}

static void
every_vector_of_wycheproof_with_256_bits_is_judged_right(void **state)
{
	SCOPE(json) json_t *file = json_load_file(VECTORS "wycheproof/aes_kwp_test.json", 0, NULL);
	uint8_t key[32], wrapped[4096], message[4096], plain[8192];
	size_t index, count, size, run = 0;
	json_t *group, *test;

	(void)state;
	assert_non_null(file);
	json_array_foreach(json_object_get(file, "testGroups"), index, group) {
		if (json_integer_value(json_object_get(group, "keySize")) != 256)
			continue;
		json_array_foreach(json_object_get(group, "tests"), count, test) {
			const char *result = json_string_value(json_object_get(test, "result"));
			size_t message_size = from_hex(json_string_value(json_object_get(test,
			    "msg")), message, sizeof message);

			from_hex(json_string_value(json_object_get(test, "key")), key, sizeof key);
			size_t wrapped_size = from_hex(json_string_value(json_object_get(test,
			    "ct")), wrapped, sizeof wrapped);
			bool opened = unwrap_kwp(key, wrapped, wrapped_size, plain, &size);

			/*
			 * "acceptable" are short keys, which keyturn neither
			 * needs nor minds.
			 */
			if (strcmp(result, "valid") == 0)
				assert_true(opened);
			if (strcmp(result, "invalid") == 0)
				assert_false(opened);
			if (opened) {
				assert_int_equal(size, message_size);
				assert_memory_equal(plain, message, size);
			}
			run++;
		}
	}
	assert_true(run > 50);
}

/* One "C = …" with the key before it; a "P = …" or "FAIL" follows. */
static void
every_decryption_vector_of_nist_is_judged_right(void **state)
{
	SCOPE(file) FILE *file = fopen(VECTORS "nist-kwp/KWP_AD_256.txt", "r");
	uint8_t key[32], wrapped[8192], message[8192], plain[8192];
	char line[20000];
	size_t wrapped_size = 0, size, opened = 0, refused = 0;

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof line, file) != NULL) {
		if (strncmp(line, "K = ", 4) == 0)
			assert_int_equal(from_hex(line + 4, key, sizeof key), 32);
		if (strncmp(line, "C = ", 4) == 0)
			wrapped_size = from_hex(line + 4, wrapped, sizeof wrapped);
		if (strncmp(line, "P = ", 4) == 0) {
			size_t want = from_hex(line + 4, message, sizeof message);

			assert_true(unwrap_kwp(key, wrapped, wrapped_size, plain, &size));
			assert_int_equal(size, want);
			assert_memory_equal(plain, message, want);
			opened++;
		}
		if (strncmp(line, "FAIL", 4) == 0) {
			assert_false(unwrap_kwp(key, wrapped, wrapped_size, plain, &size));
			refused++;
		}
	}
	assert_true(opened > 100 && refused > 20);
}

static void
what_is_no_wrap_at_all_is_refused(void **state)
{
	uint8_t key[32] = { 0 }, wrapped[HSM_BLOB_MAX + 8] = { 0 }, plain[HSM_BLOB_MAX + 8];
	static const size_t sizes[] = { 0, 8, 15, 17, 16, 24, HSM_BLOB_MAX, HSM_BLOB_MAX + 8 };
	size_t size;

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		assert_false(unwrap_kwp(key, wrapped, sizes[i], plain, &size));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_of_wycheproof_with_256_bits_is_judged_right),
		cmocka_unit_test(every_decryption_vector_of_nist_is_judged_right),
		cmocka_unit_test(what_is_no_wrap_at_all_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
