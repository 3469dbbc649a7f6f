#ifndef JWK_H
#define JWK_H

/*
 * Asymmetric keys between OpenSSL, PEM and JSON Web Keys (RFC 7517, 7518; secp256k1 under Key
 * Vault's name P-256K).
 */

#include <jansson.h>
#include <openssl/evp.h>
#include <stdbool.h>

/**
 * jwk_pem(key):
 * Return the unencrypted PKCS#8 PEM of a private key as a JSON string, or NULL.
 */
json_t *jwk_pem(EVP_PKEY *key);

/**
 * jwk_read_pem(pem):
 * Return the private key of such a string, the caller's to free, or NULL.
 */
EVP_PKEY *jwk_read_pem(const json_t *pem);

/**
 * jwk_public(key):
 * Return {"n", "e"} or {"crv", "x", "y"}, a new reference, or NULL if the key is of another kind.
 * Coordinates have the full length of the curve.
 */
json_t *jwk_public(EVP_PKEY *key);

/**
 * jwk_generate(bits, crv):
 * Make an RSA key of ${bits} with exponent 65537, or if ${crv} is not NULL a key on that curve.
 * The caller's to free; NULL if it cannot be made.
 */
EVP_PKEY *jwk_generate(int bits, const char *crv);

/**
 * jwk_read_private(jwk):
 * Build the private key from {"n","e","d","p","q",...} or {"crv","x","y","d"}; the parts must
 * belong together. The caller's to free; NULL if they do not.
 */
EVP_PKEY *jwk_read_private(const json_t *jwk);

/**
 * jwk_curve(key):
 * Return Key Vault's name of the key's curve, or NULL if it is no EC key or on another curve.
 */
const char *jwk_curve(EVP_PKEY *key);

/**
 * jwk_curve_size(crv):
 * Return the size of one coordinate in bytes, 0 for an unknown curve.
 */
int jwk_curve_size(const char *crv);

#endif
