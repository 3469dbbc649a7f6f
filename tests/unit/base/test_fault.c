#include "playground.h"

#include "fault.h"

#include <errno.h>

static void
a_fault_keeps_code_and_sentence_and_is_always_false(void **state)
{
	struct fault fault = { 0 };

	(void)state;
	assert_false(fault_set(&fault, FAULT_REFUSED, "KEK %s is not enrolled", "abc"));
	assert_int_equal(fault.code, FAULT_REFUSED);
	assert_string_equal(fault.text, "KEK abc is not enrolled");
}

static void
a_system_fault_says_what_errno_means_and_what_to_do(void **state)
{
	struct fault fault = { 0 };

	(void)state;
	errno = ENOSPC;
	assert_false(fault_system(&fault, "Write %s", "journal.jsonl"));
	assert_int_equal(fault.code, FAULT_SYSTEM);
	assert_string_equal(fault.text, "Write journal.jsonl: No space left on device; "
	    "free some space on that file system");
	errno = EPERM;
	fault_system(&fault, "Write it");
	assert_string_equal(fault.text, "Write it: Operation not permitted");
}

static void
a_prefix_goes_in_front_and_leaves_the_code(void **state)
{
	struct fault fault = { 0 };

	(void)state;
	fault_set(&fault, FAULT_RETRY, "busy");
	assert_false(fault_prefix(&fault, "Policy %s", "p"));
	assert_int_equal(fault.code, FAULT_RETRY);
	assert_string_equal(fault.text, "Policy p: busy");
}

static void
a_fault_may_quote_its_own_old_text(void **state)
{
	struct fault fault = { 0 };

	(void)state;
	fault_set(&fault, FAULT_DATA, "inner");
	fault_set(&fault, FAULT_FAILED, "outer (%s)", fault.text);
	assert_string_equal(fault.text, "outer (inner)");
}

static void
a_long_sentence_is_cut_and_ended(void **state)
{
	struct fault fault = { 0 };
	char text[2 * FAULT_TEXT_MAX];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = 0;
	fault_set(&fault, FAULT_DATA, "%s", text);
	assert_int_equal(strlen(fault.text), FAULT_TEXT_MAX - 1);
	fault_prefix(&fault, "p");
	assert_memory_equal(fault.text, "p: xxx", 6);
	assert_int_equal(strlen(fault.text), FAULT_TEXT_MAX - 1);
}

static void
nobody_needs_to_want_the_fault(void **state)
{
	(void)state;
	assert_false(fault_set(NULL, FAULT_DATA, "x"));
	assert_false(fault_system(NULL, "x"));
	assert_false(fault_prefix(NULL, "x"));
}

static void
every_code_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int a = FAULT_FAILED; a <= FAULT_STOPPED; a++) {
		assert_non_null(fault_code_name((enum fault_code)a));
		for (int b = FAULT_FAILED; b < a; b++)
			assert_string_not_equal(fault_code_name((enum fault_code)a),
			    fault_code_name((enum fault_code)b));
	}
	assert_string_equal(fault_code_name(FAULT_NOT_FOUND), "not-found");
	assert_string_equal(fault_code_name((enum fault_code)0), "internal");
	assert_string_equal(fault_code_name((enum fault_code)(FAULT_STOPPED + 1)), "internal");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fault_keeps_code_and_sentence_and_is_always_false),
		cmocka_unit_test(a_system_fault_says_what_errno_means_and_what_to_do),
		cmocka_unit_test(a_prefix_goes_in_front_and_leaves_the_code),
		cmocka_unit_test(a_fault_may_quote_its_own_old_text),
		cmocka_unit_test(a_long_sentence_is_cut_and_ended),
		cmocka_unit_test(nobody_needs_to_want_the_fault),
		cmocka_unit_test(every_code_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
