#include "merkle.h"

#include <assert.h>
#include <string.h>

void
merkle_clear(struct merkle *tree)
{
	memset(tree, 0, sizeof *tree);
}

bool
merkle_append(struct merkle *tree, unsigned level, const uint8_t hash[static DIGEST_SIZE],
    struct hasher *hasher, struct fault *fault)
{
	uint64_t leaves = UINT64_C(1) << level;
	uint8_t carry[DIGEST_SIZE], block[DIGEST_SIZE];

	assert(level < MERKLE_LEVELS && tree->size % leaves == 0);
	memcpy(carry, hash, DIGEST_SIZE);
	memcpy(block, tree->block, DIGEST_SIZE);

	/* As in adding one to a binary number: two subtrees of a size become one of twice that size. */
	for (;; level++) {
		if (level == MERKLE_BLOCK_LEVEL)
			memcpy(block, carry, DIGEST_SIZE);
		if ((tree->size >> level & 1) == 0)
			break;
		if (!hasher_node(hasher, tree->peaks[level], carry, carry, fault))
			return false;
	}

	/* Only now can nothing fail any more. */
	memcpy(tree->peaks[level], carry, DIGEST_SIZE);
	memcpy(tree->block, block, DIGEST_SIZE);
	tree->size += leaves;
	return true;
}

bool
merkle_root(const struct merkle *tree, struct hasher *hasher,
    uint8_t ret_root[static DIGEST_SIZE], struct fault *fault)
{
	uint8_t root[DIGEST_SIZE];
	bool found = false;

	if (tree->size == 0)
		return hasher_line(hasher, "", 0, ret_root, fault);

	/* The smallest subtree stands rightmost; each larger one joins on its left. */
	for (unsigned level = 0; level < MERKLE_LEVELS; level++) {
		if ((tree->size >> level & 1) == 0)
			continue;
		if (!found)
			memcpy(root, tree->peaks[level], DIGEST_SIZE);
		else if (!hasher_node(hasher, tree->peaks[level], root, root, fault))
			return false;
		found = true;
	}
	memcpy(ret_root, root, DIGEST_SIZE);
	return true;
}

/* The largest power of two strictly below ${size}, which is at least 2 (RFC 6962, 2.1). */
static uint64_t
split(uint64_t size)
{
	uint64_t power = 1;

	while (power < size - power)
		power *= 2;
	return power;
}

/* Put the root of leaves [from, to) at the end of the proof. */
static bool
add_root(const struct merkle_leaves *leaves, uint64_t from, uint64_t to,
    struct hasher *hasher, struct merkle_proof *proof)
{
	struct merkle tree;

	merkle_clear(&tree);
	for (uint64_t i = from; i < to; i++)
		if (!merkle_append(&tree, 0, leaves->hashes[i], hasher, NULL))
			return false;
	assert(proof->count < sizeof proof->hashes / sizeof proof->hashes[0]);
	return merkle_root(&tree, hasher, proof->hashes[proof->count++], NULL);
}

/* Turn the proof round: it is built from the root down, and is told from the leaf up. */
static void
reverse(struct merkle_proof *proof)
{
	for (size_t i = 0; i < proof->count / 2; i++) {
		uint8_t *low = proof->hashes[i], *high = proof->hashes[proof->count - 1 - i];
		uint8_t kept[DIGEST_SIZE];

		memcpy(kept, low, DIGEST_SIZE);
		memcpy(low, high, DIGEST_SIZE);
		memcpy(high, kept, DIGEST_SIZE);
	}
}

bool
merkle_inclusion(const struct merkle_leaves *leaves, uint64_t index, struct hasher *hasher,
    struct merkle_proof *ret_proof, struct fault *fault)
{
	struct merkle_proof proof = { .count = 0 };
	uint64_t from = 0, to = leaves->count;

	if (index >= leaves->count)
		return fault_set(fault, FAULT_DATA, "A proof for record %llu: the tree has %llu records",
		    (unsigned long long)index, (unsigned long long)leaves->count);

	/* Go down to the leaf; what is left aside at each fork is what the proof needs. */
	while (to - from > 1) {
		uint64_t middle = from + split(to - from);
		bool left = index < middle;

		if (!add_root(leaves, left ? middle : from, left ? to : middle, hasher, &proof))
			return fault_set(fault, FAULT_SYSTEM, "OpenSSL could not compute a SHA-256");
		if (left)
			to = middle;
		else
			from = middle;
	}
	reverse(&proof);
	*ret_proof = proof;
	return true;
}

bool
merkle_consistency(const struct merkle_leaves *leaves, uint64_t old_size, struct hasher *hasher,
    struct merkle_proof *ret_proof, struct fault *fault)
{
	struct merkle_proof proof = { .count = 0 };
	uint64_t from = 0, to = leaves->count;
	bool fine = true;

	if (old_size == 0 || old_size > leaves->count)
		return fault_set(fault, FAULT_DATA, "A consistency proof from %llu records: the tree has %llu",
		    (unsigned long long)old_size, (unsigned long long)leaves->count);

	/* Go down to where the old tree ends, as SUBPROOF of RFC 6962 does. */
	while (fine && old_size < to) {
		uint64_t middle = from + split(to - from);
		bool left = old_size <= middle;

		fine = add_root(leaves, left ? middle : from, left ? to : middle, hasher, &proof);
		if (left)
			to = middle;
		else
			from = middle;
	}

	/* A subtree that is not the whole old tree must be named; the whole of it is known to the asker. */
	if (fine && from > 0)
		fine = add_root(leaves, from, to, hasher, &proof);
	if (!fine)
		return fault_set(fault, FAULT_SYSTEM, "OpenSSL could not compute a SHA-256");
	reverse(&proof);
	*ret_proof = proof;
	return true;
}

static bool
disproved(const char *what, struct fault *fault)
{
	return fault_set(fault, FAULT_DATA, "The %s proof does not fit the sizes and roots given", what);
}

bool
merkle_check_inclusion(const struct merkle_place *place, const struct merkle_proof *proof,
    struct hasher *hasher, struct fault *fault)
{
	uint64_t fn = place->index, sn = place->size - 1;
	uint8_t hash[DIGEST_SIZE];

	if (place->index >= place->size)
		return disproved("inclusion", fault);
	memcpy(hash, place->leaf, DIGEST_SIZE);

	/* fn and sn are the leaf's and the last leaf's numbers, level by level upwards. */
	for (size_t i = 0; i < proof->count; i++) {
		bool right = (fn & 1) != 0 || fn == sn;

		if (sn == 0)
			return disproved("inclusion", fault);
		if (!hasher_node(hasher, right ? proof->hashes[i] : hash, right ? hash : proof->hashes[i],
		    hash, fault))
			return false;
		while (right && (fn & 1) == 0 && fn != 0) {
			fn >>= 1;
			sn >>= 1;
		}
		fn >>= 1;
		sn >>= 1;
	}
	if (sn != 0 || memcmp(hash, place->root, DIGEST_SIZE) != 0)
		return disproved("inclusion", fault);
	return true;
}

/* Both trees' hashes on the way up; each proof hash joins one or both of them. */
struct climb {
	uint64_t fn, sn;		/* the last leaves of the old and the new tree */
	uint8_t old_hash[DIGEST_SIZE], new_hash[DIGEST_SIZE];
};

static bool
climb_one(struct climb *climb, const uint8_t *hash, struct hasher *hasher, struct fault *fault)
{
	if (climb->sn == 0)
		return disproved("consistency", fault);
	if ((climb->fn & 1) != 0 || climb->fn == climb->sn) {
		if (!hasher_node(hasher, hash, climb->old_hash, climb->old_hash, fault) ||
		    !hasher_node(hasher, hash, climb->new_hash, climb->new_hash, fault))
			return false;
		while ((climb->fn & 1) == 0 && climb->fn != 0) {
			climb->fn >>= 1;
			climb->sn >>= 1;
		}
	} else if (!hasher_node(hasher, climb->new_hash, hash, climb->new_hash, fault))
		return false;
	climb->fn >>= 1;
	climb->sn >>= 1;
	return true;
}

bool
merkle_check_consistency(const struct merkle_growth *growth, const struct merkle_proof *proof,
    struct hasher *hasher, struct fault *fault)
{
	struct climb climb = { .fn = growth->old_size - 1, .sn = growth->new_size - 1 };
	bool whole = growth->old_size != 0 && (growth->old_size & (growth->old_size - 1)) == 0;
	size_t i = 0;

	if (growth->old_size == 0 || growth->old_size > growth->new_size)
		return disproved("consistency", fault);
	if (growth->old_size == growth->new_size)
		return (proof->count == 0 &&
		    memcmp(growth->old_root, growth->new_root, DIGEST_SIZE) == 0) ||
		    disproved("consistency", fault);

	/* An old tree that is perfect is its own first hash; otherwise the proof names it. */
	if (!whole && proof->count == 0)
		return disproved("consistency", fault);
	const uint8_t *first = whole ? growth->old_root : proof->hashes[i++];
	memcpy(climb.old_hash, first, DIGEST_SIZE);
	memcpy(climb.new_hash, first, DIGEST_SIZE);
	for (; (climb.fn & 1) != 0; climb.fn >>= 1)
		climb.sn >>= 1;

	for (; i < proof->count; i++)
		if (!climb_one(&climb, proof->hashes[i], hasher, fault))
			return false;
	if (climb.sn != 0 || memcmp(climb.old_hash, growth->old_root, DIGEST_SIZE) != 0 ||
	    memcmp(climb.new_hash, growth->new_root, DIGEST_SIZE) != 0)
		return disproved("consistency", fault);
	return true;
}
