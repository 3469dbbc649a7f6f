#include "prove.h"

#include "sign.h"

#include <openssl/crypto.h>

/*
 * Answers that speak of the key; every other one speaks of the token, the
 * session or the permissions.
 */
static const CK_RV key_is_bad[] = {
	CKR_GENERAL_ERROR, CKR_FUNCTION_FAILED, CKR_ARGUMENTS_BAD, CKR_KEY_SIZE_RANGE,
	CKR_KEY_TYPE_INCONSISTENT, CKR_DATA_LEN_RANGE, CKR_DATA_INVALID,
	CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_VALUE_INVALID, CKR_DOMAIN_PARAMS_INVALID,
	CKR_KEY_HANDLE_INVALID,
};

static bool
speaks_of_key(CK_RV rv)
{
	for (size_t i = 0; i < sizeof key_is_bad / sizeof key_is_bad[0]; i++)
		if (key_is_bad[i] == rv)
			return true;
	return false;
}

/* A digest of the curve's own hash for EC (RFC 7518, 3.4), of SHA-256 for RSA. */
static size_t
digest_size(struct key_shape shape)
{
	if (shape.family == KEY_RSA || shape.bits == 256)
		return 32;
	return shape.bits == 384 ? 48 : 64;
}

bool
prove_pair(const struct session *session, const struct pair *pair,
    enum prove_result *ret_result, struct fault *fault)
{
	struct signature signature;
	uint8_t digest[64];
	struct signing signing = { pair->private_half, pair->key.shape, digest,
		digest_size(pair->key.shape) };
	char text[PAIR_TEXT];
	bool valid = false;

	/* Without a public key there is nothing to hold a signature against. */
	if (!pair->key.has_public_key) {
		*ret_result = PROVE_NOTHING_TO_VERIFY;
		return true;
	}
	if (!random_bytes(digest, sizeof digest, fault))
		return false;
	sign_digest(session, &signing, &signature);
	if (signature.rv != CKR_OK && !speaks_of_key(signature.rv))
		return ckr_fault(fault, signature.rv,
		    session_place(session, signature.function), "Try a signature with %s",
		    pair_text(&pair->key.name, text));

	/* A signature of the wrong size is a wrong signature. */
	if (signature.rv == CKR_OK && signature.size == sign_size(pair->key.shape) &&
	    !publickey_verify(&pair->key.public_key, digest, signing.digest_size,
	    signature.bytes, signature.size, &valid, fault))
		return false;
	*ret_result = valid ? PROVE_WORKS : PROVE_FAILS;
	return true;
}
