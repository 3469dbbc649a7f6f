#include "playground.h"

#include "crypto.h"

#include <openssl/err.h>
#include <openssl/evp.h>

static void
the_reason_of_openssl_is_told_once(void **state)
{
	struct fault fault = { 0 };

	(void)state;
	ERR_clear_error();
	assert_null(EVP_MD_fetch(NULL, "no such digest", NULL));
	assert_false(crypto_fault(&fault, FAULT_INTERNAL, "Fetch %s", "it"));
	assert_int_equal(fault.code, FAULT_INTERNAL);
	assert_string_equal(fault.text, "Fetch it: OpenSSL says \"unsupported\"");

	/* The queue is empty now, so the next failure is not blamed on that one. */
	assert_false(crypto_fault(&fault, FAULT_DATA, "Again"));
	assert_string_equal(fault.text, "Again: OpenSSL says \"failed, no reason given\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_reason_of_openssl_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
