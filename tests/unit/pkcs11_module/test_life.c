/*
 * The life of a key in a token: made, found, listed, signed with, sealed,
 * destroyed; and the KEKs that it may not leave under.
 */
#include "tokens.h"

#include "generate.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

static const struct key_shape p256 = { KEY_EC, 256 }, p521 = { KEY_EC, 521 },
    rsa2048 = { KEY_RSA, 2048 };

/* One token with one open session, for all tests that do not need more. */
struct fixture {
	struct test_token token;
	struct hsm *hsm;
};

static int
open_fixture(struct fixture *fixture, void (*make)(struct test_token *))
{
	make(&fixture->token);
	fixture->token.options.accept_zero_padded = true;
	fixture->hsm = test_token_open(&fixture->token);
	return 0;
}

static int
set_up(void **state)
{
	static struct fixture fixture;

	*state = &fixture;
	return open_fixture(&fixture, softhsm_make);
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	hsm_close(fixture->hsm);
	test_token_remove(&fixture->token);
	return 0;
}

static struct hsm_key
make_key(struct hsm *hsm, const struct hsm_name *name, struct key_shape shape)
{
	struct hsm_key key;
	struct fault fault;

	assert_done(hsm_generate(hsm, name, shape, &key, &fault), fault);
	return key;
}

static struct hsm_key
find_key(struct hsm *hsm, const struct hsm_name *name, bool *ret_found)
{
	struct hsm_key key = { .has_private = false };
	struct fault fault;

	assert_done(hsm_find(hsm, name, &key, ret_found, &fault), fault);
	return key;
}

static void
a_key_is_found_by_id_by_label_and_by_both(void **state)
{
	struct fixture *fixture = *state;
	struct hsm_name name = test_name(1, "radiology"), other = test_name(2, "radio");
	struct hsm_name by_id = name, by_label = name, wrong = name;
	struct hsm_key made = make_key(fixture->hsm, &name, p256);
	const struct hsm_name *names[] = { &name, &by_id, &by_label };
	bool found;

	make_key(fixture->hsm, &other, p256);
	by_id.label[0] = 0;
	by_label.id_size = 0;
	strcpy(wrong.label, "pathology");
	for (size_t i = 0; i < 3; i++) {
		struct hsm_key key = find_key(fixture->hsm, names[i], &found);

		assert_true(found && key.has_private && key.has_public);
		assert_true(publickey_equal(&key.public_key, &made.public_key));
		assert_string_equal(key.name.label, "radiology");
		assert_memory_equal(key.name.id, name.id, 16);
		assert_int_equal(key.local, HSM_YES);
		assert_int_equal(key.always_sensitive, HSM_YES);
	}
	find_key(fixture->hsm, &wrong, &found);
	assert_false(found);
}

static void
an_id_is_given_once(void **state)
{
	struct fixture *fixture = *state;
	struct hsm_name name = test_name(1, "one"), again = test_name(1, "two");
	struct hsm_key key;
	struct fault fault;

	make_key(fixture->hsm, &name, p256);
	assert_false(hsm_generate(fixture->hsm, &again, p256, &key, &fault));
	assert_int_equal(fault.code, FAULT_REFUSED);
	assert_says(fault, "already");
}

/*
 * SoftHSM2 allows what keyturn does not: make a second key with the same id
 * behind its back.
 */
static void
two_keys_with_one_id_are_not_guessed_between(void **state)
{
	struct fixture *fixture = *state;
	struct session *session = session_of(fixture->hsm);
	struct hsm_name name = test_name(1, "one"), twin = test_name(1, "two");
	struct hsm_name by_label = { .label = "one" };
	struct generation generation = { &twin, p256 };
	struct generated generated;
	struct hsm_key key;
	struct fault fault;
	bool found;

	make_key(fixture->hsm, &name, p256);
	assert_done(generate_pair(session, &generation, &generated, &fault), fault);
	assert_false(hsm_find(fixture->hsm, &name, &key, &found, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	assert_says(fault, "2 private and 2 public");
	assert_false(hsm_find(fixture->hsm, &by_label, &key, &found, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	assert_false(hsm_seal(fixture->hsm, &name, &fault));
	assert_false(hsm_destroy(fixture->hsm, &name, &fault));
}

static void
signatures_verify_in_software(void **state)
{
	struct fixture *fixture = *state;
	const struct { struct key_shape shape; size_t digest; size_t size; } rows[] = {
		{ p256, 32, 64 }, { { KEY_EC, 384 }, 48, 96 }, { p521, 64, 132 },
		{ rsa2048, 32, 256 },
	};
	uint8_t digest[64] = { 1, 2, 3 }, signature[600];
	struct fault fault;
	bool valid;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct hsm_name name = test_name((uint8_t)i, "signer");
		struct hsm_key key = make_key(fixture->hsm, &name, rows[i].shape);
		size_t size = sizeof signature;

		assert_done(hsm_sign(fixture->hsm, &name, digest, rows[i].digest, signature,
		    &size, &fault), fault);
		assert_int_equal(size, rows[i].size);
		assert_true(publickey_verify(&key.public_key, digest, rows[i].digest, signature,
		    size, &valid, &fault));
		assert_true(valid);
		size = rows[i].size - 1;
		assert_false(hsm_sign(fixture->hsm, &name, digest, rows[i].digest, signature,
		    &size, &fault));
	}
}

static void
a_sealed_key_stays_and_signs_but_never_leaves(void **state)
{
	struct fixture *fixture = *state;
	struct hsm_name name = test_name(1, "sealed");
	struct hsm_transfer transfer;
	struct public_key kek;
	struct fault fault;
	bool found;
	SCOPE(evp_pkey) EVP_PKEY *private_kek = test_kek(2048, &kek);

	assert_non_null(private_kek);
	make_key(fixture->hsm, &name, p256);
	assert_done(hsm_enroll(fixture->hsm, &kek, "test", &fault), fault);
	assert_done(hsm_transfer(fixture->hsm, &name, &kek, &transfer, &fault), fault);

	/* Sealing twice is sealing once. */
	assert_done(hsm_seal(fixture->hsm, &name, &fault), fault);
	assert_done(hsm_seal(fixture->hsm, &name, &fault), fault);
	struct hsm_key key = find_key(fixture->hsm, &name, &found);
	assert_true(found && key.has_private);
	assert_int_equal(key.extractable, HSM_NO);
	assert_false(hsm_transfer(fixture->hsm, &name, &kek, &transfer, &fault));
	assert_int_equal(fault.code, FAULT_REFUSED);
	assert_says(fault, "sealed");
}

/*
 * NSS stores the attribute and wraps the key all the same: only the second wrap
 * shows it.
 */
static void
a_seal_that_is_not_enforced_is_told(void **state)
{
	struct hsm_name name = test_name(1, "unsealed");
	struct fixture fixture;
	struct hsm_report report;
	struct fault fault;

	(void)state;
	if (!nss_is_there())
		skip();
	open_fixture(&fixture, nss_make);
	struct hsm_key key = make_key(fixture.hsm, &name, p256);
	assert_int_equal(key.local, HSM_CANNOT_TELL);
	assert_false(hsm_seal(fixture.hsm, &name, &fault));
	assert_int_equal(fault.code, FAULT_REFUSED);
	assert_says(fault, "still wraps");
	assert_done(hsm_check(fixture.hsm, &report, &fault), fault);
	assert_false(report.seal_works);
	assert_string_not_equal(report.seal_reason, "");
	assert_int_equal(report.chosen, HSM_ROUTE_KWP);
	assert_int_equal(report.routes[HSM_ROUTE_RSA_AES_KEY_WRAP].verdict, HSM_WRAP_REFUSED);
	assert_int_equal(report.routes[HSM_ROUTE_KWP].verdict, HSM_WRAP_EXACT);
	assert_int_equal(report.routes[HSM_ROUTE_PAD].verdict, HSM_WRAP_WRONG);
	void *pointer = &fixture;
	tear_down(&pointer);
}

static void
check_tells_what_softhsm_can_do(void **state)
{
	struct fixture *fixture = *state;
	struct hsm_name name = test_name(1, "one");
	struct hsm_report report;
	struct hsm_key *keys;
	struct fault fault;
	size_t count;

	make_key(fixture->hsm, &name, p256);
	assert_done(hsm_check(fixture->hsm, &report, &fault), fault);
	assert_string_equal(report.token.label, "t1");
	assert_int_equal(report.routes[HSM_ROUTE_RSA_AES_KEY_WRAP].verdict, HSM_WRAP_REFUSED);
	assert_int_equal(report.routes[HSM_ROUTE_KWP].verdict, HSM_WRAP_REFUSED);
	assert_int_equal(report.routes[HSM_ROUTE_PAD].verdict, HSM_WRAP_ZERO_PADDED);
	assert_int_equal(report.chosen, HSM_ROUTE_PAD);
	assert_true(report.accept_zero_padded && report.seal_works && report.attributes_kept);
	assert_int_equal(report.key_pairs, 1);
	assert_int_equal(report.enrolled, 0);

	/* It left nothing behind. */
	assert_done(hsm_list(fixture->hsm, &keys, &count, &fault), fault);
	assert_int_equal(count, 1);
	free(keys);
	struct handles all;
	assert_done(object_search(session_of(fixture->hsm), NULL, 0, &all, &fault), fault);
	assert_int_equal(all.count, 2);
	free(all.list);
}

static void
a_destroyed_key_leaves_its_public_half(void **state)
{
	struct fixture *fixture = *state;
	struct hsm_name name = test_name(1, "gone");
	struct hsm_key made = make_key(fixture->hsm, &name, p256), *keys;
	struct fault fault;
	size_t count;
	bool found;

	assert_done(hsm_destroy(fixture->hsm, &name, &fault), fault);
	assert_done(hsm_destroy(fixture->hsm, &name, &fault), fault);
	struct hsm_key key = find_key(fixture->hsm, &name, &found);
	assert_true(found && key.has_public && !key.has_private);
	assert_true(publickey_equal(&key.public_key, &made.public_key));
	assert_done(hsm_list(fixture->hsm, &keys, &count, &fault), fault);
	assert_int_equal(count, 1);
	assert_true(keys[0].has_public && !keys[0].has_private && !keys[0].shell);
	free(keys);
	struct hsm_name none = test_name(7, "never was");
	assert_done(hsm_destroy(fixture->hsm, &none, &fault), fault);
	assert_false(hsm_seal(fixture->hsm, &none, &fault));
	assert_int_equal(fault.code, FAULT_NOT_FOUND);
}

/*
 * A public key with a modulus of our own making and any exponent, as a hostile
 * vault could send it.
 */
static struct public_key
crafted_kek(EVP_PKEY *sound, unsigned long exponent, bool even_modulus)
{
	struct public_key kek = { .shape = rsa2048 };
	SCOPE(bignum) BIGNUM *n = NULL;
	SCOPE(bignum) BIGNUM *e = BN_new();
	SCOPE(evp_pkey_ctx) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	SCOPE(evp_pkey) EVP_PKEY *evp = NULL;
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	uint8_t *at = kek.spki;

	assert_int_equal(EVP_PKEY_get_bn_param(sound, OSSL_PKEY_PARAM_RSA_N, &n), 1);
	if (even_modulus)
		BN_clear_bit(n, 0);
	BN_set_word(e, exponent);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
	assert_int_equal(EVP_PKEY_fromdata(context, &evp, EVP_PKEY_PUBLIC_KEY, params), 1);
	kek.spki_size = (size_t)i2d_PUBKEY(evp, &at);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	return kek;
}

static void
a_kek_that_is_unsound_is_refused_even_if_allowed(void **state)
{
	static const struct { unsigned long exponent; bool even; const char *word; } rows[] = {
		{ 1, false, "exponent" }, { 3, false, "exponent" }, { 65536, false, "exponent" },
		{ 257, false, "exponent" }, { 65537, true, "modulus" },
	};
	struct fixture *fixture = *state;
	struct hsm_name name = test_name(1, "target");
	struct hsm_transfer transfer;
	struct public_key sound;
	char fingerprint[DIGEST_HEX_SIZE];
	struct fault fault;
	SCOPE(evp_pkey) EVP_PKEY *private_kek = test_kek(2048, &sound);

	make_key(fixture->hsm, &name, p256);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct public_key kek = crafted_kek(private_kek, rows[i].exponent, rows[i].even);

		assert_done(publickey_fingerprint(&kek, fingerprint, &fault), fault);
		session_of(fixture->hsm)->allowed_kek = fingerprint;
		assert_false(hsm_transfer(fixture->hsm, &name, &kek, &transfer, &fault));
		assert_int_equal(fault.code, FAULT_REFUSED);
		assert_says(fault, rows[i].word);
		assert_false(hsm_enroll(fixture->hsm, &kek, "hostile", &fault));
	}
	session_of(fixture->hsm)->allowed_kek = NULL;
}

static void
a_kek_that_is_not_enrolled_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct hsm_name name = test_name(1, "target");
	struct hsm_transfer transfer;
	struct public_key kek, lying;
	char fingerprint[DIGEST_HEX_SIZE];
	struct fault fault;
	bool enrolled;
	SCOPE(evp_pkey) EVP_PKEY *private_kek = test_kek(2048, &kek);

	assert_non_null(private_kek);
	make_key(fixture->hsm, &name, p256);
	assert_false(hsm_transfer(fixture->hsm, &name, &kek, &transfer, &fault));
	assert_int_equal(fault.code, FAULT_PERMISSION);
	assert_done(publickey_fingerprint(&kek, fingerprint, &fault), fault);
	assert_says(fault, fingerprint);
	assert_says(fault, "not enrolled");

	/* A shape that is not the bytes' own does not help either. */
	lying = kek;
	lying.shape.bits = 4096;
	assert_false(hsm_transfer(fixture->hsm, &name, &lying, &transfer, &fault));
	assert_int_equal(fault.code, FAULT_REFUSED);

	/* One fingerprint allowed by the caller is as good as an enrolled one. */
	hsm_close(fixture->hsm);
	fixture->token.options.allowed_kek = fingerprint;
	fixture->hsm = test_token_open(&fixture->token);
	assert_done(hsm_enrolled(fixture->hsm, &kek, &enrolled, &fault), fault);
	assert_true(enrolled);
	assert_done(hsm_transfer(fixture->hsm, &name, &kek, &transfer, &fault), fault);
}

#define LIFE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LIFE_TEST(a_key_is_found_by_id_by_label_and_by_both),
		LIFE_TEST(an_id_is_given_once),
		LIFE_TEST(two_keys_with_one_id_are_not_guessed_between),
		LIFE_TEST(signatures_verify_in_software),
		LIFE_TEST(a_sealed_key_stays_and_signs_but_never_leaves),
		cmocka_unit_test(a_seal_that_is_not_enforced_is_told),
		LIFE_TEST(check_tells_what_softhsm_can_do),
		LIFE_TEST(a_destroyed_key_leaves_its_public_half),
		LIFE_TEST(a_kek_that_is_unsound_is_refused_even_if_allowed),
		LIFE_TEST(a_kek_that_is_not_enrolled_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
