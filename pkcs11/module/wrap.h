#ifndef WRAP_H
#define WRAP_H

#include "object.h"

/*
 * The transfer blob (Azure Key Vault's BYOK specification): RSA-OAEP(KEK, AES
 * key) || AES-KWP(AES key, PKCS #8), with OAEP over SHA-1 and MGF1-SHA-1, an
 * AES-256 key, and RFC 5649. It is made inside the HSM only, by one of the
 * routes of hsm.h.
 */

struct wrapping {
	enum hsm_route route;
	CK_OBJECT_HANDLE target;	/* the private key that is to leave */
	const struct public_key *kek;	/* RSA, checked by kek_check */
};

/**
 * wrap_blob(session, wrapping, ret_transfer, reterr_rv, fault):
 * Fill route, size and blob of ${ret_transfer}. On failure ${*reterr_rv} is the
 * token's refusal, or CKR_OK if it answered something else than a blob can be.
 * The session objects made on the way are gone either way.
 */
bool wrap_blob(const struct session *session, const struct wrapping *wrapping,
    struct hsm_transfer *ret_transfer, CK_RV *reterr_rv, struct fault *fault)
    __attribute__((warn_unused_result));

/**
 * wrap_attempt(session, route, target):
 * Whether the token would let ${target} out by that route, as C_WrapKey's
 * return value. Wraps it under a key that never leaves the token and throws the
 * result away. CKR_GENERAL_ERROR also if that key could not be made.
 */
CK_RV wrap_attempt(const struct session *session, enum hsm_route route,
    CK_OBJECT_HANDLE target);

#endif
