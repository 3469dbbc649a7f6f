/* What a public key can do: encrypt and verify. The key itself is in publickey.c. */

#include "publickey.h"

#include "crypto.h"
#include "scope.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

/* The widths that RFC 7518, 3.4 gives to r and s, and the digest that goes with each curve. */
static const struct signing {
	unsigned bits;
	size_t field_size;
	size_t digest_size;
} signings[] = {
	{ 256, 32, 32 },
	{ 384, 48, 48 },
	{ 521, 66, 64 },
};

static const struct signing *
signing_of(unsigned bits)
{
	for (size_t i = 0; i < sizeof signings / sizeof signings[0]; i++)
		if (signings[i].bits == bits)
			return &signings[i];
	return NULL;
}

/* A context that encrypts as Key Vault's RSA-OAEP-256 says: SHA-256 in both places, no label. */
static bool
prepare_oaep256(EVP_PKEY_CTX *context)
{
	return context != NULL && EVP_PKEY_encrypt_init(context) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1 &&
	    EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1;
}

bool
publickey_encrypt_oaep256(const struct public_key *key, const void *bytes, size_t size,
    uint8_t **ret_bytes, size_t *ret_size, struct fault *fault)
{
	SCOPE(evp_pkey) EVP_PKEY *evp = NULL;
	size_t sealed_size = key->shape.bits / 8;
	size_t size_max = sealed_size - 2 * DIGEST_SIZE - 2;

	/* OAEP takes the modulus less two hashes and two bytes (RFC 8017, 7.1.1). */
	if (key->shape.family != KEY_RSA)
		return fault_set(fault, FAULT_DATA, "Encrypt under an EC key; only RSA can");
	if (size > size_max)
		return fault_set(fault, FAULT_DATA, "Encrypt %zu bytes under an RSA key of %u bits; "
		    "at most %zu fit", size, key->shape.bits, size_max);

	if (!publickey_evp(key, &evp, fault))
		return false;
	SCOPE(evp_pkey_ctx) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, evp, NULL);
	SCOPE(free) uint8_t *sealed = malloc(sealed_size);
	if (sealed == NULL)
		return fault_system(fault, "Memory to encrypt");
	if (!prepare_oaep256(context) ||
	    EVP_PKEY_encrypt(context, sealed, &sealed_size, bytes, size) != 1)
		return crypto_fault(fault, FAULT_INTERNAL, "Encrypt by RSA-OAEP-256");
	*ret_bytes = scope_move(sealed);
	*ret_size = sealed_size;
	return true;
}

/* Turn r || s into the DER that OpenSSL wants (RFC 3279, 2.2.3); its size is 0 without memory. */
static size_t
signature_der(const uint8_t *signature, size_t field_size, unsigned char **ret_der)
{
	SCOPE(ecdsa_sig) ECDSA_SIG *pair = ECDSA_SIG_new();
	SCOPE(bignum) BIGNUM *r = BN_bin2bn(signature, (int)field_size, NULL);
	SCOPE(bignum) BIGNUM *s = BN_bin2bn(signature + field_size, (int)field_size, NULL);
	int size;

	if (pair == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(pair, r, s) != 1)
		return 0;
	/* Both numbers are the pair's from here on. */
	r = NULL;
	s = NULL;
	size = i2d_ECDSA_SIG(pair, ret_der);
	return size > 0 ? (size_t)size : 0;
}

/* A context that verifies: for RSA with the padding and hash of RS256, for EC as it is. */
static bool
prepare_verify(EVP_PKEY_CTX *context, enum key_family family)
{
	if (context == NULL || EVP_PKEY_verify_init(context) != 1)
		return false;
	return family == KEY_EC ||
	    (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1);
}

/* One value for both families: bytes and their number. */
struct span {
	const void *bytes;
	size_t size;
};

static bool
verify(const struct public_key *key, struct span digest, struct span signature, bool *ret_valid,
    struct fault *fault)
{
	SCOPE(evp_pkey) EVP_PKEY *evp = NULL;

	if (!publickey_evp(key, &evp, fault))
		return false;
	SCOPE(evp_pkey_ctx) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, evp, NULL);
	if (!prepare_verify(context, key->shape.family))
		return crypto_fault(fault, FAULT_INTERNAL, "Prepare to verify a signature");

	/* A negative answer means a malformed signature, which is as little valid as a wrong one. */
	*ret_valid = EVP_PKEY_verify(context, signature.bytes, signature.size, digest.bytes,
	    digest.size) == 1;
	ERR_clear_error();
	return true;
}

bool
publickey_verify(const struct public_key *key, const void *digest, size_t digest_size,
    const void *signature, size_t signature_size, bool *ret_valid, struct fault *fault)
{
	struct span over = { digest, digest_size };
	size_t wanted = DIGEST_SIZE;
	const struct signing *signing = NULL;

	/* A digest of another size would be the caller's mistake, not the signer's. */
	if (key->shape.family == KEY_EC && (signing = signing_of(key->shape.bits)) != NULL)
		wanted = signing->digest_size;
	if (digest_size != wanted || (key->shape.family == KEY_EC && signing == NULL))
		return fault_set(fault, FAULT_INTERNAL,
		    "Verify a signature over a digest of %zu bytes; this key goes with %zu",
		    digest_size, wanted);
	if (signing == NULL)
		return verify(key, over, (struct span){ signature, signature_size }, ret_valid, fault);

	/* Only the full width is a signature: a shorter one has lost its leading zeros. */
	if (signature_size != 2 * signing->field_size) {
		*ret_valid = false;
		return true;
	}
	unsigned char *der = NULL;
	size_t der_size = signature_der(signature, signing->field_size, &der);
	if (der_size == 0)
		return crypto_fault(fault, FAULT_SYSTEM, "Memory to verify a signature");
	bool verified = verify(key, over, (struct span){ der, der_size }, ret_valid, fault);
	OPENSSL_free(der);
	return verified;
}
