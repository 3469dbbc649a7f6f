#include "playground.h"

#include "publickey.h"
#include "scope.h"

#include <openssl/rsa.h>

static const struct {
	struct key_shape shape;
	const char *digest;
	size_t digest_size, field_size;
} rows[] = {
	{ { KEY_RSA, 2048 }, "SHA256", 32, 0 },
	{ { KEY_EC, 256 }, "SHA256", 32, 32 },
	{ { KEY_EC, 384 }, "SHA384", 48, 48 },
	{ { KEY_EC, 521 }, "SHA512", 64, 66 },
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0], RSA_ROW = 0, SIGNATURE_MAX = 256 };

static EVP_PKEY *pairs[ROW_COUNT];
static struct public_key keys[ROW_COUNT];

static int
make_pairs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROW_COUNT; i++) {
		pairs[i] = rows[i].shape.family == KEY_EC ? EVP_EC_gen(keyshape_curve(rows[i].shape)) :
		    EVP_RSA_gen(rows[i].shape.bits);
		assert_non_null(pairs[i]);
		assert_true(publickey_from_evp(pairs[i], &keys[i], NULL));
	}
	return 0;
}

static int
free_pairs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROW_COUNT; i++)
		EVP_PKEY_free(pairs[i]);
	return 0;
}

/* Open what was sealed, with the private half and SHA-256 in both places. */
static size_t
open_oaep256(const uint8_t *sealed, size_t sealed_size, uint8_t opened[static 256])
{
	SCOPE(evp_pkey_ctx) EVP_PKEY_CTX *context =
	    EVP_PKEY_CTX_new_from_pkey(NULL, pairs[RSA_ROW], NULL);
	size_t size = 256;

	assert_int_equal(EVP_PKEY_decrypt_init(context), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()), 1);
	assert_int_equal(EVP_PKEY_decrypt(context, opened, &size, sealed, sealed_size), 1);
	return size;
}

static void
what_is_encrypted_opens_with_the_private_key(void **state)
{
	static const size_t sizes[] = { 0, 1, 32, 190 };	/* 256 - 2 * 32 - 2 = 190 */
	uint8_t bytes[191], opened[256];

	(void)state;
	memset(bytes, 0x5a, sizeof bytes);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		SCOPE(free) uint8_t *sealed = NULL;
		SCOPE(free) uint8_t *again = NULL;
		size_t sealed_size, again_size;

		assert_true(publickey_encrypt_oaep256(&keys[RSA_ROW], bytes, sizes[i], &sealed,
		    &sealed_size, NULL));
		assert_int_equal(sealed_size, 256);
		assert_int_equal(open_oaep256(sealed, sealed_size, opened), sizes[i]);
		assert_memory_equal(opened, bytes, sizes[i]);
		assert_true(publickey_encrypt_oaep256(&keys[RSA_ROW], bytes, sizes[i], &again,
		    &again_size, NULL));
		assert_memory_not_equal(sealed, again, 256);
	}
}

static void
what_cannot_be_encrypted_is_refused(void **state)
{
	struct fault fault = { 0 };
	uint8_t bytes[191] = { 0 }, *sealed = NULL;
	size_t size;

	(void)state;
	assert_false(publickey_encrypt_oaep256(&keys[RSA_ROW], bytes, 191, &sealed, &size, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	assert_non_null(strstr(fault.text, "at most 190 fit"));
	assert_false(publickey_encrypt_oaep256(&keys[1], bytes, 1, &sealed, &size, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	assert_null(sealed);
}

/* Sign as a vault does: PKCS #1 v1.5 for RSA, r || s for EC. Returns the size. */
static size_t
sign(size_t row, const uint8_t *digest, int padding, uint8_t signature[static SIGNATURE_MAX])
{
	SCOPE(evp_pkey_ctx) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, pairs[row], NULL);
	uint8_t raw[SIGNATURE_MAX];
	const unsigned char *place = raw;
	size_t size = sizeof raw;

	assert_int_equal(EVP_PKEY_sign_init(context), 1);
	if (row == RSA_ROW)
		assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, padding), 1);
	assert_int_equal(EVP_PKEY_CTX_set_signature_md(context,
	    EVP_get_digestbyname(rows[row].digest)), 1);
	assert_int_equal(EVP_PKEY_sign(context, raw, &size, digest, rows[row].digest_size), 1);
	if (row == RSA_ROW) {
		memcpy(signature, raw, size);
		return size;
	}
	SCOPE(ecdsa_sig) ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &place, (long)size);
	int width = (int)rows[row].field_size;
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, width), width);
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + width, width), width);
	return 2 * (size_t)width;
}

static bool
valid(size_t row, const uint8_t *digest, const uint8_t *signature, size_t size)
{
	bool result = true;

	assert_true(publickey_verify(&keys[row], digest, rows[row].digest_size, signature, size,
	    &result, NULL));
	return result;
}

static void
signatures_verify_and_altered_ones_do_not(void **state)
{
	(void)state;
	for (size_t row = 0; row < ROW_COUNT; row++) {
		uint8_t digest[64], signature[SIGNATURE_MAX];

		assert_true(random_bytes(digest, sizeof digest, NULL));
		size_t size = sign(row, digest, RSA_PKCS1_PADDING, signature);
		assert_true(valid(row, digest, signature, size));

		/* One bit anywhere, in the signature or in what was signed. */
		for (size_t at = 0; at < size; at += 7) {
			signature[at] ^= 0x10;
			assert_false(valid(row, digest, signature, size));
			signature[at] ^= 0x10;
		}
		digest[rows[row].digest_size - 1] ^= 1;
		assert_false(valid(row, digest, signature, size));
	}
}

static void
signatures_of_another_size_or_form_do_not_verify(void **state)
{
	(void)state;
	for (size_t row = 0; row < ROW_COUNT; row++) {
		uint8_t digest[64] = { 1 }, signature[SIGNATURE_MAX + 1] = { 0 };
		uint8_t zeros[SIGNATURE_MAX] = { 0 };
		size_t size = sign(row, digest, RSA_PKCS1_PADDING, signature);

		assert_false(valid(row, digest, signature, size - 1));
		assert_false(valid(row, digest, signature, size + 1));
		assert_false(valid(row, digest, signature, 0));
		assert_false(valid(row, digest, zeros, size));

		/* r and s beyond the curve's order; an RSA number beyond the modulus. */
		memset(zeros, 0xff, sizeof zeros);
		assert_false(valid(row, digest, zeros, size));
	}
}

static void
a_pss_signature_is_not_rs256(void **state)
{
	uint8_t digest[32] = { 1 }, signature[SIGNATURE_MAX];
	size_t size = sign(RSA_ROW, digest, RSA_PKCS1_PSS_PADDING, signature);

	(void)state;
	assert_false(valid(RSA_ROW, digest, signature, size));
}

static void
a_signature_of_another_key_does_not_verify(void **state)
{
	SCOPE(evp_pkey) EVP_PKEY *evp = EVP_EC_gen("P-256");
	uint8_t digest[32] = { 1 }, signature[SIGNATURE_MAX];
	struct public_key other;
	bool result = true;

	(void)state;
	size_t size = sign(1, digest, 0, signature);
	assert_true(publickey_from_evp(evp, &other, NULL));
	assert_true(publickey_verify(&other, digest, 32, signature, size, &result, NULL));
	assert_false(result);
}

static void
a_digest_of_the_wrong_size_is_our_own_mistake(void **state)
{
	static const size_t sizes[] = { 0, 20, 31, 32, 33, 48, 64 };

	(void)state;
	for (size_t row = 0; row < ROW_COUNT; row++)
		for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
			uint8_t digest[64] = { 0 }, signature[SIGNATURE_MAX] = { 0 };
			struct fault fault = { 0 };
			bool result;

			if (publickey_verify(&keys[row], digest, sizes[i], signature,
			    2 * rows[row].field_size, &result, &fault))
				assert_int_equal(sizes[i], rows[row].digest_size);
			else
				assert_int_equal(fault.code, FAULT_INTERNAL);
			assert_int_equal(fault.code == 0, sizes[i] == rows[row].digest_size);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_encrypted_opens_with_the_private_key),
		cmocka_unit_test(what_cannot_be_encrypted_is_refused),
		cmocka_unit_test(signatures_verify_and_altered_ones_do_not),
		cmocka_unit_test(signatures_of_another_size_or_form_do_not_verify),
		cmocka_unit_test(a_pss_signature_is_not_rs256),
		cmocka_unit_test(a_signature_of_another_key_does_not_verify),
		cmocka_unit_test(a_digest_of_the_wrong_size_is_our_own_mistake),
	};

	return cmocka_run_group_tests(tests, make_pairs, free_pairs);
}
