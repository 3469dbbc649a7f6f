#ifndef ENCODE_H
#define ENCODE_H

#include "digest.h"
#include "fault.h"
#include "random.h"

#include <stddef.h>
#include <stdint.h>

/** Lower-case hex of ${size} bytes into ${text}, which has 2 * size + 1 places. Returns ${text}. */
char *encode_hex(const void *bytes, size_t size, char *text);

/** Exactly ${size} bytes from 2 * size hex digits of either case. Errors: FAULT_DATA. */
bool encode_parse_hex(const char *text, uint8_t *ret_bytes, size_t size, struct fault *fault)
    __attribute__((warn_unused_result));

/**
 * base64url (RFC 4648, 5) without padding, as a new string that the caller frees.
 * Errors: FAULT_DATA, over 1 GiB; FAULT_SYSTEM.
 */
bool encode_base64url(const void *bytes, size_t size, char **ret_text, struct fault *fault)
    __attribute__((warn_unused_result));

/**
 * Read unpadded base64url; padding, white space, other characters and bits left over that are not
 * zero (RFC 4648, 3.5) are errors (FAULT_DATA): bytes have one text only.
 * The caller frees ${*ret_bytes}; a NUL is kept after them.
 */
bool encode_parse_base64url(const char *text, uint8_t **ret_bytes, size_t *ret_size,
    struct fault *fault) __attribute__((warn_unused_result));

#endif
