#ifndef JWS_H
#define JWS_H

/* JSON Web Signatures in compact form (RFC 7515) with RS256 and PS256 (RFC 7518, 3.3 and 3.5). */

#include "bytes.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <stdbool.h>

struct jws {
	json_t *header, *claims;
	const char *text;		/* the whole, the caller's */
	size_t signed_size;		/* the part of it that is signed */
	struct bytes signature;
};

/**
 * jws_sign(key, header, claims):
 * Return the compact form, signed by RS256, the caller's to free; NULL if it cannot be signed. The
 * references are taken over.
 */
char *jws_sign(EVP_PKEY *key, json_t *header, json_t *claims);

/**
 * jws_parse(text, ret_jws):
 * Take it apart without checking the signature. ${text} must outlive the result, which jws_release
 * releases.
 */
bool jws_parse(const char *text, struct jws *ret_jws) __attribute__((warn_unused_result));
void jws_release(struct jws *jws);
#define JWS __attribute__((cleanup(jws_release)))

/**
 * jws_verify(jws, key):
 * Return whether the signature is the key's, by the algorithm that the header names.
 */
bool jws_verify(const struct jws *jws, EVP_PKEY *key) __attribute__((warn_unused_result));

#endif
