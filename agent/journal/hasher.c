#include "hasher.h"

#include "scope.h"

#include <string.h>

struct hasher {
	EVP_MD *algorithm;
	EVP_MD_CTX *context;
};

bool
hasher_new(struct hasher **ret_hasher, struct fault *fault)
{
	SCOPE(hasher) struct hasher *hasher = calloc(1, sizeof *hasher);

	if (hasher == NULL)
		return fault_system(fault, "Memory for SHA-256");
	hasher->algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
	hasher->context = EVP_MD_CTX_new();
	if (hasher->algorithm == NULL || hasher->context == NULL)
		return fault_set(fault, FAULT_SYSTEM, "OpenSSL does not offer SHA-256");
	*ret_hasher = scope_move(hasher);
	return true;
}

void
hasher_free(struct hasher *hasher)
{
	if (hasher == NULL)
		return;
	EVP_MD_CTX_free(hasher->context);
	EVP_MD_free(hasher->algorithm);
	free(hasher);
}

/* ${before} is at most one byte: the mark that tells leaves, nodes and plain lines apart. */
static bool
sum(struct hasher *hasher, const char *before, const void *bytes, size_t size,
    uint8_t *ret_digest)
{
	return EVP_DigestInit_ex2(hasher->context, hasher->algorithm, NULL) == 1 &&
	    (before == NULL || EVP_DigestUpdate(hasher->context, before, 1) == 1) &&
	    EVP_DigestUpdate(hasher->context, bytes, size) == 1 &&
	    EVP_DigestFinal_ex(hasher->context, ret_digest, NULL) == 1;
}

static bool
refuse(struct fault *fault)
{
	return fault_set(fault, FAULT_SYSTEM, "OpenSSL could not compute a SHA-256");
}

bool
hasher_line(struct hasher *hasher, const void *bytes, size_t size,
    uint8_t ret_digest[static DIGEST_SIZE], struct fault *fault)
{
	return sum(hasher, NULL, bytes, size, ret_digest) || refuse(fault);
}

bool
hasher_leaf(struct hasher *hasher, const void *bytes, size_t size,
    uint8_t ret_digest[static DIGEST_SIZE], struct fault *fault)
{
	return sum(hasher, "\x00", bytes, size, ret_digest) || refuse(fault);
}

bool
hasher_node(struct hasher *hasher, const uint8_t left[static DIGEST_SIZE],
    const uint8_t right[static DIGEST_SIZE], uint8_t ret_digest[static DIGEST_SIZE],
    struct fault *fault)
{
	uint8_t both[2 * DIGEST_SIZE];

	/* Copied first, since the result may replace one of the two. */
	memcpy(both, left, DIGEST_SIZE);
	memcpy(both + DIGEST_SIZE, right, DIGEST_SIZE);
	return sum(hasher, "\x01", both, sizeof both, ret_digest) || refuse(fault);
}
