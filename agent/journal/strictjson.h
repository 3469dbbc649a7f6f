#ifndef STRICTJSON_H
#define STRICTJSON_H

#include "fault.h"

#include <stddef.h>

enum { STRICTJSON_DEPTH_MAX = 32 };

/**
 * strictjson_check(text, size, fault):
 * Whether ${size} bytes are one JSON object (RFC 8259) as keyturn writes it: valid UTF-8 (RFC 3629), no white space between
 * tokens, no NUL and no escaped one, no escaped surrogate, at most STRICTJSON_DEPTH_MAX levels. Builds nothing, so it is
 * some ten times as fast as a parser; repeated members are not its affair.
 * Errors: FAULT_DATA, with the place (bytes from the start of the text, from 0) and what was wanted there.
 */
bool strictjson_check(const char *text, size_t size, struct fault *fault)
    __attribute__((warn_unused_result));

#endif
