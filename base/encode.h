#ifndef ENCODE_H
#define ENCODE_H

#include "fault.h"

#include <stddef.h>
#include <stdint.h>

/** Lower-case hex of ${size} bytes into ${text}, which has 2 * size + 1 places. Returns ${text}. */
char *encode_hex(const void *bytes, size_t size, char *text);

/** Exactly ${size} bytes from 2 * size hex digits of either case. Errors: FAULT_DATA. */
bool encode_parse_hex(const char *text, uint8_t *ret_bytes, size_t size, struct fault *fault)
    __attribute__((warn_unused_result));

/** base64url (RFC 4648, 5) without padding, as a new string that the caller frees. */
bool encode_base64url(const void *bytes, size_t size, char **ret_text, struct fault *fault)
    __attribute__((warn_unused_result));

/**
 * Read unpadded base64url; padding, white space and other characters are errors (FAULT_DATA).
 * The caller frees ${*ret_bytes}; a NUL is kept after them.
 */
bool encode_parse_base64url(const char *text, uint8_t **ret_bytes, size_t *ret_size,
    struct fault *fault) __attribute__((warn_unused_result));

enum { DIGEST_SIZE = 32, DIGEST_HEX_SIZE = 65 };

/** SHA-256 (FIPS 180-4) of ${size} bytes. */
bool digest_sha256(const void *bytes, size_t size, uint8_t ret_digest[static DIGEST_SIZE],
    struct fault *fault) __attribute__((warn_unused_result));

/** ${size} bytes from OpenSSL's generator. Errors: FAULT_SYSTEM. */
bool random_bytes(void *ret_bytes, size_t size, struct fault *fault)
    __attribute__((warn_unused_result));

/** A random UUID, version 4 (RFC 9562, 5.4), as text of 36 characters and a NUL. */
bool random_uuid(char ret_text[static 37], struct fault *fault)
    __attribute__((warn_unused_result));

#endif
