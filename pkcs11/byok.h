#ifndef BYOK_H
#define BYOK_H

#include "hsm.h"

/*
 * The .byok file: a transfer blob in the private JSON object that Azure Key
 * Vault's BYOK specification describes (schema 1.0.0; its page calls it JWE,
 * which it is not). No I/O here.
 */

enum {
	BYOK_KID_MAX = 512,		/* with a NUL */
	BYOK_GENERATOR_MAX = 256,	/* the same */
	BYOK_TEXT_MAX = 65536,		/* bytes of a file that keyturn reads */
	BYOK_DESCRIPTION = 160
};

struct byok {
	char kid[BYOK_KID_MAX];		/* the KEK's full identifier, version included */
	char generator[BYOK_GENERATOR_MAX];
	size_t size;
	uint8_t blob[HSM_BLOB_MAX];
};

/**
 * "keyturn VERSION; MODEL FIRMWARE": what made the blob, for Azure's support.
 * Returns ${text}.
 */
const char *byok_generator(const struct hsm_token *token, char text[static BYOK_GENERATOR_MAX]);

/**
 * A KEK's identifier as Key Vault gives it: https://HOST/keys/NAME/VERSION.
 * Errors: FAULT_DATA, with what is missing.
 */
bool byok_check_kid(const char *kid, struct fault *fault) __attribute__((warn_unused_result));

/**
 * The text of a .byok file with a line end, ciphertext as unpadded base64url;
 * the caller frees ${*ret_text}. Errors: FAULT_DATA.
 */
bool byok_print(const struct byok *byok, char **ret_text, struct fault *fault)
    __attribute__((warn_unused_result));

/**
 * byok_parse(text, size, ret_byok, fault):
 * Read the bytes of a .byok file. One "=" or two at the ciphertext's end are
 * taken, since some tools write them.
 * Errors: FAULT_DATA, naming the member and what would be right.
 */
bool byok_parse(const char *text, size_t size, struct byok *ret_byok, struct fault *fault)
    __attribute__((warn_unused_result));

/**
 * byok_describe(size, text):
 * What a blob of ${size} bytes can be, for people: "EC P-256 under a KEK of
 * 2048 bits", or several with "or" between them, from the sizes that PKCS #8
 * has for the keys keyturn makes. Returns ${text}; "" if no such key makes this
 * size.
 */
const char *byok_describe(size_t size, char text[static BYOK_DESCRIPTION]);

#endif
