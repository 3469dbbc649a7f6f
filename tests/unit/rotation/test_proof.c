/* The proof, with real keys and a vault that answers from a script: what is asked, and what passes. */
#include "proof.h"
#include "scope.h"
#include "scripted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>
#include <string.h>

#define KID "https://hospital.vault.azure.net/keys/radiology/00000000000000000000000000000002"

/* A vault that holds one private key and does with it what it is asked. */
struct answering {
	struct http port;
	struct scripted *script;
	EVP_PKEY *key;
	bool spoil;			/* the answer is wrong by one bit */
	unsigned asked;
	char path[200];
	char alg[32];
};

static struct scripted script;
static struct answering vault;
static struct azure *azure;
static struct public_key ours;

/* RSA-OAEP-256 with the private key. */
static size_t
unwrap(EVP_PKEY *key, const uint8_t *bytes, size_t size, uint8_t *ret_bytes, size_t room)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);

	assert_true(EVP_PKEY_decrypt_init(context) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1);
	if (EVP_PKEY_decrypt(context, ret_bytes, &room, bytes, size) != 1)
		room = 0;
	EVP_PKEY_CTX_free(context);
	return room;
}

/* ES256: DER made r || s (RFC 7518, 3.4). */
static size_t
sign(EVP_PKEY *key, const uint8_t *digest, size_t size, uint8_t *ret_bytes, size_t room)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
	uint8_t der[200];
	const uint8_t *place = der;
	size_t der_size = sizeof der;
	int half = (int)room / 2;
	ECDSA_SIG *parts;

	assert_true(EVP_PKEY_sign_init(context) == 1 && EVP_PKEY_sign(context, der, &der_size, digest, size) == 1);
	parts = d2i_ECDSA_SIG(NULL, &place, (long)der_size);
	assert_non_null(parts);
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(parts), ret_bytes, half), half);
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(parts), ret_bytes + half, half), half);
	ECDSA_SIG_free(parts);
	EVP_PKEY_CTX_free(context);
	return room;
}

static bool
answer(struct http *port, const struct http_request *request, struct http_response *ret_response, struct fault *fault)
{
	struct answering *asked = (struct answering *)port;
	struct http_response response = { .status = 200 };
	SCOPE(json) json_t *body = NULL;
	SCOPE(free) uint8_t *value = NULL;
	SCOPE(free) char *encoded = NULL;
	uint8_t result[600];
	size_t size, done;
	char text[1200];

	if (strstr(request->url, "/oauth2/") != NULL)
		return asked->script->port.exchange(&asked->script->port, request, ret_response, fault);
	asked->asked++;
	snprintf(asked->path, sizeof asked->path, "%s", request->url);
	body = json_loadb(request->body, request->body_size, 0, NULL);
	assert_non_null(body);
	snprintf(asked->alg, sizeof asked->alg, "%s", json_string_value(json_object_get(body, "alg")));
	assert_true(encode_parse_base64url(json_string_value(json_object_get(body, "value")), &value, &size, fault));
	done = strstr(request->url, "/unwrapkey") != NULL ? unwrap(asked->key, value, size, result, sizeof result) :
	    sign(asked->key, value, size, result, 2 * size);
	if (asked->spoil)
		result[0] ^= 1;
	assert_true(encode_base64url(result, done, &encoded, fault));
	snprintf(text, sizeof text, "{\"kid\":\"%s\",\"value\":\"%s\"}", KID, encoded);
	assert_true(http_add_body(&response, text, strlen(text)));
	*ret_response = response;
	return true;
}

static void
close_nothing(struct http *port)
{
	(void)port;
}

static void
begin(EVP_PKEY *hsm_key, EVP_PKEY *vault_key)
{
	struct fault fault;

	scripted_begin(&script, NULL, 0);
	vault = (struct answering){ .port = { .exchange = answer, .close = close_nothing }, .script = &script, .key = vault_key };
	assert_true(azure_open(&script.options, &vault.port, &script.clock, &azure, &fault));
	assert_true(publickey_from_evp(hsm_key, &ours, &fault));
}

static void
end(void)
{
	azure_close(azure);
	scripted_end(&script);
}

static void
the_vault_unwraps_what_the_hsms_key_wrapped(void **state)
{
	SCOPE(evp_pkey) EVP_PKEY *key = EVP_RSA_gen(2048), *other = EVP_RSA_gen(2048);
	struct fault fault = { 0 };

	(void)state;
	begin(key, key);
	assert_true(proof_challenge(azure, &ours, KID, &fault));
	assert_string_equal(vault.alg, "RSA-OAEP-256");
	assert_non_null(strstr(vault.path, "00000000000000000000000000000002/unwrapkey"));
	assert_string_equal(proof_challenge_name(ours.shape), "unwrap RSA-OAEP-256");
	assert_int_equal(vault.asked, 1);
	vault.spoil = true;
	assert_false(proof_challenge(azure, &ours, KID, &fault));
	assert_int_equal(fault.code, FAULT_REFUSED);
	end();
	begin(key, other);
	assert_false(proof_challenge(azure, &ours, KID, &fault));
	assert_int_equal(fault.code, FAULT_REFUSED);
	assert_non_null(strstr(fault.text, "another private key"));
	end();
}

static void
the_vault_signs_what_the_hsms_key_verifies(void **state)
{
	static const struct {
		const char *curve, *alg, *name;
	} curves[] = { { "P-256", "ES256", "sign ES256" }, { "P-384", "ES384", "sign ES384" } };
	struct fault fault = { 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		SCOPE(evp_pkey) EVP_PKEY *key = EVP_EC_gen(curves[i].curve), *other = EVP_EC_gen(curves[i].curve);

		begin(key, key);
		assert_true(proof_challenge(azure, &ours, KID, &fault));
		assert_string_equal(vault.alg, curves[i].alg);
		assert_string_equal(proof_challenge_name(ours.shape), curves[i].name);
		vault.spoil = true;
		assert_false(proof_challenge(azure, &ours, KID, &fault));
		assert_int_equal(fault.code, FAULT_REFUSED);
		end();
		begin(key, other);
		assert_false(proof_challenge(azure, &ours, KID, &fault));
		assert_int_equal(fault.code, FAULT_REFUSED);
		end();
	}
}

static void
the_version_must_be_the_hsms_key_in_an_hsm_and_enabled(void **state)
{
	SCOPE(evp_pkey) EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
	struct vault_key version = { .item = { .kid = KID, .enabled = true }, .kty = "EC-HSM", .has_public_key = true };
	struct fault fault = { 0 };

	(void)state;
	assert_true(publickey_from_evp(key, &ours, &fault));
	version.public_key = ours;
	assert_true(proof_compare(&ours, &version, &fault));
	strcpy(version.kty, "EC");
	assert_false(proof_compare(&ours, &version, &fault));
	assert_non_null(strstr(fault.text, "did not land in an HSM"));
	strcpy(version.kty, "EC-HSM");
	version.item.enabled = false;
	assert_false(proof_compare(&ours, &version, &fault));
	assert_non_null(strstr(fault.text, "is disabled"));
	version.item.enabled = true;
	assert_true(publickey_from_evp(other, &version.public_key, &fault));
	assert_false(proof_compare(&ours, &version, &fault));
	assert_int_equal(fault.code, FAULT_REFUSED);
	assert_non_null(strstr(fault.text, "not our key"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vault_unwraps_what_the_hsms_key_wrapped),
		cmocka_unit_test(the_vault_signs_what_the_hsms_key_verifies),
		cmocka_unit_test(the_version_must_be_the_hsms_key_in_an_hsm_and_enabled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
