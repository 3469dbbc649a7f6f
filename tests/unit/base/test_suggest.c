#include "playground.h"

#include "suggest.h"

static void
slips_are_counted(void **state)
{
	static const struct { const char *found, *known; int distance; } rows[] = {
		{ "bits", "bits", 0 },
		{ "BITS", "bits", 0 },
		{ "bit", "bits", 1 },
		{ "bitss", "bits", 1 },
		{ "bots", "bits", 1 },
		{ "btis", "bits", 1 },
		{ "recvoeryy", "recovery", 2 },
		{ "after-import", "after_import", 1 },
		{ "keyname", "key_name", 1 },
		{ "", "a", 1 },
		{ "ca", "abc", SUGGEST_TOO_FAR },
		{ "bats", "cuts", SUGGEST_TOO_FAR },
		{ "", "bits", SUGGEST_TOO_FAR },
		{ "window", "every", SUGGEST_TOO_FAR },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(suggest_distance(rows[i].found, rows[i].known), rows[i].distance);
}

static void
words_of_any_length_are_taken(void **state)
{
	char word[4096];

	(void)state;
	memset(word, 'a', sizeof word);
	word[sizeof word - 1] = '\0';
	assert_int_equal(suggest_distance(word, word), SUGGEST_TOO_FAR);
	word[64] = '\0';
	assert_int_equal(suggest_distance(word, word), 0);
	word[64] = 'a';
	word[65] = '\0';
	assert_int_equal(suggest_distance(word, "a"), SUGGEST_TOO_FAR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slips_are_counted),
		cmocka_unit_test(words_of_any_length_are_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
