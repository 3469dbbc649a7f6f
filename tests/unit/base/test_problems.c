#include "playground.h"

#include "problems.h"
#include "scope.h"

static void
expect_print(const struct problem *problem, const char *expected)
{
	SCOPE(free) char *text = problem_print(problem);

	assert_string_equal(text, expected);
}

static void
a_problem_is_printed_with_what_is_known_of_its_place(void **state)
{
	SCOPE(problems) struct problems problems = { 0 };

	(void)state;
	problems_add(&problems, &(struct problem_place){ "p.json", 3, 14, "/key/bits" }, "\"bits\" is %d", 7);
	problems_add(&problems, &(struct problem_place){ .file = "p.json", .line = 3, .column = 1 }, "this is not JSON");
	problems_add(&problems, &(struct problem_place){ .file = "p.json", .pointer = "/name" }, "the same name as in q.json");
	problems_add(&problems, &(struct problem_place){ .file = "p.json" }, "cannot be read");
	assert_int_equal(problems_total(&problems), 4);
	expect_print(&problems.list[0], "p.json:3:14: /key/bits: \"bits\" is 7");
	expect_print(&problems.list[1], "p.json:3:1: this is not JSON");
	expect_print(&problems.list[2], "p.json: /name: the same name as in q.json");
	expect_print(&problems.list[3], "p.json: cannot be read");
}

static void
no_control_character_reaches_a_terminal(void **state)
{
	SCOPE(problems) struct problems problems = { 0 };

	(void)state;
	problems_add(&problems, &(struct problem_place){ .file = "p\033[2J.json", .pointer = "/a\302\23331m\177" }, "\u00f6 is fine, \r is not");
	expect_print(&problems.list[0], "p?[2J.json: /a??31m?: \u00f6 is fine, ? is not");
}

static void
a_fault_quotes_the_first_and_counts_from_there(void **state)
{
	SCOPE(problems) struct problems problems = { 0 };
	struct fault fault = { 0 };

	(void)state;
	problems_add(&problems, &(struct problem_place){ .file = "a" }, "one");
	problems_add(&problems, &(struct problem_place){ .file = "b" }, "two");
	assert_false(problems_fault(&problems, 0, FAULT_DATA, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	assert_string_equal(fault.text, "2 problems; the first: a: one");
	assert_false(problems_fault(&problems, 1, FAULT_SETTINGS, &fault));
	assert_int_equal(fault.code, FAULT_SETTINGS);
	assert_string_equal(fault.text, "b: two");
}

static void
what_there_was_no_memory_for_still_counts(void **state)
{
	struct problems problems = { .lost = 3 };
	struct fault fault = { 0 };

	(void)state;
	assert_int_equal(problems_total(&problems), 3);
	assert_false(problems_fault(&problems, 0, FAULT_DATA, &fault));
	assert_int_equal(fault.code, FAULT_SYSTEM);
	assert_string_equal(fault.text, "3 problems were found, but there was no memory to keep them");
	problems_clear(&problems);
	assert_int_equal(problems_total(&problems), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_problem_is_printed_with_what_is_known_of_its_place),
		cmocka_unit_test(no_control_character_reaches_a_terminal),
		cmocka_unit_test(a_fault_quotes_the_first_and_counts_from_there),
		cmocka_unit_test(what_there_was_no_memory_for_still_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
