#ifndef SIGN_H
#define SIGN_H

#include "session.h"

enum { SIGNATURE_ROOM = 1024 };		/* RSA-4096 fills half of it */

struct signing {
	CK_OBJECT_HANDLE key;
	struct key_shape shape;
	const void *digest;
	size_t digest_size;		/* RSA: 32, SHA-256 */
};

/*
 * A signature, or why there is none: rv other than CKR_OK, and which function
 * said so.
 */
struct signature {
	CK_RV rv;
	const char *function;
	size_t size;
	uint8_t bytes[SIGNATURE_ROOM];
};

/**
 * Sign a digest: EC by CKM_ECDSA (r || s), RSA by CKM_RSA_PKCS over SHA-256's
 * DigestInfo (RFC 8017, 9.2). The caller looks at rv, since what a refusal
 * means differs.
 */
void sign_digest(const struct session *session, const struct signing *signing,
    struct signature *ret_signature);

/** The size in bytes of the signatures of such a key. */
size_t sign_size(struct key_shape shape);

#endif
