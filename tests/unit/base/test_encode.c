#include "playground.h"

#include "encode.h"
#include "scope.h"

static void
hex_is_lower_case_and_reads_back_in_either_case(void **state)
{
	const uint8_t bytes[] = { 0x00, 0x01, 0x7f, 0x80, 0xab, 0xff };
	char text[2 * sizeof bytes + 1];
	uint8_t back[sizeof bytes] = { 0 };

	(void)state;
	assert_string_equal(encode_hex(bytes, sizeof bytes, text), "00017f80abff");
	assert_true(encode_parse_hex("00017F80aBFf", back, sizeof back, NULL));
	assert_memory_equal(back, bytes, sizeof bytes);
	assert_string_equal(encode_hex(NULL, 0, text), "");
}

static void
wrong_hex_is_refused_and_changes_nothing(void **state)
{
	static const char *const rows[] = { "", "0", "000", "00112", "0011223", "0g", "00 1", " 000",
		"0x00", "00\xc3\xa9", "00/0", "00:0", "00@0", "00`0", "00G0" };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t bytes[2] = { 7, 7 };
		struct fault fault = { 0 };

		assert_false(encode_parse_hex(rows[i], bytes, sizeof bytes, &fault));
		assert_int_equal(fault.code, FAULT_DATA);
		assert_int_equal(bytes[0], 7);
		assert_int_equal(bytes[1], 7);
	}
}

/* The test vectors of RFC 4648, 10, without padding; and the two characters that differ. */
static const struct {
	const char *bytes, *text;
} vectors[] = {
	{ "", "" }, { "f", "Zg" }, { "fo", "Zm8" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg" },
	{ "fooba", "Zm9vYmE" }, { "foobar", "Zm9vYmFy" }, { "\xfb\xff\xbf", "-_-_" },
};

static void
base64url_is_that_of_the_rfc(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		SCOPE(free) char *text = NULL;
		SCOPE(free) uint8_t *bytes = NULL;
		size_t size = strlen(vectors[i].bytes), back;

		assert_true(encode_base64url(vectors[i].bytes, size, &text, NULL));
		assert_string_equal(text, vectors[i].text);
		assert_true(encode_parse_base64url(text, &bytes, &back, NULL));
		assert_int_equal(back, size);
		assert_memory_equal(bytes, vectors[i].bytes, size + 1);
	}
}

static void
base64url_of_every_length_reads_back(void **state)
{
	uint8_t bytes[100];

	(void)state;
	assert_true(random_bytes(bytes, sizeof bytes, NULL));
	for (size_t size = 0; size <= sizeof bytes; size++) {
		SCOPE(free) char *text = NULL;
		SCOPE(free) uint8_t *back = NULL;
		size_t back_size;

		assert_true(encode_base64url(bytes, size, &text, NULL));
		assert_int_equal(strlen(text), (size * 8 + 5) / 6);
		assert_true(encode_parse_base64url(text, &back, &back_size, NULL));
		assert_int_equal(back_size, size);
		assert_memory_equal(back, bytes, size);
	}
}

static void
base64url_has_one_spelling(void **state)
{
	static const char *const rows[] = { "Zg==", "Zm8=", "Z", "Zm9vY", "Zm9v\n", " Zm9v", "Zm 9v",
		"Zm+v", "Zm/v", "Zm9v.", "Zh", "Zm9", "Zm\xc3\xa9v", "=" };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t *bytes = NULL;
		struct fault fault = { 0 };
		size_t size;

		if (encode_parse_base64url(rows[i], &bytes, &size, &fault))
			fail_msg("\"%s\" was taken", rows[i]);
		assert_int_equal(fault.code, FAULT_DATA);
		assert_null(bytes);
	}
}

static void
too_much_for_base64url_is_refused(void **state)
{
	struct fault fault = { 0 };
	char *text = NULL;

	(void)state;
	assert_false(encode_base64url("", (size_t)1 << 40, &text, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	assert_null(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex_is_lower_case_and_reads_back_in_either_case),
		cmocka_unit_test(wrong_hex_is_refused_and_changes_nothing),
		cmocka_unit_test(base64url_is_that_of_the_rfc),
		cmocka_unit_test(base64url_of_every_length_reads_back),
		cmocka_unit_test(base64url_has_one_spelling),
		cmocka_unit_test(too_much_for_base64url_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
