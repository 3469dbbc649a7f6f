#ifndef PUBLICKEY_H
#define PUBLICKEY_H

#include "encode.h"
#include "fault.h"
#include "keyshape.h"

#include <openssl/evp.h>

/*
 * A public key as a plain value: its shape and its SubjectPublicKeyInfo (RFC 5280, 4.1.2.7) in DER.
 * Two keys are the same key exactly if these bytes are: RSA with NULL parameters (RFC 3279, 2.3.1), EC with
 * a named curve and an uncompressed point (RFC 5480), which every constructor here makes sure of.
 */

enum { PUBLICKEY_SPKI_MAX = 600 };

struct public_key {
	struct key_shape shape;
	size_t spki_size;
	uint8_t spki[PUBLICKEY_SPKI_MAX];
};

/**
 * From big-endian modulus and exponent, leading zeros allowed.
 * Errors: FAULT_DATA (not odd, not a supported size, exponent even, below 65537 or over 64 bits).
 */
bool publickey_from_rsa(const void *modulus, size_t modulus_size, const void *exponent,
    size_t exponent_size, struct public_key *ret_key, struct fault *fault)
    __attribute__((warn_unused_result));

/** From an uncompressed point (SEC 1, 2.3.3: 04 || X || Y) on the curve of ${bits}. Errors: FAULT_DATA, not on the curve. */
bool publickey_from_point(unsigned bits, const void *point, size_t point_size,
    struct public_key *ret_key, struct fault *fault) __attribute__((warn_unused_result));

/** From SubjectPublicKeyInfo DER. Errors: FAULT_DATA, also for a shape keyturn does not support. */
bool publickey_from_spki(const void *der, size_t size, struct public_key *ret_key,
    struct fault *fault) __attribute__((warn_unused_result));

/** From PEM text ("BEGIN PUBLIC KEY"). Errors: FAULT_DATA. */
bool publickey_from_pem(const char *pem, size_t size, struct public_key *ret_key,
    struct fault *fault) __attribute__((warn_unused_result));

/** From any EVP_PKEY with a public half; the key stays the caller's. */
bool publickey_from_evp(EVP_PKEY *evp, struct public_key *ret_key, struct fault *fault)
    __attribute__((warn_unused_result));

/** As a new EVP_PKEY, which the caller frees. */
bool publickey_evp(const struct public_key *key, EVP_PKEY **ret_evp, struct fault *fault)
    __attribute__((warn_unused_result));

/** PEM text, which the caller frees. */
bool publickey_pem(const struct public_key *key, char **ret_pem, struct fault *fault)
    __attribute__((warn_unused_result));

bool publickey_equal(const struct public_key *a, const struct public_key *b);

/** SHA-256 of the SubjectPublicKeyInfo: the fingerprint shown, enrolled and recorded everywhere. As 64 hex digits. */
bool publickey_fingerprint(const struct public_key *key, char ret_hex[static DIGEST_HEX_SIZE],
    struct fault *fault) __attribute__((warn_unused_result));

/** The RSA modulus and exponent, big-endian without leading zeros, in buffers that the caller frees. */
bool publickey_rsa_parts(const struct public_key *key, uint8_t **ret_modulus,
    size_t *ret_modulus_size, uint8_t **ret_exponent, size_t *ret_exponent_size)
    __attribute__((warn_unused_result));

/** RSA-OAEP with SHA-256 and MGF1-SHA-256 (RFC 8017, 7.1; Key Vault's RSA-OAEP-256). The caller frees ${*ret_bytes}. */
bool publickey_encrypt_oaep256(const struct public_key *key, const void *bytes, size_t size,
    uint8_t **ret_bytes, size_t *ret_size, struct fault *fault)
    __attribute__((warn_unused_result));

/**
 * Verify a signature over a digest: EC, r || s of full width (ES256, ES384, ES512 of RFC 7518, 3.4), digest of the curve's hash;
 * RSA, PKCS #1 v1.5 with SHA-256 (RS256). ${*ret_valid} says the result. Errors: FAULT_INTERNAL.
 */
bool publickey_verify(const struct public_key *key, const void *digest, size_t digest_size,
    const void *signature, size_t signature_size, bool *ret_valid, struct fault *fault)
    __attribute__((warn_unused_result));

#endif
