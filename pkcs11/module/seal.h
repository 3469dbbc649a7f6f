#ifndef SEAL_H
#define SEAL_H

#include "object.h"

/** Set CKA_EXTRACTABLE false, unless it is, and read it back. */
bool seal_lower(const struct session *session, CK_OBJECT_HANDLE key, struct fault *fault)
    __attribute__((warn_unused_result));

/**
 * See that a wrap by ${route}, which lets unsealed keys out, is refused with
 * CKR_KEY_UNEXTRACTABLE. Errors: FAULT_REFUSED.
 */
bool seal_test(const struct session *session, enum hsm_route route, CK_OBJECT_HANDLE key,
    struct fault *fault) __attribute__((warn_unused_result));

#endif
