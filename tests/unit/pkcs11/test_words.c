/*
 * The words must be told apart by ear: all different, none the beginning of
 * another, none one letter away from another.
 */
#include "words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

/*
 * Whether one letter changed, added or removed makes ${a} into ${b}, which is
 * not shorter.
 */
static bool
one_letter_away(const char *a, const char *b)
{
	size_t longer = strlen(b) - strlen(a), same = 0;

	if (longer > 1)
		return false;
	while (a[same] != 0 && a[same] == b[same])
		same++;
	return strcmp(a + same + (longer == 0 && a[same] != 0), b + same + (b[same] != 0)) == 0;
}

static void
no_two_words_are_easily_confused(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		const char *a = words_word((uint8_t)i);

		assert_in_range(strlen(a), 3, WORDS_LETTERS_MAX);
		assert_int_equal(strspn(a, "abcdefghijklmnopqrstuvwxyz"), strlen(a));
		for (unsigned j = 0; j < 256; j++) {
			const char *b = words_word((uint8_t)j);

			if (i == j)
				continue;
			assert_string_not_equal(a, b);
			assert_int_not_equal(strncmp(a, b, strlen(a)), 0);
			if (strlen(a) <= strlen(b))
				assert_false(one_letter_away(a, b));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_two_words_are_easily_confused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
