#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
control_characters_of_foreign_text_are_written_out(void **state)
{
	static const struct { const char *text, *visible; } cases[] = {
		{ "plain text", "plain text" },
		{ "\033[2Jgone", "\\x1b[2Jgone" },
		{ "a\nforged line\r", "a\\x0aforged line\\x0d" },
		{ "\x7f", "\\x7f" },
		{ "\xc2\x9b" "31m", "\\u009b31m" },			/* C1: CSI in one character */
		{ "evil\u202egpj.exe", "evil\\u202egpj.exe" },		/* right-to-left override */
		{ "zero\u200bwidth", "zero\\u200bwidth" },
		{ "tag\U000e0041", "tag\\U000e0041" },
		{ "Gr\u00f6\u00dfe \u2713", "Gr\u00f6\u00dfe \u2713" },	/* ordinary letters stay */
		{ "\xff\xc3", "\\xff\\xc3" },				/* not UTF-8 at all */
		{ "\xc0\x9b", "\\xc0\\x9b" },				/* overlong */
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },			/* half of a surrogate pair */
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },		/* beyond Unicode */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *visible = text_visible(cases[i].text);

		assert_non_null(visible);
		assert_string_equal(visible, cases[i].visible);
		free(visible);
	}
}

static void
no_byte_string_gets_a_control_byte_past_it(void **state)
{
	uint32_t seed = 12345;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		char text[64];
		size_t size = 0;

		/* Bytes at random, with many of the lead and continuation bytes that matter. */
		while (size < sizeof text - 1) {
			seed = seed * 1664525 + 1013904223;
			char byte = (char)(seed >> 24);
			text[size++] = byte == '\0' ? (char)0xc2 : byte;
		}
		text[size] = '\0';
		char *visible = text_visible(text);
		assert_non_null(visible);
		for (const char *p = visible; *p != '\0'; p++) {
			assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
			assert_false(p[0] == (char)0xc2 && (unsigned char)p[1] >= 0x80 && (unsigned char)p[1] < 0xa0);
		}
		free(visible);
	}
}

static void
width_counts_columns_and_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("abc"), 3);
	assert_int_equal(text_width("Gr\u00f6\u00dfe"), 5);
	assert_int_equal(text_width("e\u0301"), 1);
	assert_int_equal(text_width("\u9375"), 2);
	assert_int_equal(text_width("\u2026"), 1);
}

static void
a_cut_never_splits_a_character(void **state)
{
	const char *text = "a\u9375b";

	(void)state;
	assert_int_equal(text_fit(text, 1), 1);
	assert_int_equal(text_fit(text, 2), 1);
	assert_int_equal(text_fit(text, 3), 4);
	assert_int_equal(text_fit(text, 9), 5);
	assert_int_equal(text_fit_end(text, 1), 1);
	assert_int_equal(text_fit_end(text, 2), 1);
	assert_int_equal(text_fit_end(text, 3), 4);
	assert_int_equal(text_fit_end(text, 0), 0);
}

static void
a_break_falls_between_words_where_it_can(void **state)
{
	(void)state;
	assert_int_equal(text_break("one two three", 7), 7);
	assert_int_equal(text_break("one two three", 6), 3);
	assert_int_equal(text_break("one two three", 100), 13);
	assert_int_equal(text_break("incomprehensible", 5), 5);
	assert_int_equal(text_break("\u9375", 1), 3);	/* does not fit, and must not be stuck on */
	assert_int_equal(text_break("", 10), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(control_characters_of_foreign_text_are_written_out),
		cmocka_unit_test(no_byte_string_gets_a_control_byte_past_it),
		cmocka_unit_test(width_counts_columns_and_not_bytes),
		cmocka_unit_test(a_cut_never_splits_a_character),
		cmocka_unit_test(a_break_falls_between_words_where_it_can),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
