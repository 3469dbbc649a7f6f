/*
 * The transfer: for each kind of key and each size of KEK, a blob made by a
 * real module opens with OpenSSL alone, and the key in it is the HSM's.
 */
#include "tokens.h"

#include <openssl/rsa.h>
#include <openssl/x509.h>

static const struct key_shape shapes[] = {
	{ KEY_RSA, 2048 }, { KEY_RSA, 3072 }, { KEY_RSA, 4096 },
	{ KEY_EC, 256 }, { KEY_EC, 384 }, { KEY_EC, 521 },
};
enum { SHAPES = sizeof shapes / sizeof shapes[0], KEKS = 3 };

/* Made once and used against both modules. */
static EVP_PKEY *keks[KEKS];
static struct public_key public_keks[KEKS];

static int
make_keks(void **state)
{
	(void)state;
	for (unsigned i = 0; i < KEKS; i++)
		keks[i] = test_kek(2048 + 1024 * i, &public_keks[i]);
	return 0;
}

static int
free_keks(void **state)
{
	(void)state;
	for (size_t i = 0; i < KEKS; i++)
		EVP_PKEY_free(keks[i]);
	return 0;
}

/*
 * The two steps of opening a blob, straight from OpenSSL and nothing of
 * keyturn's.
 */
static size_t
open_blob(EVP_PKEY *kek, const struct hsm_transfer *transfer, uint8_t *plain)
{
	SCOPE(evp_pkey_ctx) EVP_PKEY_CTX *oaep = EVP_PKEY_CTX_new(kek, NULL);
	SCOPE(evp_cipher_ctx) EVP_CIPHER_CTX *kwp = EVP_CIPHER_CTX_new();
	size_t modulus = (size_t)EVP_PKEY_get_size(kek), size = 0;
	uint8_t aes[512];
	size_t aes_size = sizeof aes;
	int got = 0;

	assert_int_equal(EVP_PKEY_decrypt_init(oaep), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(oaep, RSA_PKCS1_OAEP_PADDING), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(oaep, EVP_sha1()), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(oaep, EVP_sha1()), 1);
	assert_int_equal(EVP_PKEY_decrypt(oaep, aes, &aes_size, transfer->blob, modulus), 1);
	assert_int_equal(aes_size, 32);
	EVP_CIPHER_CTX_set_flags(kwp, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	assert_int_equal(EVP_DecryptInit_ex(kwp, EVP_aes_256_wrap_pad(), NULL, aes, NULL), 1);
	assert_int_equal(EVP_DecryptUpdate(kwp, plain, &got, transfer->blob + modulus,
	    (int)(transfer->size - modulus)), 1);
	size = (size_t)got;
	return size;
}

/*
 * Compare the key inside with the HSM's public key, and see what follows its
 * PKCS #8.
 */
static void
check_blob(EVP_PKEY *kek, const struct hsm_transfer *transfer, const struct hsm_key *key)
{
	uint8_t plain[HSM_BLOB_MAX];
	size_t size = open_blob(kek, transfer, plain);
	const uint8_t *at = plain;
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)size);
	SCOPE(evp_pkey) EVP_PKEY *inside = NULL;
	uint8_t *spki = NULL;

	assert_non_null(info);
	inside = EVP_PKCS82PKEY(info);
	PKCS8_PRIV_KEY_INFO_free(info);
	assert_non_null(inside);
	int spki_size = i2d_PUBKEY(inside, &spki);
	assert_int_equal(spki_size, key->public_key.spki_size);
	assert_memory_equal(spki, key->public_key.spki, key->public_key.spki_size);
	OPENSSL_free(spki);
	size_t rest = size - (size_t)(at - plain);
	assert_true(transfer->zero_padded ? rest < 8 : rest == 0);
	for (size_t i = size - rest; i < size; i++)
		assert_int_equal(plain[i], 0);
}

static void
transfer_all(const struct test_token *token, enum hsm_route route, bool zero_padded)
{
	struct hsm *hsm = test_token_open(token);
	struct hsm_transfer transfer;
	struct hsm_key key;
	struct fault fault;
	char label[32], shape[KEY_SHAPE_TEXT];

	for (size_t k = 0; k < KEKS; k++)
		assert_done(hsm_enroll(hsm, &public_keks[k], "test", &fault), fault);
	for (size_t i = 0; i < SHAPES; i++) {
		snprintf(label, sizeof label, "key %s", keyshape_print(shapes[i], shape));
		struct hsm_name name = test_name((uint8_t)i, label);
		assert_done(hsm_generate(hsm, &name, shapes[i], &key, &fault), fault);
		assert_true(key.has_private && key.has_public && key.has_public_key);
		assert_int_equal(key.extractable, HSM_YES);
		assert_int_equal(key.sensitive, HSM_YES);
		for (size_t k = 0; k < KEKS; k++) {
			assert_done(hsm_transfer(hsm, &name, &public_keks[k], &transfer,
			    &fault), fault);
			assert_int_equal(transfer.route, route);
			assert_int_equal(transfer.zero_padded, zero_padded);
			check_blob(keks[k], &transfer, &key);
		}
	}
	hsm_close(hsm);
}

static void
every_blob_of_softhsm_opens_with_openssl_alone(void **state)
{
	struct test_token token;

	(void)state;
	softhsm_make(&token);
	token.options.accept_zero_padded = true;
	transfer_all(&token, HSM_ROUTE_PAD, true);
	test_token_remove(&token);
}

static void
every_blob_of_nss_opens_with_openssl_alone(void **state)
{
	struct test_token token;

	(void)state;
	if (!nss_is_there())
		skip();
	nss_make(&token);
	transfer_all(&token, HSM_ROUTE_KWP, false);
	test_token_remove(&token);
}

static void
a_zero_padded_route_needs_the_setting(void **state)
{
	struct hsm_name name = test_name(1, "padded");
	struct hsm_transfer transfer = { .size = 7 };
	struct test_token token;
	struct hsm_key key;
	struct fault fault;

	(void)state;
	softhsm_make(&token);
	struct hsm *hsm = test_token_open(&token);
	assert_done(hsm_enroll(hsm, &public_keks[0], "test", &fault), fault);
	assert_done(hsm_generate(hsm, &name, shapes[3], &key, &fault), fault);
	assert_false(hsm_transfer(hsm, &name, &public_keks[0], &transfer, &fault));
	assert_int_equal(fault.code, FAULT_REFUSED);
	assert_says(fault, "accept_zero_padded");
	assert_says(fault, "CKR_MECHANISM_INVALID");
	assert_int_equal(transfer.size, 7);
	hsm_close(hsm);
	test_token_remove(&token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_blob_of_softhsm_opens_with_openssl_alone),
		cmocka_unit_test(every_blob_of_nss_opens_with_openssl_alone),
		cmocka_unit_test(a_zero_padded_route_needs_the_setting),
	};

	return cmocka_run_group_tests(tests, make_keks, free_keks);
}
