#ifndef HASHER_H
#define HASHER_H

#include "encode.h"

/*
 * SHA-256 (FIPS 180-4) with one context and one fetched algorithm for millions of short lines: nearly twice as fast as asking
 * OpenSSL for both each time. Not for two threads at once.
 */
struct hasher;

/** Errors: FAULT_SYSTEM. Release by hasher_free. */
bool hasher_new(struct hasher **ret_hasher, struct fault *fault) __attribute__((warn_unused_result));

/** NULL is allowed. */
void hasher_free(struct hasher *hasher);

/** SHA-256 of a line: what the next line names as "prev". */
bool hasher_line(struct hasher *hasher, const void *bytes, size_t size,
    uint8_t ret_digest[static DIGEST_SIZE], struct fault *fault) __attribute__((warn_unused_result));

/** The hash of a leaf of the Merkle tree, SHA-256(0x00 || bytes) (RFC 6962, 2.1). */
bool hasher_leaf(struct hasher *hasher, const void *bytes, size_t size,
    uint8_t ret_digest[static DIGEST_SIZE], struct fault *fault) __attribute__((warn_unused_result));

/** The hash of an inner node, SHA-256(0x01 || left || right). ${ret_digest} may be one of the two. */
bool hasher_node(struct hasher *hasher, const uint8_t left[static DIGEST_SIZE],
    const uint8_t right[static DIGEST_SIZE], uint8_t ret_digest[static DIGEST_SIZE],
    struct fault *fault) __attribute__((warn_unused_result));

static inline void
scope_hasher(struct hasher **hasher)
{
	hasher_free(*hasher);
}

#endif
