#include "jwk.h"

#include "bytes.h"
#include "release.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <string.h>

/* The curves of Key Vault; the second name is OpenSSL's. */
static const struct {
	const char *crv, *group;
	int size;
} CURVES[] = {
	{ "P-256", "prime256v1", 32 },
	{ "P-384", "secp384r1", 48 },
	{ "P-521", "secp521r1", 66 },
	{ "P-256K", "secp256k1", 32 },
};

/*
 * The members of a private RSA JWK that OpenSSL can do without if all of them are missing come
 * after the first three.
 */
static const struct {
	const char *member, *param;
} RSA_PARTS[] = {
	{ "n", OSSL_PKEY_PARAM_RSA_N },
	{ "e", OSSL_PKEY_PARAM_RSA_E },
	{ "d", OSSL_PKEY_PARAM_RSA_D },
	{ "p", OSSL_PKEY_PARAM_RSA_FACTOR1 },
	{ "q", OSSL_PKEY_PARAM_RSA_FACTOR2 },
	{ "dp", OSSL_PKEY_PARAM_RSA_EXPONENT1 },
	{ "dq", OSSL_PKEY_PARAM_RSA_EXPONENT2 },
	{ "qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1 },
};
enum { RSA_PART_COUNT = sizeof RSA_PARTS / sizeof RSA_PARTS[0] };

json_t *
jwk_pem(EVP_PKEY *key)
{
	RELEASE(bio) BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	long size;

	if (bio == NULL || PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
		return NULL;
	size = BIO_get_mem_data(bio, &text);
	return json_stringn(text, (size_t)size);
}

EVP_PKEY *
jwk_read_pem(const json_t *pem)
{
	RELEASE(bio) BIO *bio = NULL;

	if (!json_is_string(pem))
		return NULL;
	bio = BIO_new_mem_buf(json_string_value(pem), (int)json_string_length(pem));
	return bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
}

const char *
jwk_curve(EVP_PKEY *key)
{
	char group[64] = "";

	if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC || EVP_PKEY_get_group_name(key, group, sizeof group, NULL) != 1)
		return NULL;
	for (size_t i = 0; i < sizeof CURVES / sizeof CURVES[0]; i++)
		if (strcmp(CURVES[i].group, group) == 0)
			return CURVES[i].crv;
	return NULL;
}

/* The row of a curve, or NULL. */
static const char *
curve_group(const char *crv)
{
	for (size_t i = 0; i < sizeof CURVES / sizeof CURVES[0]; i++)
		if (strcmp(CURVES[i].crv, crv) == 0)
			return CURVES[i].group;
	return NULL;
}

int
jwk_curve_size(const char *crv)
{
	for (size_t i = 0; i < sizeof CURVES / sizeof CURVES[0]; i++)
		if (strcmp(CURVES[i].crv, crv) == 0)
			return CURVES[i].size;
	return 0;
}

/*
 * One number of a key as base64url, left-padded to ${size} bytes where that is longer than the
 * number; NULL if the key has no such number.
 */
static json_t *
number(EVP_PKEY *key, const char *param, int size)
{
	RELEASE(bn) BIGNUM *bn = NULL;
	BYTES struct bytes b = { 0 };

	if (EVP_PKEY_get_bn_param(key, param, &bn) != 1)
		return NULL;
	b = bytes_new((size_t)(BN_num_bytes(bn) > size ? BN_num_bytes(bn) : size));
	if (BN_bn2binpad(bn, b.data, (int)b.size) < 0)
		return NULL;
	return bytes_encode_json(b.data, b.size);
}

json_t *
jwk_public(EVP_PKEY *key)
{
	const char *crv = jwk_curve(key);
	int size = crv != NULL ? jwk_curve_size(crv) : 0;

	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
		return json_pack("{s:o, s:o}", "n", number(key, OSSL_PKEY_PARAM_RSA_N, 0), "e",
		    number(key, OSSL_PKEY_PARAM_RSA_E, 0));
	if (crv == NULL)
		return NULL;
	return json_pack("{s:s, s:o, s:o}", "crv", crv, "x", number(key, OSSL_PKEY_PARAM_EC_PUB_X, size),
	    "y", number(key, OSSL_PKEY_PARAM_EC_PUB_Y, size));
}

EVP_PKEY *
jwk_generate(int bits, const char *crv)
{
	const char *group = crv != NULL ? curve_group(crv) : NULL;

	if (crv == NULL)
		return EVP_RSA_gen((unsigned)bits);
	return group != NULL ? EVP_EC_gen(group) : NULL;
}

/* Build a key pair of ${type} from what was pushed, and check that its halves belong together. */
static EVP_PKEY *
build(const char *type, OSSL_PARAM_BLD *builder)
{
	RELEASE(pkey_ctx) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	RELEASE(pkey_ctx) EVP_PKEY_CTX *check = NULL;
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY *key = NULL;

	if (ctx == NULL || params == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
		key = NULL;
	OSSL_PARAM_free(params);

	check = key != NULL ? EVP_PKEY_CTX_new(key, NULL) : NULL;
	if (check != NULL && EVP_PKEY_pairwise_check(check) == 1)
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

/* The number in a member of a JWK; NULL if it is not there or not base64url. */
static BIGNUM *
member_number(const json_t *jwk, const char *member)
{
	BYTES struct bytes b = { 0 };
	const char *text = json_string_value(json_object_get(jwk, member));

	if (text == NULL || !bytes_decode(text, &b))
		return NULL;
	return BN_bin2bn(b.data, (int)b.size, NULL);
}

static EVP_PKEY *
read_rsa(const json_t *jwk)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	BIGNUM *parts[RSA_PART_COUNT] = { NULL };
	EVP_PKEY *key = NULL;
	bool good = builder != NULL;

	/*
	 * Key Vault wants all of them (REST, JsonWebKey): without the primes it could not check
	 * what it was given.
	 */
	for (size_t i = 0; i < RSA_PART_COUNT; i++) {
		parts[i] = member_number(jwk, RSA_PARTS[i].member);
		good = good && parts[i] != NULL && OSSL_PARAM_BLD_push_BN(builder, RSA_PARTS[i].param, parts[i]) == 1;
	}
	if (good)
		key = build("RSA", builder);
	OSSL_PARAM_BLD_free(builder);
	for (size_t i = 0; i < RSA_PART_COUNT; i++)
		BN_clear_free(parts[i]);
	return key;
}

/* The uncompressed point (SEC 1, 2.3.3) of the coordinates in a JWK. */
static bool
read_point(const json_t *jwk, int size, struct bytes *ret_point)
{
	RELEASE(bn) BIGNUM *x = member_number(jwk, "x");
	RELEASE(bn) BIGNUM *y = member_number(jwk, "y");
	struct bytes point = bytes_new(1 + 2 * (size_t)size);

	point.data[0] = 0x04;
	if (x == NULL || y == NULL || BN_bn2binpad(x, point.data + 1, size) < 0 ||
	    BN_bn2binpad(y, point.data + 1 + size, size) < 0) {
		bytes_release(&point);
		return false;
	}
	*ret_point = point;
	return true;
}

static EVP_PKEY *
read_ec(const json_t *jwk, const char *crv)
{
	RELEASE(bn) BIGNUM *d = member_number(jwk, "d");
	BYTES struct bytes point = { 0 };
	const char *group = curve_group(crv);
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	EVP_PKEY *key = NULL;

	if (builder != NULL && d != NULL && group != NULL && read_point(jwk, jwk_curve_size(crv), &point) &&
	    OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, group, 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.data, point.size) == 1 &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, d) == 1)
		key = build("EC", builder);
	OSSL_PARAM_BLD_free(builder);
	return key;
}

EVP_PKEY *
jwk_read_private(const json_t *jwk)
{
	const char *crv = json_string_value(json_object_get(jwk, "crv"));

	return crv != NULL ? read_ec(jwk, crv) : read_rsa(jwk);
}
