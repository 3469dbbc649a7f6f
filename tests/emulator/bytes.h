#ifndef BYTES_H
#define BYTES_H

/*
 * A run of bytes on the heap, and base64url (RFC 4648, section 5, without padding) as Key Vault
 * and JOSE write it.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
	uint8_t *data;		/* NULL if there are none */
	size_t size;
};

/**
 * bytes_new(size):
 * Return ${size} zero bytes. Running out of memory ends the program, here and wherever the
 * emulator allocates: it is a tool for tests.
 */
struct bytes bytes_new(size_t size);

/**
 * bytes_release(b):
 * Wipe and free; what was read from a request may have been a secret. For use as RELEASE's
 * sibling: BYTES struct bytes b = { 0 };
 */
void bytes_release(struct bytes *b);
#define BYTES __attribute__((cleanup(bytes_release)))

/**
 * bytes_random(size):
 * Return ${size} bytes from OpenSSL's generator.
 */
struct bytes bytes_random(size_t size);

/**
 * bytes_decode(text, ret_bytes):
 * Decode unpadded base64url. Any other character, the padding sign among them, a length that
 * cannot be, and spare bits that are set make it fail.
 */
bool bytes_decode(const char *text, struct bytes *ret_bytes) __attribute__((warn_unused_result));

/**
 * bytes_encode(data, size):
 * Return the unpadded base64url text, the caller's to free.
 */
char *bytes_encode(const uint8_t *data, size_t size);

/**
 * bytes_encode_json(data, size):
 * Return the same as a JSON string.
 */
json_t *bytes_encode_json(const uint8_t *data, size_t size);

#endif
