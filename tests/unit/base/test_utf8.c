/* A text that was cut to fit must still be text. */
#include "fault.h"
#include "utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <string.h>

/* Every cut through characters of one to four bytes leaves only whole ones. */
static void
a_cut_leaves_whole_characters(void **state)
{
	static const char text[] = "a\xC3\xA9" "b\xE2\x82\xAC" "c\xF0\x9F\x94\x91" "d";
	static const size_t whole[] = { 0, 1, 1, 3, 4, 4, 4, 7, 8, 8, 8, 8, 12, 13 };

	(void)state;
	for (size_t cut = 0; cut < sizeof text; cut++) {
		char part[sizeof text];

		memcpy(part, text, sizeof text);
		part[cut] = '\0';
		assert_ptr_equal(utf8_trim(part), part);
		assert_int_equal(strlen(part), whole[cut]);
	}
}

/* An error of Azure's in another language than English, too long for a fault, can still be recorded as JSON. */
static void
a_fault_that_is_cut_is_still_json(void **state)
{
	char words[FAULT_TEXT_MAX + 10];

	(void)state;
	for (size_t shift = 0; shift < 2; shift++) {
		struct fault fault = { 0 };
		json_t *value;

		memset(words, 'x', sizeof words);
		for (size_t i = shift; i + 2 < sizeof words; i += 2)
			memcpy(words + i, "\xC3\xBC", 2);
		words[sizeof words - 1] = '\0';
		words[sizeof words - 2] = 'x';
		assert_false(fault_set(&fault, FAULT_FAILED, "%s", words));
		assert_non_null(value = json_string(fault.text));
		json_decref(value);
	}
}

/* A label in Latin-1, a cut character, an overlong one, half a surrogate: none of them may make a failure unrecordable. */
static void
bytes_that_are_no_text_become_replacement_characters(void **state)
{
	static const struct {
		const char *from, *to;
	} cases[] = {
		{ "Schl\xFCssel", "Schl\xEF\xBF\xBDssel" },
		{ "a\xE2\x82 b", "a\xEF\xBF\xBD\xEF\xBF\xBD b" },
		{ "\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD" },
		{ "\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" },
		{ "\xF0\x9F\x94\x91 gut", "\xF0\x9F\x94\x91 gut" },
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fault fault = { 0 };
		json_t *value;

		assert_string_equal(utf8_copy(text, sizeof text, cases[i].from), cases[i].to);
		assert_false(fault_set(&fault, FAULT_FAILED, "Token '%s'", cases[i].from));
		assert_non_null(value = json_string(fault.text));
		json_decref(value);
	}

	/* What does not fit goes by whole characters. */
	assert_string_equal(utf8_copy(text, 4, "ab\xFC" "c"), "ab");
	assert_string_equal(utf8_copy(text, 1, "a"), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_leaves_whole_characters),
		cmocka_unit_test(a_fault_that_is_cut_is_still_json),
		cmocka_unit_test(bytes_that_are_no_text_become_replacement_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
