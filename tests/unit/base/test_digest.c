#include "playground.h"

#include "digest.h"
#include "encode.h"

static void
sha256_is_that_of_the_standard(void **state)
{
	/* NIST's examples for FIPS 180-4, and the empty message. */
	static const struct {
		const char *bytes, *digest;
	} rows[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t digest[DIGEST_SIZE];
		char text[DIGEST_HEX_SIZE];

		assert_true(digest_sha256(rows[i].bytes, strlen(rows[i].bytes), digest, NULL));
		assert_string_equal(encode_hex(digest, sizeof digest, text), rows[i].digest);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_is_that_of_the_standard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
