#ifndef HSM_H
#define HSM_H

#include "hsmvalue.h"

/*
 * The port to a hardware security module: a handful of verbs with plain values in and out.  No PKCS #11
 * handle and no EVP_PKEY crosses it, so that what stands behind it can be a library in this process or a
 * process of its own.  One struct hsm is one token; it is single-threaded.
 */

struct hsm;

/* The verbs.  pkcs11/module fills such a table; so can a helper process or a test. */
struct hsm_verbs {
	bool (*token)(struct hsm *hsm, struct hsm_token *ret_token, struct fault *fault);
	bool (*list)(struct hsm *hsm, struct hsm_key **ret_keys, size_t *ret_count, struct fault *fault);
	bool (*find)(struct hsm *hsm, const struct hsm_name *name, struct hsm_key *ret_key, bool *ret_found, struct fault *fault);
	bool (*generate)(struct hsm *hsm, const struct hsm_name *name, struct key_shape shape, struct hsm_key *ret_key, struct fault *fault);
	bool (*transfer)(struct hsm *hsm, const struct hsm_name *name, const struct public_key *kek, struct hsm_transfer *ret_transfer, struct fault *fault);
	bool (*seal)(struct hsm *hsm, const struct hsm_name *name, struct fault *fault);
	bool (*sign)(struct hsm *hsm, const struct hsm_name *name, const void *digest, size_t digest_size, uint8_t *ret_signature, size_t *size, struct fault *fault);
	bool (*destroy)(struct hsm *hsm, const struct hsm_name *name, struct fault *fault);
	bool (*sweep)(struct hsm *hsm, const struct hsm_name *name, unsigned *ret_removed, struct fault *fault);
	bool (*check)(struct hsm *hsm, struct hsm_report *ret_report, struct fault *fault);
	bool (*enrolled)(struct hsm *hsm, const struct public_key *kek, bool *ret_enrolled, struct fault *fault);
	bool (*enroll)(struct hsm *hsm, const struct public_key *kek, const char *comment, struct fault *fault);
	void (*close)(struct hsm *hsm);
};

/* The first member of whatever stands behind the port. */
struct hsm {
	const struct hsm_verbs *verbs;
};

/* Opens the token that a policy names (PKCS #11 URI, RFC 7512), logged in. main fills it; rotation calls it. */
struct hsm_opener {
	void *context;
	bool (*open)(void *context, const char *token_uri, struct hsm **ret_hsm, struct fault *fault);

	/* The key that a PKCS #11 URI names by id, object, or both; no token is asked. */
	bool (*key_name)(const char *key_uri, struct hsm_name *ret_name, struct fault *fault);
};

/** The token as it describes itself (C_GetTokenInfo). */
bool hsm_token(struct hsm *hsm, struct hsm_token *ret_token, struct fault *fault)
    __attribute__((warn_unused_result));

/** Every key pair, half pair and shell in the token; the caller frees ${*ret_keys}. */
bool hsm_list(struct hsm *hsm, struct hsm_key **ret_keys, size_t *ret_count,
    struct fault *fault) __attribute__((warn_unused_result));

/**
 * hsm_find(hsm, name, ret_key, ret_found, fault):
 * The one key of that name; ${*ret_found} false if there is none. A pair is reported as a key only if one signature by its
 * private half verifies under its public half; else has_private is false (debris of an interrupted generation).
 * Errors: FAULT_DATA, several keys answer to the name; FAULT_UNAVAILABLE and FAULT_PERMISSION as the token answers.
 */
bool hsm_find(struct hsm *hsm, const struct hsm_name *name, struct hsm_key *ret_key,
    bool *ret_found, struct fault *fault) __attribute__((warn_unused_result));

/**
 * hsm_generate(hsm, name, shape, ret_key, fault):
 * C_GenerateKeyPair (PKCS #11 v2.40, 5.13): token objects, private, sensitive, extractable until sealed. ${name} needs id and
 * label, and its id must be free. Attributes and the public key are read back and one signature is verified before success.
 * Errors: FAULT_REFUSED, the id is taken or the token did not give the attributes; FAULT_UNAVAILABLE, CKR_ named. After a
 * failure a key may exist: find it by its id.
 */
bool hsm_generate(struct hsm *hsm, const struct hsm_name *name, struct key_shape shape,
    struct hsm_key *ret_key, struct fault *fault) __attribute__((warn_unused_result));

/**
 * hsm_transfer(hsm, name, kek, ret_transfer, fault):
 * Wrap the private key ${name} under ${kek} inside the HSM, by the route that the preflight proved. The KEK must be RSA 2048,
 * 3072 or 4096 with a sound exponent and its fingerprint enrolled.
 * Errors: FAULT_PERMISSION, the KEK is not enrolled; FAULT_REFUSED, no proven route, or the key may not leave.
 */
bool hsm_transfer(struct hsm *hsm, const struct hsm_name *name, const struct public_key *kek,
    struct hsm_transfer *ret_transfer, struct fault *fault) __attribute__((warn_unused_result));

/** Set CKA_EXTRACTABLE false (no change if it is), read back, and see a wrap refused with CKR_KEY_UNEXTRACTABLE. Errors: FAULT_REFUSED, the token still wraps it. */
bool hsm_seal(struct hsm *hsm, const struct hsm_name *name, struct fault *fault)
    __attribute__((warn_unused_result));

/** Sign a digest: EC gives r || s, RSA PKCS #1 v1.5 over SHA-256's DigestInfo. ${*size}: room in, bytes out. */
bool hsm_sign(struct hsm *hsm, const struct hsm_name *name, const void *digest,
    size_t digest_size, uint8_t *ret_signature, size_t *size, struct fault *fault)
    __attribute__((warn_unused_result));

/** Destroy the private half of ${name}, keep the public half (provenance), look again. */
bool hsm_destroy(struct hsm *hsm, const struct hsm_name *name, struct fault *fault)
    __attribute__((warn_unused_result));

/** Remove what an interrupted generation of ${name} left: half pairs with its id, and shells without any id. Never a usable private key. ${*ret_removed} objects. */
bool hsm_sweep(struct hsm *hsm, const struct hsm_name *name, unsigned *ret_removed,
    struct fault *fault) __attribute__((warn_unused_result));

/** Preflight of every route, attributes and sealing of a scratch session key; leaves nothing behind. */
bool hsm_check(struct hsm *hsm, struct hsm_report *ret_report, struct fault *fault)
    __attribute__((warn_unused_result));

/** Whether this KEK's fingerprint is enrolled. */
bool hsm_enrolled(struct hsm *hsm, const struct public_key *kek, bool *ret_enrolled,
    struct fault *fault) __attribute__((warn_unused_result));

/** Enroll it, with a comment (its vault URL) for people. Success if it is enrolled already. */
bool hsm_enroll(struct hsm *hsm, const struct public_key *kek, const char *comment,
    struct fault *fault) __attribute__((warn_unused_result));

/** Log out and release; NULL is allowed. */
void hsm_close(struct hsm *hsm);

/** "CKM_RSA_AES_KEY_WRAP", "CKM_RSA_PKCS_OAEP + CKM_AES_KEY_WRAP_KWP", … */
const char *hsm_route_name(enum hsm_route route);

static inline void
scope_hsm(struct hsm **hsm)
{
	hsm_close(*hsm);
}

#endif
