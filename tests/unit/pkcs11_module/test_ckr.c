/*
 * Return values of PKCS #11 as people read them.
 */
#include "ckr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static void
every_standard_code_has_its_own_name(void **state)
{
	char text[CKR_TEXT];
	unsigned known = 0;

	(void)state;
	for (CK_RV rv = 1; rv <= 0x210; rv++) {
		const char *name = ckr_name(rv, text);

		if (strncmp(name, "CKR_", 4) != 0)
			continue;
		known++;
		for (CK_RV other = 1; other < rv; other++) {
			char room[CKR_TEXT];

			assert_string_not_equal(ckr_name(other, room), name);
		}
	}
	assert_true(known >= 90);
}

static void
what_no_standard_knows_is_shown_as_a_number(void **state)
{
	char text[CKR_TEXT];

	(void)state;
	assert_string_equal(ckr_name(CKR_VENDOR_DEFINED + 0x12, text),
	    "CKR_VENDOR_DEFINED + 0x12");
	assert_non_null(strstr(ckr_name(0x7777, text), "0x7777"));
	assert_string_not_equal(ckr_advice(0x7777), "");
}

static void
a_fault_says_what_where_what_came_back_and_what_to_do(void **state)
{
	struct fault fault;

	(void)state;
	assert_false(ckr_fault(&fault, CKR_PIN_INCORRECT,
	    (struct ckr_place){ "C_Login", "hospital" }, "Log in as %s", "user"));
	assert_int_equal(fault.code, FAULT_PERMISSION);
	assert_non_null(strstr(fault.text,
	    "Log in as user: C_Login on token 'hospital' answered CKR_PIN_INCORRECT. "));
	assert_int_equal(ckr_code(CKR_TOKEN_NOT_PRESENT), FAULT_UNAVAILABLE);
	assert_int_equal(ckr_code(CKR_KEY_UNEXTRACTABLE), FAULT_REFUSED);
	assert_int_equal(ckr_code(CKR_VENDOR_DEFINED + 1), FAULT_UNAVAILABLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_standard_code_has_its_own_name),
		cmocka_unit_test(what_no_standard_knows_is_shown_as_a_number),
		cmocka_unit_test(a_fault_says_what_where_what_came_back_and_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
