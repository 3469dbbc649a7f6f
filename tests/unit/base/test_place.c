#include "playground.h"

#include "place.h"

/* What a walk has seen, one value a line. */
struct seen {
	char text[2000];
	size_t left;		/* values until the visitor ends the walk */
};

static bool
note(void *context, const struct place *place)
{
	struct seen *seen = context;
	size_t used = strlen(seen->text);

	snprintf(seen->text + used, sizeof seen->text - used, "%u:%u %s%s%.*s\n", place->line, place->column, place->pointer,
	    place->repeated == NULL ? "" : " again ", place->repeated == NULL ? 0 : (int)place->repeated_size,
	    place->repeated == NULL ? "" : place->repeated);
	return --seen->left > 0;
}

static void
expect_walk(const char *text, const char *expected)
{
	struct seen seen = { .left = 1000 };

	/* From memory of its exact size, so that a step too far is seen. */
	char *exact = malloc(strlen(text));
	memcpy(exact, text, strlen(text));
	assert_true(place_walk(exact, strlen(text), note, &seen));
	assert_string_equal(seen.text, expected);
	free(exact);
}

static void
every_value_is_visited_before_those_inside(void **state)
{
	(void)state;
	expect_walk("{\"a\": [1, {\"b\":null}], \"c\":-1.5e+3}", "1:1 \n1:2 /a\n1:8 /a/0\n1:11 /a/1\n1:12 /a/1/b\n1:24 /c\n");
	expect_walk(" \r\n\t[ true ,false\n, \"x\" ]\n", "2:2 \n2:4 /0\n2:10 /1\n3:3 /2\n");
	expect_walk("{}", "1:1 \n");
	expect_walk("[ ]", "1:1 \n");
	expect_walk("\"text\"", "1:1 \n");
	expect_walk("[[[]],[]]", "1:1 \n1:2 /0\n1:3 /0/0\n1:7 /1\n");
}

static void
a_column_is_a_character_and_not_a_byte(void **state)
{
	(void)state;
	expect_walk("{\"\u00f6\u20ac\U0001f511\":0,\"b\":1}", "1:1 \n1:2 /\u00f6\u20ac\U0001f511\n1:10 /b\n");
}

static void
quotes_and_brackets_inside_strings_are_text(void **state)
{
	(void)state;
	expect_walk("{\"a\\\"}]\":\"\\\\\",\"b\":\"[{,\"}", "1:1 \n1:2 /a\"}]\n1:15 /b\n");
}

static void
pointers_are_escaped(void **state)
{
	(void)state;
	expect_walk("{\"a/b\":1,\"c~d\":{\"\":2}}", "1:1 \n1:2 /a~1b\n1:10 /c~0d\n1:17 /c~0d/\n");
}

static void
a_member_that_stands_twice_is_told_however_it_is_written(void **state)
{
	(void)state;
	expect_walk("{\"a\":1,\"b\":{\"a\":2},\"\\u0061\":3}", "1:1 \n1:2 /a\n1:8 /b\n1:13 /b/a\n1:20 /a again \\u0061\n");
	expect_walk("[{\"a\":1},{\"a\":1}]", "1:1 \n1:2 /0\n1:3 /0/a\n1:10 /1\n1:11 /1/a\n");
}

static void
a_visitor_can_end_the_walk(void **state)
{
	struct seen seen = { .left = 2 };

	(void)state;
	assert_false(place_walk("[1,2,3]", 7, note, &seen));
	assert_string_equal(seen.text, "1:1 \n1:2 /0\n");
}

static void
a_value_is_found_and_of_twins_the_last(void **state)
{
	static const char text[] = "{\n \"a\": 1,\n \"b\": { \"c\": [ 0, 1 ] },\n \"a\": 2 }";
	unsigned line, column;

	(void)state;
	place_find(text, strlen(text), "/b/c/1", &line, &column);
	assert_int_equal(line, 3);
	assert_int_equal(column, 19);
	place_find(text, strlen(text), "/a", &line, &column);
	assert_int_equal(line, 4);
	assert_int_equal(column, 2);
	place_find(text, strlen(text), "/nowhere", &line, &column);
	assert_int_equal(line, 0);
	assert_int_equal(column, 0);
}

static void
pointers_fit_however_deep_the_nesting(void **state)
{
	enum { DEPTH = 2000 };
	char *text = calloc(1, 8 * DEPTH);
	struct seen seen = { .left = SIZE_MAX };

	(void)state;
	for (size_t i = 0; i < DEPTH; i++)
		memcpy(text + 5 * i, "{\"~\":", 5);
	text[5 * DEPTH] = '0';
	memset(text + 5 * DEPTH + 1, '}', DEPTH);
	assert_true(place_walk(text, strlen(text), note, &seen));
	memset(text, '[', DEPTH);
	memset(text + DEPTH, ']', DEPTH);
	assert_true(place_walk(text, (size_t)2 * DEPTH, note, &seen));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_value_is_visited_before_those_inside),
		cmocka_unit_test(a_column_is_a_character_and_not_a_byte),
		cmocka_unit_test(quotes_and_brackets_inside_strings_are_text),
		cmocka_unit_test(pointers_are_escaped),
		cmocka_unit_test(a_member_that_stands_twice_is_told_however_it_is_written),
		cmocka_unit_test(a_visitor_can_end_the_walk),
		cmocka_unit_test(a_value_is_found_and_of_twins_the_last),
		cmocka_unit_test(pointers_fit_however_deep_the_nesting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
