#ifndef ENROLLED_H
#define ENROLLED_H

#include "session.h"

/**
 * Whether ${kek} is in the token's file of enrolled KEKs, or is the one the
 * caller allowed.
 */
bool enrolled_has(const struct session *session, const struct public_key *kek, bool *ret_has,
    struct fault *fault) __attribute__((warn_unused_result));

/** How many are enrolled. */
bool enrolled_count(const struct session *session, unsigned *ret_count, struct fault *fault)
    __attribute__((warn_unused_result));

#endif
