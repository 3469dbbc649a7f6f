#ifndef DIGEST_H
#define DIGEST_H

#include "fault.h"

#include <stddef.h>
#include <stdint.h>

enum { DIGEST_SIZE = 32, DIGEST_HEX_SIZE = 65 };

/** SHA-256 (FIPS 180-4) of ${size} bytes. Errors: FAULT_INTERNAL, OpenSSL refused. */
bool digest_sha256(const void *bytes, size_t size, uint8_t ret_digest[static DIGEST_SIZE],
    struct fault *fault) __attribute__((warn_unused_result));

#endif
