#include "folder.h"
#include "merkle.h"

/* The leaves, roots and proofs that the implementations of RFC 6962 share. */
static const char *const leaf_data[] = { "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
	"606162636465666768696a6b6c6d6e6f" };

static const char *const roots[] = {
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

enum { SMALL = 8, LARGE = 70 };

struct tree {
	struct hasher *hasher;
	uint8_t hashes[LARGE][DIGEST_SIZE];
	uint8_t roots[LARGE + 1][DIGEST_SIZE];
};

/* The eight leaves of the vectors, or seventy of our own. */
static struct tree *
tree_new(bool vectors)
{
	struct tree *tree = calloc(1, sizeof *tree);
	struct merkle merkle;

	assert_non_null(tree);
	assert_true(hasher_new(&tree->hasher, NULL));
	merkle_clear(&merkle);
	assert_true(merkle_root(&merkle, tree->hasher, tree->roots[0], NULL));
	for (size_t i = 0; i < (vectors ? SMALL : LARGE); i++) {
		uint8_t data[16] = { (uint8_t)i };
		size_t size = vectors ? strlen(leaf_data[i]) / 2 : 1;

		assert_true(!vectors || encode_parse_hex(leaf_data[i], data, size, NULL));
		assert_true(hasher_leaf(tree->hasher, data, size, tree->hashes[i], NULL));
		assert_true(merkle_append(&merkle, 0, tree->hashes[i], tree->hasher, NULL));
		assert_true(merkle_root(&merkle, tree->hasher, tree->roots[i + 1], NULL));
	}
	return tree;
}

static void
tree_free(struct tree *tree)
{
	hasher_free(tree->hasher);
	free(tree);
}

static struct merkle_leaves
leaves_of(const struct tree *tree, uint64_t count)
{
	return (struct merkle_leaves){ (const uint8_t (*)[DIGEST_SIZE])tree->hashes, count };
}

static void
the_roots_are_those_of_the_vectors(void **state)
{
	struct tree *tree = tree_new(true);
	char hex[DIGEST_HEX_SIZE];

	(void)state;
	for (size_t i = 0; i <= SMALL; i++)
		assert_string_equal(encode_hex(tree->roots[i], DIGEST_SIZE, hex), roots[i]);
	tree_free(tree);
}

static void
assert_proof(const struct merkle_proof *proof, const char *const *want)
{
	char hex[DIGEST_HEX_SIZE];

	for (size_t i = 0; i < proof->count; i++) {
		assert_non_null(want[i]);
		assert_string_equal(encode_hex(proof->hashes[i], DIGEST_SIZE, hex), want[i]);
	}
	assert_null(want[proof->count]);
}

static const char *const path_0_8[] = {
	"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
	"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
	"6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4", NULL };

static const struct {
	uint64_t first, size;		/* index, or the old size */
	const char *hashes[4];
} inclusions[] = {
	{ 5, 8, { "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
	    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
	    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7", NULL } },
	{ 2, 3, { "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125", NULL } },
}, consistencies[] = {
	{ 2, 5, { "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
	    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b", NULL } },
	{ 6, 8, { "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
	    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
	    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7", NULL } },
};

static void
the_proofs_are_those_of_the_vectors(void **state)
{
	struct tree *tree = tree_new(true);
	struct merkle_proof proof;
	struct merkle_leaves leaves = leaves_of(tree, 8);

	(void)state;
	assert_true(merkle_inclusion(&leaves, 0, tree->hasher, &proof, NULL));
	assert_proof(&proof, path_0_8);
	assert_true(merkle_consistency(&leaves, 1, tree->hasher, &proof, NULL));
	assert_proof(&proof, path_0_8);
	for (size_t i = 0; i < 2; i++) {
		leaves = leaves_of(tree, inclusions[i].size);
		assert_true(merkle_inclusion(&leaves, inclusions[i].first, tree->hasher, &proof, NULL));
		assert_proof(&proof, inclusions[i].hashes);
		leaves = leaves_of(tree, consistencies[i].size);
		assert_true(merkle_consistency(&leaves, consistencies[i].first, tree->hasher, &proof, NULL));
		assert_proof(&proof, consistencies[i].hashes);
	}
	tree_free(tree);
}

static void
check_one_inclusion(struct tree *tree, uint64_t index, uint64_t size)
{
	struct merkle_leaves leaves = leaves_of(tree, size);
	struct merkle_place place = { tree->hashes[index], index, size, tree->roots[size] };
	struct merkle_proof proof;

	assert_true(merkle_inclusion(&leaves, index, tree->hasher, &proof, NULL));
	assert_true(merkle_check_inclusion(&place, &proof, tree->hasher, NULL));

	/* Another leaf, another place, another root, a changed, a missing and an additional hash. */
	place.leaf = tree->roots[0];
	assert_false(merkle_check_inclusion(&place, &proof, tree->hasher, NULL));
	place.leaf = tree->hashes[index];
	place.root = tree->roots[size - 1];
	assert_false(merkle_check_inclusion(&place, &proof, tree->hasher, NULL));
	place.root = tree->roots[size];
	if (size > 1) {
		place.index = (index + 1) % size;
		assert_false(merkle_check_inclusion(&place, &proof, tree->hasher, NULL));
		place.index = index;
		proof.hashes[proof.count - 1][7] ^= 1;
		assert_false(merkle_check_inclusion(&place, &proof, tree->hasher, NULL));
		proof.hashes[proof.count - 1][7] ^= 1;
		proof.count--;
		assert_false(merkle_check_inclusion(&place, &proof, tree->hasher, NULL));
		proof.count++;
	}
	proof.count++;
	assert_false(merkle_check_inclusion(&place, &proof, tree->hasher, NULL));
}

static void
check_one_consistency(struct tree *tree, uint64_t old_size, uint64_t size)
{
	struct merkle_leaves leaves = leaves_of(tree, size);
	struct merkle_growth growth = { old_size, size, tree->roots[old_size], tree->roots[size] };
	struct merkle_proof proof;

	assert_true(merkle_consistency(&leaves, old_size, tree->hasher, &proof, NULL));
	assert_true(merkle_check_consistency(&growth, &proof, tree->hasher, NULL));

	growth.old_root = tree->roots[old_size - 1];
	assert_false(merkle_check_consistency(&growth, &proof, tree->hasher, NULL));
	growth.old_root = tree->roots[old_size];
	growth.new_root = tree->roots[size - 1];
	assert_false(merkle_check_consistency(&growth, &proof, tree->hasher, NULL));
	growth.new_root = tree->roots[size];
	if (proof.count > 0) {
		proof.hashes[0][0] ^= 0x80;
		assert_false(merkle_check_consistency(&growth, &proof, tree->hasher, NULL));
		proof.hashes[0][0] ^= 0x80;
		proof.count--;
		assert_false(merkle_check_consistency(&growth, &proof, tree->hasher, NULL));
		proof.count++;
	}
	proof.count++;
	assert_false(merkle_check_consistency(&growth, &proof, tree->hasher, NULL));
}

static void
every_proof_of_every_small_tree_holds_and_no_other(void **state)
{
	struct tree *tree = tree_new(false);

	(void)state;
	for (uint64_t size = 1; size <= LARGE; size++)
		for (uint64_t i = 0; i < size; i++) {
			check_one_inclusion(tree, i, size);
			check_one_consistency(tree, i + 1, size);
		}
	tree_free(tree);
}

static void
what_no_proof_can_show_is_refused(void **state)
{
	struct tree *tree = tree_new(true);
	struct merkle_leaves leaves = leaves_of(tree, 8);
	struct merkle_proof proof;
	struct fault fault;

	(void)state;
	assert_false(merkle_inclusion(&leaves, 8, tree->hasher, &proof, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	assert_false(merkle_consistency(&leaves, 0, tree->hasher, &proof, &fault));
	assert_false(merkle_consistency(&leaves, 9, tree->hasher, &proof, &fault));
	tree_free(tree);
}

static void
a_tree_of_whole_blocks_has_the_same_root(void **state)
{
	struct merkle leaf_by_leaf, by_blocks;
	uint8_t leaf[DIGEST_SIZE], left[DIGEST_SIZE], right[DIGEST_SIZE];
	struct hasher *hasher;

	(void)state;
	assert_true(hasher_new(&hasher, NULL));
	merkle_clear(&leaf_by_leaf);
	merkle_clear(&by_blocks);
	for (unsigned i = 0; i < 5 * MERKLE_BLOCK; i++) {
		assert_true(hasher_leaf(hasher, &i, sizeof i, leaf, NULL));
		assert_true(merkle_append(&leaf_by_leaf, 0, leaf, hasher, NULL));
		if (leaf_by_leaf.size % MERKLE_BLOCK != 0)
			continue;
		assert_true(merkle_append(&by_blocks, MERKLE_BLOCK_LEVEL, leaf_by_leaf.block, hasher, NULL));
		assert_true(merkle_root(&leaf_by_leaf, hasher, left, NULL));
		assert_true(merkle_root(&by_blocks, hasher, right, NULL));
		assert_memory_equal(left, right, DIGEST_SIZE);
	}
	hasher_free(hasher);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_roots_are_those_of_the_vectors),
		cmocka_unit_test(the_proofs_are_those_of_the_vectors),
		cmocka_unit_test(every_proof_of_every_small_tree_holds_and_no_other),
		cmocka_unit_test(what_no_proof_can_show_is_refused),
		cmocka_unit_test(a_tree_of_whole_blocks_has_the_same_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
