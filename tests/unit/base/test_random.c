#include "playground.h"

#include "random.h"

static void
bytes_differ_from_call_to_call_and_stay_within_their_size(void **state)
{
	uint8_t a[34] = { 0 }, b[34] = { 0 };

	(void)state;
	assert_true(random_bytes(a + 1, 32, NULL));
	assert_true(random_bytes(b + 1, 32, NULL));
	assert_memory_not_equal(a + 1, b + 1, 32);
	assert_int_equal(a[0] | a[33] | b[0] | b[33], 0);
	assert_true(random_bytes(a, 0, NULL));
}

static void
a_uuid_has_version_4_and_the_rfc_variant(void **state)
{
	char last[37] = "";

	(void)state;
	for (int i = 0; i < 500; i++) {
		char text[38];

		text[37] = 'x';
		assert_true(random_uuid(text, NULL));
		assert_int_equal(strlen(text), 36);
		assert_int_equal(text[37], 'x');
		for (size_t at = 0; at < 36; at++) {
			bool hyphen = at == 8 || at == 13 || at == 18 || at == 23;

			assert_non_null(strchr(hyphen ? "-" : "0123456789abcdef", text[at]));
		}
		assert_int_equal(text[14], '4');
		assert_non_null(strchr("89ab", text[19]));
		assert_string_not_equal(text, last);
		memcpy(last, text, sizeof last);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_differ_from_call_to_call_and_stay_within_their_size),
		cmocka_unit_test(a_uuid_has_version_4_and_the_rfc_variant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
