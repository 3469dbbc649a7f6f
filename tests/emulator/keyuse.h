#ifndef KEYUSE_H
#define KEYUSE_H

/*
 * The cryptography of Key Vault's key operations, by the names of RFC 7518 that its REST
 * interface uses.
 */

#include "bytes.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * keyuse_knows_cipher(alg), keyuse_knows_signature(alg, key):
 * Return whether ${alg} is an encryption algorithm (RSA1_5, RSA-OAEP, RSA-OAEP-256), or a
 * signature algorithm for this kind of key and curve.
 */
bool keyuse_knows_cipher(const char *alg);
bool keyuse_knows_signature(const char *alg, EVP_PKEY *key);

/**
 * keyuse_encrypt(key, alg, in, ret_out), keyuse_decrypt(key, alg, in, ret_out):
 * RSA encryption and decryption (also key wrap and unwrap). False if the input does not fit the
 * key, or does not decrypt.
 */
bool keyuse_encrypt(EVP_PKEY *key, const char *alg, struct bytes in,
    struct bytes *ret_out) __attribute__((warn_unused_result));
bool keyuse_decrypt(EVP_PKEY *key, const char *alg, struct bytes in,
    struct bytes *ret_out) __attribute__((warn_unused_result));

/**
 * keyuse_sign(key, alg, digest, ret_signature), keyuse_verify(key, alg, digest, signature):
 * Sign and verify a digest that the caller made; it must have the size of the algorithm's hash.
 * ECDSA signatures are r and s side by side (RFC 7518, 3.4).
 */
bool keyuse_sign(EVP_PKEY *key, const char *alg, struct bytes digest,
    struct bytes *ret_signature) __attribute__((warn_unused_result));
bool keyuse_verify(EVP_PKEY *key, const char *alg, struct bytes digest,
    struct bytes signature) __attribute__((warn_unused_result));

#endif
