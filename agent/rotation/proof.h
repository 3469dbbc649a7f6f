#ifndef PROOF_H
#define PROOF_H

#include "azure.h"
#include "publickey.h"
#include "vault.h"

/*
 * Proof that a version of the vault is the HSM's key: its public key is the same, and the vault can do what only the private
 * half can.
 */

/** Whether ${key} of the vault has ${hsm_key}, type and operations. Errors: FAULT_REFUSED, with what differs. */
bool proof_compare(const struct public_key *hsm_key, const struct vault_key *key,
    struct fault *fault) __attribute__((warn_unused_result));

/**
 * proof_challenge(azure, hsm_key, kid, fault):
 * RSA: the vault unwraps 32 random bytes that were encrypted under the HSM's public key (RSA-OAEP-256). EC: the vault signs a random
 * digest, and the HSM's public key verifies it (ES256, ES384, ES512).
 * Errors: FAULT_REFUSED, the answer is wrong; and those of vault.h.
 */
bool proof_challenge(struct azure *azure, const struct public_key *hsm_key, const char *kid,
    struct fault *fault) __attribute__((warn_unused_result));

/** "unwrap RSA-OAEP-256" or "sign ES256". */
const char *proof_challenge_name(struct key_shape shape);

#endif
