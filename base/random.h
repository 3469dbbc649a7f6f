#ifndef RANDOM_H
#define RANDOM_H

#include "fault.h"

#include <stddef.h>

/** ${size} bytes from OpenSSL's generator. Errors: FAULT_SYSTEM. */
bool random_bytes(void *ret_bytes, size_t size, struct fault *fault)
    __attribute__((warn_unused_result));

/** A random UUID, version 4 (RFC 9562, 5.4), as text of 36 characters and a NUL. Errors: FAULT_SYSTEM. */
bool random_uuid(char ret_text[static 37], struct fault *fault)
    __attribute__((warn_unused_result));

#endif
