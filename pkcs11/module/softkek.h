#ifndef SOFTKEK_H
#define SOFTKEK_H

#include "publickey.h"

/**
 * softkek_get(ret_public, ret_private, fault):
 * The process's throw-away RSA-2048 KEK, made at the first call (about 150 ms);
 * borrowed. Nothing but throw-away keys may be wrapped under it.
 */
bool softkek_get(const struct public_key **ret_public, EVP_PKEY **ret_private,
    struct fault *fault) __attribute__((warn_unused_result));

#endif
