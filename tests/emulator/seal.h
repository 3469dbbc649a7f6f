#ifndef SEAL_H
#define SEAL_H

/* Records of an emulated service, encrypted under a data key: AES-256-GCM, a fresh nonce each. */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { SEAL_KEY_SIZE = 32 };

/**
 * seal_key(key):
 * Draw a new data key.
 */
void seal_key(uint8_t key[static SEAL_KEY_SIZE]);

/**
 * seal_close(key, record):
 * Return ${record} encrypted: a JSON string of base64 (nonce, ciphertext, tag).
 */
json_t *seal_close(const uint8_t key[static SEAL_KEY_SIZE], const json_t *record);

/**
 * seal_open(key, sealed):
 * Return the record (a new reference), or NULL if the key is not the one it was sealed under.
 */
json_t *seal_open(const uint8_t key[static SEAL_KEY_SIZE], const json_t *sealed);

#endif
