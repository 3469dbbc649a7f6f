#include "exitstatus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
every_fault_has_a_status_that_the_help_explains(void **state)
{
	(void)state;
	for (int code = FAULT_FAILED; code <= FAULT_STOPPED; code++) {
		int status = exitstatus_of((enum fault_code)code), listed = -1;
		const char *meaning;

		assert_int_not_equal(status, EXITSTATUS_DONE);
		assert_true(code == FAULT_INTERNAL || status != EXITSTATUS_INTERNAL);
		for (unsigned i = 0; listed != status && exitstatus_at(i, &listed, &meaning); i++)
			assert_true(strlen(meaning) > 0);
		assert_int_equal(listed, status);
	}
}

static void
the_statuses_are_those_that_schedulers_know(void **state)
{
	static const struct { enum fault_code code; int status; } cases[] = {
		{ FAULT_FAILED, 1 }, { FAULT_REFUSED, 1 }, { FAULT_USAGE, 64 }, { FAULT_DATA, 65 },
		{ FAULT_UNAVAILABLE, 69 }, { FAULT_INTERNAL, 70 }, { FAULT_SYSTEM, 71 }, { FAULT_RETRY, 75 },
		{ FAULT_STOPPED, 75 }, { FAULT_PROTOCOL, 76 }, { FAULT_PERMISSION, 77 }, { FAULT_SETTINGS, 78 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(exitstatus_of(cases[i].code), cases[i].status);
}

static void
a_code_that_nobody_knows_is_no_success(void **state)
{
	(void)state;
	assert_int_equal(exitstatus_of((enum fault_code)0), EXITSTATUS_INTERNAL);
	assert_int_equal(exitstatus_of((enum fault_code)99), EXITSTATUS_INTERNAL);
}

static void
a_fault_outweighs_a_finding_and_a_finding_what_is_due(void **state)
{
	(void)state;
	assert_int_equal(exitstatus_worse(0, 0), 0);
	assert_int_equal(exitstatus_worse(0, 2), 2);
	assert_int_equal(exitstatus_worse(2, 1), 1);
	assert_int_equal(exitstatus_worse(1, 2), 1);
	assert_int_equal(exitstatus_worse(1, 69), 69);
	assert_int_equal(exitstatus_worse(69, 77), 69);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fault_has_a_status_that_the_help_explains),
		cmocka_unit_test(the_statuses_are_those_that_schedulers_know),
		cmocka_unit_test(a_code_that_nobody_knows_is_no_success),
		cmocka_unit_test(a_fault_outweighs_a_finding_and_a_finding_what_is_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
