#ifndef MERKLE_H
#define MERKLE_H

#include "hasher.h"

/*
 * The Merkle tree of RFC 6962, 2.1, over lines in their order. The tree itself is never kept: its root follows from the roots of
 * the perfect subtrees that a size is made of, one for each bit set in it.
 */

enum { MERKLE_LEVELS = 64, MERKLE_BLOCK_LEVEL = 8, MERKLE_BLOCK = 1 << MERKLE_BLOCK_LEVEL };

struct merkle {
	uint64_t size;					/* leaves */
	uint8_t peaks[MERKLE_LEVELS][DIGEST_SIZE];	/* [L] holds 2^L leaves, where bit L of size is set */
	uint8_t block[DIGEST_SIZE];			/* root of the latest MERKLE_BLOCK leaves that are aligned */
};

/* Hashes of an inclusion or consistency proof, in the order of RFC 6962. */
struct merkle_proof {
	size_t count;
	uint8_t hashes[MERKLE_LEVELS + 1][DIGEST_SIZE];
};

/* All leaf hashes of a tree, for making proofs. */
struct merkle_leaves {
	const uint8_t (*hashes)[DIGEST_SIZE];
	uint64_t count;
};

/* What an inclusion proof is to show: the leaf stands at ${index} in the tree of that size and root. */
struct merkle_place {
	const uint8_t *leaf;		/* leaf hash */
	uint64_t index, size;
	const uint8_t *root;
};

/* What a consistency proof is to show: the old tree is the beginning of the new one. */
struct merkle_growth {
	uint64_t old_size, new_size;
	const uint8_t *old_root, *new_root;
};

/** Make ${tree} empty. */
void merkle_clear(struct merkle *tree);

/**
 * merkle_append(tree, level, hash, hasher, fault):
 * Put a perfect subtree of 2^${level} leaves with root ${hash} at the end (level 0: one leaf hash). The size must be a multiple
 * of 2^${level}. Errors: FAULT_SYSTEM from OpenSSL; the tree is then as before.
 */
bool merkle_append(struct merkle *tree, unsigned level, const uint8_t hash[static DIGEST_SIZE],
    struct hasher *hasher, struct fault *fault) __attribute__((warn_unused_result));

/** The Merkle tree hash; that of the empty tree is SHA-256 of nothing. */
bool merkle_root(const struct merkle *tree, struct hasher *hasher,
    uint8_t ret_root[static DIGEST_SIZE], struct fault *fault) __attribute__((warn_unused_result));

/** The audit path of leaf ${index} (RFC 6962, 2.1.1). Errors: FAULT_DATA, no such leaf. */
bool merkle_inclusion(const struct merkle_leaves *leaves, uint64_t index, struct hasher *hasher,
    struct merkle_proof *ret_proof, struct fault *fault) __attribute__((warn_unused_result));

/** The proof that the first ${old_size} leaves are a beginning of all (RFC 6962, 2.1.2). Errors: FAULT_DATA, 0 or too many. */
bool merkle_consistency(const struct merkle_leaves *leaves, uint64_t old_size, struct hasher *hasher,
    struct merkle_proof *ret_proof, struct fault *fault) __attribute__((warn_unused_result));

/** Check an audit path (RFC 9162, 2.1.3.2). Errors: FAULT_DATA, it does not show what it should. */
bool merkle_check_inclusion(const struct merkle_place *place, const struct merkle_proof *proof,
    struct hasher *hasher, struct fault *fault) __attribute__((warn_unused_result));

/** Check a consistency proof (RFC 9162, 2.1.4.2). Errors: FAULT_DATA, it does not show what it should. */
bool merkle_check_consistency(const struct merkle_growth *growth, const struct merkle_proof *proof,
    struct hasher *hasher, struct fault *fault) __attribute__((warn_unused_result));

#endif
