#ifndef PROVE_H
#define PROVE_H

#include "pair.h"

/*
 * Whether a key pair is whole. A crash in the middle of a generation can leave
 * both halves with all their names on and a private one that signs nothing, so
 * the only proof is a signature.
 */

enum prove_result {
	PROVE_WORKS,			/* a signature by the private half verifies under the public one */
	PROVE_FAILS,			/* it signs wrongly, or the token says the key is no good */
	PROVE_NOTHING_TO_VERIFY		/* it signs, or might, but the token tells no public key */
};

/**
 * Errors: what says nothing about the key, such as CKR_DEVICE_ERROR, and a key
 * that is not allowed to sign.
 */
bool prove_pair(const struct session *session, const struct pair *pair,
    enum prove_result *ret_result, struct fault *fault) __attribute__((warn_unused_result));

#endif
