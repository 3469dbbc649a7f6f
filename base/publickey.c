#include "publickey.h"

#include "crypto.h"
#include "scope.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

enum {
	RSA_BYTES_MAX = 512,		/* of a modulus of 4096 bits */
	EXPONENT_BYTES_MAX = 8,
	POINT_BYTES_MAX = 133		/* 04 and two coordinates of P-521 */
};

/* OpenSSL's group names of the curves and the bytes of one coordinate. */
static const struct curve {
	unsigned bits;
	const char *group;
	size_t field_size;
} curves[] = {
	{ 256, "prime256v1", 32 },
	{ 384, "secp384r1", 48 },
	{ 521, "secp521r1", 66 },
};

static const struct curve *
curve_of(unsigned bits)
{
	for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
		if (curves[i].bits == bits)
			return &curves[i];
	return NULL;
}

/* Make an EVP_PKEY of the public values; this is where OpenSSL sees that a point is on its curve. */
static bool
assemble(const char *type, OSSL_PARAM *values, EVP_PKEY **ret_evp)
{
	SCOPE(evp_pkey_ctx) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);

	return context != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
	    EVP_PKEY_fromdata(context, ret_evp, EVP_PKEY_PUBLIC_KEY, values) == 1;
}

/* Write down a key assembled here; its DER is normal because we chose every part of it. */
static bool
store(EVP_PKEY *evp, struct key_shape shape, struct public_key *ret_key, struct fault *fault)
{
	struct public_key key = { .shape = shape };
	unsigned char *place = key.spki;
	int size = i2d_PUBKEY(evp, NULL);

	if (size <= 0 || size > PUBLICKEY_SPKI_MAX || i2d_PUBKEY(evp, &place) != size)
		return crypto_fault(fault, FAULT_INTERNAL, "Encode a public key");
	key.spki_size = (size_t)size;
	*ret_key = key;
	return true;
}

/* What makes an RSA public key safe to encrypt under, as far as its two numbers show. */
static bool
check_rsa(const BIGNUM *modulus, const BIGNUM *exponent, struct fault *fault)
{
	unsigned bits = (unsigned)BN_num_bits(modulus);

	if (!keyshape_supported((struct key_shape){ KEY_RSA, bits }))
		return fault_set(fault, FAULT_DATA,
		    "RSA modulus of %u bits; it should have 2048, 3072 or 4096", bits);
	if (!BN_is_odd(modulus))
		return fault_set(fault, FAULT_DATA, "RSA modulus is even, so it is no RSA modulus");

	/* The exponent fits 64 bits here; 1 would "encrypt" to the plain text itself. */
	uint64_t value = BN_get_word(exponent);
	if (value < 65537 || value % 2 == 0)
		return fault_set(fault, FAULT_DATA,
		    "RSA exponent %llu; it should be odd and 65537 or more",
		    (unsigned long long)value);
	return true;
}

static void
skip_zeros(const uint8_t **bytes, size_t *size)
{
	while (*size > 0 && **bytes == 0) {
		++*bytes;
		--*size;
	}
}

bool
publickey_from_rsa(const void *modulus, size_t modulus_size, const void *exponent,
    size_t exponent_size, struct public_key *ret_key, struct fault *fault)
{
	const uint8_t *n_bytes = modulus, *e_bytes = exponent;

	/* Look at the sizes before OpenSSL calculates with numbers from outside. */
	skip_zeros(&n_bytes, &modulus_size);
	skip_zeros(&e_bytes, &exponent_size);
	if (modulus_size > RSA_BYTES_MAX)
		return fault_set(fault, FAULT_DATA,
		    "RSA modulus of %zu bytes; at most 512 (4096 bits) are taken", modulus_size);
	if (exponent_size > EXPONENT_BYTES_MAX)
		return fault_set(fault, FAULT_DATA,
		    "RSA exponent of %zu bytes; at most 8 are taken", exponent_size);

	SCOPE(bignum) BIGNUM *n = BN_bin2bn(n_bytes, (int)modulus_size, NULL);
	SCOPE(bignum) BIGNUM *e = BN_bin2bn(e_bytes, (int)exponent_size, NULL);
	if (n == NULL || e == NULL)
		return crypto_fault(fault, FAULT_SYSTEM, "Memory for an RSA key");
	if (!check_rsa(n, e, fault))
		return false;

	SCOPE(param_bld) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	SCOPE(param) OSSL_PARAM *values = NULL;
	SCOPE(evp_pkey) EVP_PKEY *evp = NULL;
	if (builder == NULL || OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) != 1 ||
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) != 1 ||
	    (values = OSSL_PARAM_BLD_to_param(builder)) == NULL)
		return crypto_fault(fault, FAULT_SYSTEM, "Memory for an RSA key");
	if (!assemble("RSA", values, &evp))
		return crypto_fault(fault, FAULT_DATA, "Make an RSA public key");
	return store(evp, (struct key_shape){ KEY_RSA, (unsigned)BN_num_bits(n) }, ret_key, fault);
}

bool
publickey_from_point(unsigned bits, const void *point, size_t point_size,
    struct public_key *ret_key, struct fault *fault)
{
	const struct curve *curve = curve_of(bits);
	SCOPE(evp_pkey) EVP_PKEY *evp = NULL;
	char group[16];
	uint8_t bytes[POINT_BYTES_MAX];

	if (curve == NULL)
		return fault_set(fault, FAULT_DATA,
		    "EC key of %u bits; it should be on P-256, P-384 or P-521", bits);
	if (point_size != 1 + 2 * curve->field_size || *(const uint8_t *)point != 4)
		return fault_set(fault, FAULT_DATA,
		    "EC point of %zu bytes; an uncompressed point of P-%u is 04 and %zu bytes",
		    point_size, bits, 2 * curve->field_size);

	/* OSSL_PARAM wants memory it could write to, so it gets copies. */
	memcpy(bytes, point, point_size);
	memcpy(group, curve->group, strlen(curve->group) + 1);
	OSSL_PARAM values[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, bytes, point_size),
		OSSL_PARAM_construct_end(),
	};
	if (!assemble("EC", values, &evp))
		return crypto_fault(fault, FAULT_DATA, "Take a point for an EC public key");
	return store(evp, (struct key_shape){ KEY_EC, bits }, ret_key, fault);
}

/* Take an RSA key apart and put it together again, checked and in the normal form. */
static bool
rebuild_rsa(const EVP_PKEY *evp, struct public_key *ret_key, struct fault *fault)
{
	SCOPE(bignum) BIGNUM *n = NULL;
	SCOPE(bignum) BIGNUM *e = NULL;
	uint8_t n_bytes[RSA_BYTES_MAX], e_bytes[EXPONENT_BYTES_MAX];

	if (EVP_PKEY_get_bn_param(evp, OSSL_PKEY_PARAM_RSA_N, &n) != 1 ||
	    EVP_PKEY_get_bn_param(evp, OSSL_PKEY_PARAM_RSA_E, &e) != 1)
		return crypto_fault(fault, FAULT_DATA, "Read the numbers of an RSA key");
	if (BN_num_bytes(n) > RSA_BYTES_MAX || BN_num_bytes(e) > EXPONENT_BYTES_MAX)
		return fault_set(fault, FAULT_DATA, "RSA modulus of %d bits, exponent of %d bits; "
		    "at most 4096 and 64 are taken", BN_num_bits(n), BN_num_bits(e));
	size_t n_size = (size_t)BN_bn2bin(n, n_bytes), e_size = (size_t)BN_bn2bin(e, e_bytes);
	return publickey_from_rsa(n_bytes, n_size, e_bytes, e_size, ret_key, fault);
}

/* The same for EC; a compressed point comes out uncompressed. */
static bool
rebuild_ec(const EVP_PKEY *evp, struct public_key *ret_key, struct fault *fault)
{
	SCOPE(bignum) BIGNUM *x = NULL;
	SCOPE(bignum) BIGNUM *y = NULL;
	char group[64] = "unnamed";
	uint8_t point[POINT_BYTES_MAX] = { 4 };
	const struct curve *curve = NULL;

	/* A curve without a name, or with a name that is not in the table, is not ours. */
	if (EVP_PKEY_get_utf8_string_param(evp, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group,
	    NULL) == 1)
		for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
			if (strcmp(curves[i].group, group) == 0)
				curve = &curves[i];
	ERR_clear_error();
	if (curve == NULL)
		return fault_set(fault, FAULT_DATA, "EC key on the curve %s; it should be on "
		    "P-256, P-384 or P-521, given by name", group);

	int width = (int)curve->field_size;
	if (EVP_PKEY_get_bn_param(evp, OSSL_PKEY_PARAM_EC_PUB_X, &x) != 1 ||
	    EVP_PKEY_get_bn_param(evp, OSSL_PKEY_PARAM_EC_PUB_Y, &y) != 1 ||
	    BN_bn2binpad(x, point + 1, width) != width ||
	    BN_bn2binpad(y, point + 1 + width, width) != width)
		return crypto_fault(fault, FAULT_DATA, "Read the point of an EC key");
	return publickey_from_point(curve->bits, point, 1 + 2 * curve->field_size, ret_key, fault);
}

bool
publickey_from_spki(const void *der, size_t size, struct public_key *ret_key,
    struct fault *fault)
{
	const unsigned char *place = der;
	SCOPE(evp_pkey) EVP_PKEY *evp = NULL;

	/* Far more than any key of ours, far less than anything that hurts. */
	if (size > 8192)
		return fault_set(fault, FAULT_DATA,
		    "SubjectPublicKeyInfo of %zu bytes is no key of a supported size", size);
	if ((evp = d2i_PUBKEY(NULL, &place, (long)size)) == NULL)
		return crypto_fault(fault, FAULT_DATA, "Read a SubjectPublicKeyInfo");
	if (place != (const unsigned char *)der + size)
		return fault_set(fault, FAULT_DATA, "SubjectPublicKeyInfo is followed by %zu bytes "
		    "that do not belong to it",
		    size - (size_t)(place - (const unsigned char *)der));

	if (EVP_PKEY_is_a(evp, "RSA"))
		return rebuild_rsa(evp, ret_key, fault);
	if (EVP_PKEY_is_a(evp, "EC"))
		return rebuild_ec(evp, ret_key, fault);
	const char *type = EVP_PKEY_get0_type_name(evp);
	return fault_set(fault, FAULT_DATA, "Public key of type %s; it should be RSA or EC",
	    type == NULL ? "unknown" : type);
}

bool
publickey_from_evp(EVP_PKEY *evp, struct public_key *ret_key, struct fault *fault)
{
	unsigned char *der = NULL;
	int size = i2d_PUBKEY(evp, &der);

	/* Through DER, since that is what keys of engines and of providers both can do. */
	if (size <= 0)
		return crypto_fault(fault, FAULT_DATA, "Read the public half of a key");
	bool taken = publickey_from_spki(der, (size_t)size, ret_key, fault);
	OPENSSL_free(der);
	return taken;
}

bool
publickey_from_pem(const char *pem, size_t size, struct public_key *ret_key,
    struct fault *fault)
{
	SCOPE(bio) BIO *bio = BIO_new_mem_buf(pem, size > INT32_MAX ? 0 : (int)size);
	char *name = NULL, *header = NULL;
	unsigned char *der = NULL;
	long der_size = 0;
	bool taken;

	if (bio == NULL)
		return crypto_fault(fault, FAULT_SYSTEM, "Memory for PEM text");
	if (PEM_read_bio(bio, &name, &header, &der, &der_size) != 1)
		return crypto_fault(fault, FAULT_DATA,
		    "Read PEM text; it should begin with -----BEGIN PUBLIC KEY-----");

	/* Say what was found, since a certificate or a private key is an easy mistake. */
	if (strcmp(name, PEM_STRING_PUBLIC) != 0)
		taken = fault_set(fault, FAULT_DATA,
		    "PEM text holds \"%.60s\"; it should hold \"PUBLIC KEY\"", name);
	else
		taken = publickey_from_spki(der, (size_t)der_size, ret_key, fault);

	/* It may have been a private key: wipe it. */
	OPENSSL_clear_free(der, (size_t)der_size);
	OPENSSL_free(header);
	OPENSSL_free(name);
	return taken;
}

bool
publickey_evp(const struct public_key *key, EVP_PKEY **ret_evp, struct fault *fault)
{
	const unsigned char *place = key->spki;
	EVP_PKEY *evp = d2i_PUBKEY(NULL, &place, (long)key->spki_size);

	if (evp == NULL)
		return crypto_fault(fault, FAULT_INTERNAL, "Read a public key that keyturn wrote");
	*ret_evp = evp;
	return true;
}

bool
publickey_pem(const struct public_key *key, char **ret_pem, struct fault *fault)
{
	SCOPE(bio) BIO *bio = BIO_new(BIO_s_mem());
	char *bytes = NULL, *pem;
	long size;

	if (bio == NULL || PEM_write_bio(bio, PEM_STRING_PUBLIC, "", key->spki,
	    (long)key->spki_size) <= 0 || (size = BIO_get_mem_data(bio, &bytes)) <= 0)
		return crypto_fault(fault, FAULT_SYSTEM, "Write a public key as PEM text");
	if ((pem = strndup(bytes, (size_t)size)) == NULL)
		return fault_system(fault, "Memory for PEM text");
	*ret_pem = pem;
	return true;
}

bool
publickey_equal(const struct public_key *a, const struct public_key *b)
{
	return a->spki_size == b->spki_size && memcmp(a->spki, b->spki, a->spki_size) == 0;
}

bool
publickey_fingerprint(const struct public_key *key, char ret_hex[static DIGEST_HEX_SIZE],
    struct fault *fault)
{
	uint8_t digest[DIGEST_SIZE];

	if (!digest_sha256(key->spki, key->spki_size, digest, fault))
		return false;
	encode_hex(digest, sizeof digest, ret_hex);
	return true;
}

/* A number as the fewest big-endian bytes, in memory that the caller frees. */
static bool
number_bytes(const BIGNUM *number, uint8_t **ret_bytes, size_t *ret_size)
{
	size_t size = (size_t)BN_num_bytes(number);
	uint8_t *bytes = malloc(size + 1);

	if (bytes == NULL)
		return false;
	BN_bn2bin(number, bytes);
	*ret_bytes = bytes;
	*ret_size = size;
	return true;
}

bool
publickey_rsa_parts(const struct public_key *key, uint8_t **ret_modulus,
    size_t *ret_modulus_size, uint8_t **ret_exponent, size_t *ret_exponent_size)
{
	SCOPE(evp_pkey) EVP_PKEY *evp = NULL;
	SCOPE(bignum) BIGNUM *n = NULL;
	SCOPE(bignum) BIGNUM *e = NULL;
	SCOPE(free) uint8_t *modulus = NULL;

	if (key->shape.family != KEY_RSA || !publickey_evp(key, &evp, NULL) ||
	    EVP_PKEY_get_bn_param(evp, OSSL_PKEY_PARAM_RSA_N, &n) != 1 ||
	    EVP_PKEY_get_bn_param(evp, OSSL_PKEY_PARAM_RSA_E, &e) != 1)
		return false;

	/* Hand out the modulus only when the exponent is there as well. */
	if (!number_bytes(n, &modulus, ret_modulus_size) ||
	    !number_bytes(e, ret_exponent, ret_exponent_size))
		return false;
	*ret_modulus = scope_move(modulus);
	return true;
}
