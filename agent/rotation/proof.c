#include "proof.h"

#include "random.h"
#include "scope.h"

#include <openssl/crypto.h>
#include <string.h>

enum { CHALLENGE_SIZE = 32 };

/* The hash of a curve's ES algorithm has these sizes (RFC 7518, 3.4). */
static const struct {
	unsigned bits;
	const char *algorithm, *name;
	size_t digest_size;
} curves[] = {
	{ 256, "ES256", "sign ES256", 32 },
	{ 384, "ES384", "sign ES384", 48 },
	{ 521, "ES512", "sign ES512", 64 },
};

static size_t
curve_row(unsigned bits)
{
	size_t row = 0;

	while (row + 1 < sizeof curves / sizeof curves[0] && curves[row].bits != bits)
		row++;
	return row;
}

const char *
proof_challenge_name(struct key_shape shape)
{
	return shape.family == KEY_RSA ? "unwrap RSA-OAEP-256" : curves[curve_row(shape.bits)].name;
}

bool
proof_compare(const struct public_key *hsm_key, const struct vault_key *key, struct fault *fault)
{
	const char *wanted = hsm_key->shape.family == KEY_RSA ? "RSA-HSM" : "EC-HSM";
	char in_hsm[DIGEST_HEX_SIZE], in_vault[DIGEST_HEX_SIZE];

	if (!publickey_equal(hsm_key, &key->public_key)) {
		if (!publickey_fingerprint(hsm_key, in_hsm, fault) ||
		    !publickey_fingerprint(&key->public_key, in_vault, fault))
			return false;
		return fault_set(fault, FAULT_REFUSED, "%s has the public key %s, but the HSM's "
		    "key is %s: this is not our key, and no service will be pointed at it",
		    key->item.kid, in_vault, in_hsm);
	}
	if (strcmp(key->kty, wanted) != 0)
		return fault_set(fault, FAULT_REFUSED, "%s is of type %s, not %s: it did not land "
		    "in an HSM of the vault", key->item.kid, key->kty, wanted);
	if (!key->item.enabled)
		return fault_set(fault, FAULT_REFUSED, "%s is disabled; enable it and run keyturn "
		    "again", key->item.kid);
	return true;
}

static bool
challenge_rsa(struct azure *azure, const struct public_key *hsm_key, const char *kid,
    struct fault *fault)
{
	uint8_t challenge[CHALLENGE_SIZE];
	SCOPE(free) uint8_t *wrapped = NULL;
	size_t wrapped_size;
	struct vault_bytes answer = { 0 };
	bool same;

	if (!random_bytes(challenge, sizeof challenge, fault) ||
	    !publickey_encrypt_oaep256(hsm_key, challenge, sizeof challenge, &wrapped,
	    &wrapped_size, fault) ||
	    !vault_unwrap(azure, kid, "RSA-OAEP-256", wrapped, wrapped_size, &answer, fault))
		return false;
	same = answer.size == sizeof challenge &&
	    CRYPTO_memcmp(answer.bytes, challenge, sizeof challenge) == 0;
	free(answer.bytes);
	return same || fault_set(fault, FAULT_REFUSED, "%s unwrapped something else than was "
	    "wrapped under the HSM's public key: it holds another private key", kid);
}

static bool
challenge_ec(struct azure *azure, const struct public_key *hsm_key, const char *kid,
    struct fault *fault)
{
	size_t row = curve_row(hsm_key->shape.bits);
	uint8_t digest[64];
	struct vault_bytes answer = { 0 };
	bool valid = false, verified;

	if (!random_bytes(digest, curves[row].digest_size, fault) ||
	    !vault_sign(azure, kid, curves[row].algorithm, digest, curves[row].digest_size,
	    &answer, fault))
		return false;
	verified = publickey_verify(hsm_key, digest, curves[row].digest_size, answer.bytes,
	    answer.size, &valid, fault);
	free(answer.bytes);
	if (!verified)
		return false;
	return valid || fault_set(fault, FAULT_REFUSED, "%s signed with another private key than "
	    "the HSM's", kid);
}

bool
proof_challenge(struct azure *azure, const struct public_key *hsm_key, const char *kid,
    struct fault *fault)
{
	return hsm_key->shape.family == KEY_RSA ? challenge_rsa(azure, hsm_key, kid, fault) :
	    challenge_ec(azure, hsm_key, kid, fault);
}
