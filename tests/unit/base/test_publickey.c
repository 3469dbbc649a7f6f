#include "playground.h"

#include "publickey.h"
#include "scope.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

enum { SHAPE_COUNT = 6 };

static const struct key_shape shapes[SHAPE_COUNT] = {
	{ KEY_RSA, 2048 }, { KEY_RSA, 3072 }, { KEY_RSA, 4096 },
	{ KEY_EC, 256 }, { KEY_EC, 384 }, { KEY_EC, 521 },
};

/* One key pair of each shape, made by OpenSSL once for all tests. */
static EVP_PKEY *pairs[SHAPE_COUNT];

static int
make_pairs(void **state)
{
	(void)state;
	for (size_t i = 0; i < SHAPE_COUNT; i++) {
		pairs[i] = shapes[i].family == KEY_EC ? EVP_EC_gen(keyshape_curve(shapes[i])) :
		    EVP_RSA_gen(shapes[i].bits);
		assert_non_null(pairs[i]);
	}
	return 0;
}

static int
free_pairs(void **state)
{
	(void)state;
	for (size_t i = 0; i < SHAPE_COUNT; i++)
		EVP_PKEY_free(pairs[i]);
	return 0;
}

static struct public_key
key_of(size_t i)
{
	struct public_key key = { 0 };

	assert_true(publickey_from_evp(pairs[i], &key, NULL));
	return key;
}

static void
a_key_has_its_shape_and_the_der_of_openssl(void **state)
{
	(void)state;
	for (size_t i = 0; i < SHAPE_COUNT; i++) {
		struct public_key key = key_of(i);
		unsigned char *der = NULL;
		int size = i2d_PUBKEY(pairs[i], &der);

		assert_int_equal(key.shape.family, shapes[i].family);
		assert_int_equal(key.shape.bits, shapes[i].bits);
		assert_int_equal(key.spki_size, size);
		assert_memory_equal(key.spki, der, (size_t)size);
		OPENSSL_free(der);
	}
}

static void
every_way_in_leads_to_the_same_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < SHAPE_COUNT; i++) {
		struct public_key key = key_of(i), other = { 0 };
		SCOPE(evp_pkey) EVP_PKEY *evp = NULL;
		SCOPE(free) char *pem = NULL;

		assert_true(publickey_from_spki(key.spki, key.spki_size, &other, NULL));
		assert_true(publickey_equal(&key, &other));
		other.spki_size = 0;
		assert_true(publickey_pem(&key, &pem, NULL));
		assert_memory_equal(pem, "-----BEGIN PUBLIC KEY-----\n", 27);
		assert_true(publickey_from_pem(pem, strlen(pem), &other, NULL));
		assert_true(publickey_equal(&key, &other));
		assert_true(publickey_evp(&key, &evp, NULL));
		assert_int_equal(EVP_PKEY_eq(evp, pairs[i]), 1);
	}
}

static void
different_keys_are_not_equal(void **state)
{
	(void)state;
	for (size_t i = 0; i < SHAPE_COUNT; i++)
		for (size_t j = 0; j < SHAPE_COUNT; j++) {
			struct public_key a = key_of(i), b = key_of(j);

			assert_int_equal(publickey_equal(&a, &b), i == j);
		}
	struct public_key a = key_of(3), b = a;
	b.spki[b.spki_size - 1] ^= 1;
	assert_false(publickey_equal(&a, &b));
}

static void
rsa_parts_come_out_and_go_in_with_leading_zeros(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct public_key key = key_of(i), other = { 0 };
		SCOPE(free) uint8_t *n = NULL;
		SCOPE(free) uint8_t *e = NULL;
		uint8_t padded_n[600] = { 0 }, padded_e[20] = { 0 };
		size_t n_size, e_size;

		assert_true(publickey_rsa_parts(&key, &n, &n_size, &e, &e_size));
		assert_int_equal(n_size, shapes[i].bits / 8);
		assert_true(n[0] >= 0x80);
		assert_int_equal(e_size, 3);
		assert_memory_equal(e, "\x01\x00\x01", 3);
		assert_true(publickey_from_rsa(n, n_size, e, e_size, &other, NULL));
		assert_true(publickey_equal(&key, &other));

		memcpy(padded_n + sizeof padded_n - n_size, n, n_size);
		memcpy(padded_e + sizeof padded_e - e_size, e, e_size);
		memset(&other, 0, sizeof other);
		assert_true(publickey_from_rsa(padded_n, sizeof padded_n, padded_e, sizeof padded_e,
		    &other, NULL));
		assert_true(publickey_equal(&key, &other));
	}
}

static void
an_ec_key_has_no_rsa_parts(void **state)
{
	struct public_key key = key_of(3);
	uint8_t *n = NULL, *e = NULL;
	size_t n_size, e_size;

	(void)state;
	assert_false(publickey_rsa_parts(&key, &n, &n_size, &e, &e_size));
	assert_null(n);
	assert_null(e);
}

/* Try an RSA key of a size and an exponent; its modulus is odd unless ${last} is even. */
static bool
try_rsa(size_t size, uint8_t first, uint8_t last, uint64_t exponent)
{
	uint8_t n[1024], e[9] = { 0 };
	struct public_key key = { 0 };
	struct fault fault = { 0 };

	memset(n, 0xa5, sizeof n);
	n[0] = first;
	n[size - 1] = last;
	for (size_t i = 0; i < 8; i++)
		e[i + 1] = (uint8_t)(exponent >> (56 - 8 * i));
	bool taken = publickey_from_rsa(n, size, e, sizeof e, &key, &fault);
	if (!taken) {
		assert_int_equal(fault.code, FAULT_DATA);
		assert_int_equal(key.spki_size, 0);
	}
	return taken;
}

static void
rsa_keys_that_protect_nothing_are_refused(void **state)
{
	(void)state;
	assert_true(try_rsa(256, 0x80, 1, 65537));
	assert_true(try_rsa(256, 0x80, 1, 65539));
	assert_true(try_rsa(512, 0xff, 0xff, UINT64_MAX));

	/* Exponents: even, too small; 1 would hand out the plain text. */
	static const uint64_t exponents[] = { 0, 1, 2, 3, 17, 65535, 65536, 65538, UINT64_MAX - 1 };
	for (size_t i = 0; i < sizeof exponents / sizeof exponents[0]; i++)
		assert_false(try_rsa(256, 0x80, 1, exponents[i]));

	/* Moduli: even, a bit too short, too long, of sizes that are not made. */
	assert_false(try_rsa(256, 0x80, 2, 65537));
	assert_false(try_rsa(256, 0x7f, 1, 65537));
	assert_false(try_rsa(257, 0x01, 1, 65537));
	assert_false(try_rsa(128, 0x80, 1, 65537));
	assert_false(try_rsa(320, 0x80, 1, 65537));
	assert_false(try_rsa(513, 0x01, 1, 65537));
	assert_false(try_rsa(1024, 0x80, 1, 65537));
}

static void
rsa_numbers_out_of_all_bounds_are_refused(void **state)
{
	uint8_t n[256], e[9];
	struct public_key key;
	struct fault fault = { 0 };

	(void)state;
	memset(n, 0xff, sizeof n);
	memset(e, 0xff, sizeof e);
	assert_false(publickey_from_rsa(n, sizeof n, e, sizeof e, &key, &fault));
	assert_string_equal(fault.text, "RSA exponent of 9 bytes; at most 8 are taken");
	assert_false(publickey_from_rsa(n, 0, e, 3, &key, &fault));
	assert_false(publickey_from_rsa(n, sizeof n, e, 0, &key, &fault));
	assert_string_equal(fault.text, "RSA exponent 0; it should be odd and 65537 or more");
}

/* The uncompressed point at the end of an EC key's DER. */
static size_t
point_of(const struct public_key *key, uint8_t point[static 133])
{
	size_t size = 1 + 2 * ((key->shape.bits + 7) / 8);

	memcpy(point, key->spki + key->spki_size - size, size);
	assert_int_equal(point[0], 4);
	return size;
}

static void
points_are_taken_when_they_lie_on_their_curve(void **state)
{
	(void)state;
	for (size_t i = 3; i < SHAPE_COUNT; i++) {
		struct public_key key = key_of(i), other = { 0 };
		struct fault fault = { 0 };
		uint8_t point[133];
		size_t size = point_of(&key, point);

		assert_true(publickey_from_point(shapes[i].bits, point, size, &other, NULL));
		assert_true(publickey_equal(&key, &other));

		/* Another y, a point of another curve, the hybrid and the compressed form, infinity. */
		point[size - 1] ^= 1;
		assert_false(publickey_from_point(shapes[i].bits, point, size, &other, &fault));
		assert_int_equal(fault.code, FAULT_DATA);
		point[size - 1] ^= 1;
		assert_false(publickey_from_point(shapes[i].bits, point, size - 1, &other, NULL));
		assert_false(publickey_from_point(i == 3 ? 384 : 256, point, size, &other, NULL));
		point[0] = (uint8_t)(6 | (point[size - 1] & 1));
		assert_false(publickey_from_point(shapes[i].bits, point, size, &other, NULL));
		point[0] = (uint8_t)(2 | (point[size - 1] & 1));
		assert_false(publickey_from_point(shapes[i].bits, point, 1 + size / 2, &other, NULL));
		assert_false(publickey_from_point(shapes[i].bits, "", 1, &other, NULL));
		assert_false(publickey_from_point(shapes[i].bits, "", 0, &other, NULL));
	}
	assert_false(publickey_from_point(224, "", 1, &(struct public_key){ 0 }, NULL));
}

static void
other_encodings_become_the_normal_one(void **state)
{
	static const char *const settings[][2] = {
		{ OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "compressed" },
		{ OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "hybrid" },
		{ OSSL_PKEY_PARAM_EC_ENCODING, "explicit" },
	};

	(void)state;
	for (size_t i = 3; i < SHAPE_COUNT; i++) {
		struct public_key key = key_of(i);

		for (size_t j = 0; j < 3; j++) {
			SCOPE(evp_pkey) EVP_PKEY *evp = NULL;
			struct public_key other = { 0 };
			unsigned char *der = NULL;

			assert_true(publickey_evp(&key, &evp, NULL));
			assert_int_equal(EVP_PKEY_set_utf8_string_param(evp, settings[j][0],
			    settings[j][1]), 1);
			int size = i2d_PUBKEY(evp, &der);
			assert_true((size_t)size != key.spki_size ||
			    memcmp(der, key.spki, key.spki_size) != 0);
			assert_true(publickey_from_spki(der, (size_t)size, &other, NULL));
			assert_true(publickey_equal(&key, &other));
			OPENSSL_free(der);
		}
	}
}

static void
rsa_without_its_null_parameters_becomes_normal(void **state)
{
	struct public_key key = key_of(0), other = { 0 };
	uint8_t der[PUBLICKEY_SPKI_MAX];

	(void)state;
	/* 30 82 len len, 30 0d 06 09 and nine bytes, 05 00: drop the last two and mend the lengths. */
	assert_int_equal(key.spki[5], 0x0d);
	assert_int_equal(key.spki[17], 5);
	memcpy(der, key.spki, 17);
	memcpy(der + 17, key.spki + 19, key.spki_size - 19);
	der[3] = (uint8_t)(der[3] - 2);
	der[5] = 0x0b;
	assert_true(publickey_from_spki(der, key.spki_size - 2, &other, NULL));
	assert_true(publickey_equal(&key, &other));
}

static void
der_that_is_cut_or_followed_by_more_is_refused(void **state)
{
	struct public_key key = key_of(3), other;
	struct fault fault = { 0 };
	uint8_t der[PUBLICKEY_SPKI_MAX + 1] = { 0 };

	(void)state;
	memcpy(der, key.spki, key.spki_size);
	for (size_t size = 0; size < key.spki_size; size++)
		assert_false(publickey_from_spki(der, size, &other, NULL));
	assert_false(publickey_from_spki(der, key.spki_size + 1, &other, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	assert_non_null(strstr(fault.text, "followed by 1 bytes"));
	assert_false(publickey_from_spki(der, 10000, &other, &fault));
	assert_non_null(strstr(fault.text, "10000 bytes"));
}

/* Refused for what it is, by the sentence ${part}. */
static void
assert_foreign(EVP_PKEY *evp, const char *part)
{
	struct public_key key;
	struct fault fault = { 0 };

	assert_non_null(evp);
	assert_false(publickey_from_evp(evp, &key, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	if (strstr(fault.text, part) == NULL)
		fail_msg("%s", fault.text);
	EVP_PKEY_free(evp);
}

static void
keys_of_other_kinds_are_refused(void **state)
{
	(void)state;
	assert_foreign(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), "ED25519");
	assert_foreign(EVP_PKEY_Q_keygen(NULL, NULL, "X25519"), "X25519");
	assert_foreign(EVP_EC_gen("secp256k1"), "secp256k1");
	assert_foreign(EVP_EC_gen("P-224"), "secp224r1");
	assert_foreign(EVP_RSA_gen(1024), "1024 bits");

	/* A PSS key is RSA with a promise that BYOK cannot keep. */
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
	EVP_PKEY *pss = NULL;
	assert_int_equal(EVP_PKEY_keygen_init(context), 1);
	assert_int_equal(EVP_PKEY_generate(context, &pss), 1);
	EVP_PKEY_CTX_free(context);
	assert_foreign(pss, "RSA-PSS");
}

static void
a_pem_of_something_else_is_named(void **state)
{
	static const char certificate[] =
	    "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
	struct public_key key;
	struct fault fault = { 0 };
	SCOPE(bio) BIO *bio = BIO_new(BIO_s_mem());
	char *pem;

	(void)state;
	assert_int_equal(PEM_write_bio_PrivateKey(bio, pairs[3], NULL, NULL, 0, NULL, NULL), 1);
	long size = BIO_get_mem_data(bio, &pem);
	assert_false(publickey_from_pem(pem, (size_t)size, &key, &fault));
	assert_string_equal(fault.text,
	    "PEM text holds \"PRIVATE KEY\"; it should hold \"PUBLIC KEY\"");
	assert_false(publickey_from_pem(certificate, sizeof certificate - 1, &key, &fault));
	assert_non_null(strstr(fault.text, "\"CERTIFICATE\""));
	assert_false(publickey_from_pem("", 0, &key, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	assert_false(publickey_from_pem("hello", 5, &key, &fault));
	assert_non_null(strstr(fault.text, "-----BEGIN PUBLIC KEY-----"));
}

static void
the_fingerprint_is_that_of_other_tools(void **state)
{
	/* openssl pkey -pubin -outform DER | sha256sum */
	static const char pem[] =
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEKbyJ6mqPAtwqU0RVtE7MF3/c1tFO\n"
	    "Ozc0iaBJQNxzfhe1Wt1LGmQDUxdq58IF8idbwelL21sf+OwJwdIAxfEttA==\n"
	    "-----END PUBLIC KEY-----\n";
	struct public_key key;
	char hex[DIGEST_HEX_SIZE];

	(void)state;
	assert_true(publickey_from_pem(pem, sizeof pem - 1, &key, NULL));
	assert_true(publickey_fingerprint(&key, hex, NULL));
	assert_string_equal(hex,
	    "925675841eed43af0bd759717d1f573057446f4e5155b16dc1fa47ef9554d11c");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_has_its_shape_and_the_der_of_openssl),
		cmocka_unit_test(every_way_in_leads_to_the_same_key),
		cmocka_unit_test(different_keys_are_not_equal),
		cmocka_unit_test(rsa_parts_come_out_and_go_in_with_leading_zeros),
		cmocka_unit_test(an_ec_key_has_no_rsa_parts),
		cmocka_unit_test(rsa_keys_that_protect_nothing_are_refused),
		cmocka_unit_test(rsa_numbers_out_of_all_bounds_are_refused),
		cmocka_unit_test(points_are_taken_when_they_lie_on_their_curve),
		cmocka_unit_test(other_encodings_become_the_normal_one),
		cmocka_unit_test(rsa_without_its_null_parameters_becomes_normal),
		cmocka_unit_test(der_that_is_cut_or_followed_by_more_is_refused),
		cmocka_unit_test(keys_of_other_kinds_are_refused),
		cmocka_unit_test(a_pem_of_something_else_is_named),
		cmocka_unit_test(the_fingerprint_is_that_of_other_tools),
	};

	return cmocka_run_group_tests(tests, make_pairs, free_pairs);
}
