/* JSON Web Keys into public keys, and names of operations into bits. */
#include "jwk.h"
#include "scope.h"
#include "vault.h"


#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <openssl/rsa.h>
#include <string.h>

/* Make a key with OpenSSL, and the JWK members of its public half by way of publickey.h. */
static void
make_rsa(struct public_key *key, uint8_t **modulus, size_t *size)
{
	SCOPE(evp_pkey) EVP_PKEY *evp = EVP_RSA_gen(2048);
	SCOPE(free) uint8_t *exponent = NULL;
	size_t exponent_size;

	assert_true(publickey_from_evp(evp, key, NULL));
	assert_true(publickey_rsa_parts(key, modulus, size, &exponent, &exponent_size));
}

static void
an_rsa_key_is_read_with_and_without_a_leading_zero(void **state)
{
	struct public_key key, read;
	SCOPE(free) uint8_t *modulus = NULL;
	SCOPE(free) char *plain = NULL;
	SCOPE(free) char *padded = NULL;
	uint8_t longer[300] = { 0 };
	struct fault fault = { 0 };
	size_t size;

	(void)state;
	make_rsa(&key, &modulus, &size);
	memcpy(longer + 1, modulus, size);
	assert_true(encode_base64url(modulus, size, &plain, &fault));
	assert_true(encode_base64url(longer, size + 1, &padded, &fault));
	const char *const texts[] = { plain, padded };
	static const char *const ktys[] = { "RSA", "RSA-HSM" };

	for (size_t i = 0; i < 4; i++) {
		SCOPE(json) json_t *jwk = json_pack("{s:s, s:s, s:s}", "kty", ktys[i / 2], "n", texts[i % 2],
		    "e", "AQAB");

		assert_true(jwk_public_key(jwk, &read, &fault));
		assert_true(publickey_equal(&key, &read));
	}
}

/* RFC 7515, appendices A.3 and A.4, and RFC 7520, 3.1. */
static void
published_ec_keys_are_read(void **state)
{
	static const struct {
		const char *crv, *x, *y;
		unsigned bits;
	} keys[] = {
		{ "P-256", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", 256 },
		{ "P-521", "AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt",
		  "AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1", 521 },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		SCOPE(json) json_t *jwk = json_pack("{s:s, s:s, s:s, s:s}", "kty", "EC-HSM", "crv", keys[i].crv,
		    "x", keys[i].x, "y", keys[i].y);
		struct public_key key;
		struct fault fault = { 0 };

		assert_true(jwk_public_key(jwk, &key, &fault));
		assert_int_equal(key.shape.family, KEY_EC);
		assert_int_equal(key.shape.bits, keys[i].bits);
	}
}

static void
keys_that_are_none_are_refused(void **state)
{
	static const char *const texts[] = {
		"{}", "{\"kty\":\"oct-HSM\"}", "{\"kty\":\"RSA\"}", "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}",
		"{\"kty\":\"RSA\",\"n\":\"A+/=\",\"e\":\"AQAB\"}", "{\"kty\":\"RSA\",\"n\":5,\"e\":\"AQAB\"}",
		"{\"kty\":\"EC\",\"crv\":\"P-256K\",\"x\":\"AQ\",\"y\":\"AQ\"}",
		"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":\"AQ\"}",
		"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}",
		"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"_____________________________________________\",\"y\":\"AQ\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		SCOPE(json) json_t *jwk = json_loads(texts[i], 0, NULL);
		struct public_key key;
		struct fault fault = { 0 };

		assert_false(jwk_public_key(jwk, &key, &fault));
		assert_int_equal(fault.code, FAULT_DATA);
	}
}

static void
operations_are_a_set(void **state)
{
	SCOPE(json) json_t *names = json_pack("[s,s,s,s]", "unwrapKey", "wrapKey", "deriveBits", "wrapKey");
	SCOPE(json) json_t *back = jwk_print_ops(VAULT_OP_WRAP | VAULT_OP_UNWRAP);
	SCOPE(json) json_t *want = json_pack("[s,s]", "wrapKey", "unwrapKey");
	SCOPE(free) char *text = vault_print_ops(VAULT_OP_IMPORT | VAULT_OP_SIGN | VAULT_OP_OTHER);
	SCOPE(free) char *none = vault_print_ops(0);

	(void)state;
	assert_int_equal(jwk_read_ops(names), VAULT_OP_WRAP | VAULT_OP_UNWRAP | VAULT_OP_OTHER);
	assert_int_equal(jwk_read_ops(NULL), 0);
	assert_true(json_equal(back, want));
	assert_string_equal(text, "sign import other");
	assert_string_equal(none, "");
}

static void
each_operation_has_a_name(void **state)
{
	(void)state;
	for (unsigned op = 1; op < VAULT_OP_OTHER; op <<= 1)
		assert_non_null(jwk_op_name(op));
}

static void
identifiers_are_taken_apart_and_compared_without_case(void **state)
{
	struct vault_name name;
	struct fault fault = { 0 };

	(void)state;
	assert_true(vault_parse_kid("https://Hospital.Vault.Azure.net:443/keys/Radiology-CMK/0A", &name, &fault));
	assert_string_equal(name.url, "https://hospital.vault.azure.net");
	assert_string_equal(name.name, "Radiology-CMK");
	assert_string_equal(name.version, "0A");
	assert_true(vault_parse_kid("https://h.vault.localhost:8443/keys/k", &name, &fault));
	assert_string_equal(name.url, "https://h.vault.localhost:8443");
	assert_string_equal(name.version, "");
	assert_true(vault_same_kid("https://A.vault.azure.net/keys/K/0A", "https://a.vault.azure.net:443/Keys/k/0a"));
	assert_false(vault_same_kid("https://a.vault.azure.net/keys/k/0a", "https://a.vault.azure.net/keys/k/0b"));
	assert_false(vault_same_kid("https://a.vault.azure.net/keys/k/0a", "https://b.vault.azure.net/keys/k/0a"));
}

static void
other_urls_are_no_identifiers(void **state)
{
	static const char *const kids[] = {
		"", "https://", "http://a.vault.azure.net/keys/k/1", "https://a.vault.azure.net/", "https://a.vault.azure.net/keys/",
		"https://a.vault.azure.net/secrets/k/1", "https://a.vault.azure.net/keys/k/1/2", "https://a.vault.azure.net/keys/k_/1",
		"https://a.vault.azure.net/keys/k/1?x=1", "https://a.vault.azure.net/keys/k/1#x", "https://u@a.vault.azure.net/keys/k/1",
		"https://a.vault.azure.net/keys/k//", "https://a.vault.azure.net/keys/k/../../x", "https://a b/keys/k/1",
		"https://a.vault.azure.net/keys/k/1\r\nX: y", "https://[::1]/keys/k/1",
	};
	struct vault_name name;

	(void)state;
	for (size_t i = 0; i < sizeof kids / sizeof kids[0]; i++) {
		struct fault fault = { 0 };

		if (vault_parse_kid(kids[i], &name, &fault) || fault.code != FAULT_DATA)
			fail_msg("taken: %s", kids[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_rsa_key_is_read_with_and_without_a_leading_zero),
		cmocka_unit_test(published_ec_keys_are_read),
		cmocka_unit_test(keys_that_are_none_are_refused),
		cmocka_unit_test(operations_are_a_set),
		cmocka_unit_test(each_operation_has_a_name),
		cmocka_unit_test(identifiers_are_taken_apart_and_compared_without_case),
		cmocka_unit_test(other_urls_are_no_identifiers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
