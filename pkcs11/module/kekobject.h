#ifndef KEKOBJECT_H
#define KEKOBJECT_H

#include "object.h"

/**
 * kek_check(kek, fault):
 * Whether a blob may be made for this KEK: an RSA key of 2048, 3072 or 4096
 * bits, modulus odd and of exactly that length, exponent odd and at least
 * 65537. No module checks all of this, and with an exponent of 1 two of three
 * hand the AES key to anyone who reads the blob.
 * Errors: FAULT_REFUSED.
 */
bool kek_check(const struct public_key *kek, struct fault *fault)
    __attribute__((warn_unused_result));

/**
 * kekobject_make(session, kek, ret_scratch, reterr_rv, fault):
 * Import the KEK as a public session object that may do nothing but wrap, and
 * read it back. ${ret_scratch} is the caller's to let go of also after a
 * failure; ${*reterr_rv} is the token's refusal, if that is what the fault is
 * about.
 */
bool kekobject_make(const struct session *session, const struct public_key *kek,
    struct scratch *ret_scratch, CK_RV *reterr_rv, struct fault *fault)
    __attribute__((warn_unused_result));

#endif
