#ifndef MEMBER_H
#define MEMBER_H

#include "fault.h"

#include <jansson.h>
#include <stdint.h>

/*
 * Access to the members of JSON that came from outside, with a fault that names the member,
 * its place as a JSON Pointer (RFC 6901) below the object, and what was found instead.
 * Not for policies and settings, which report every error at once (see policies/).
 */

/** Parse ${size} bytes of JSON text, repeated members refused. ${what} names it in the fault. Errors: FAULT_PROTOCOL. */
bool member_parse(const char *text, size_t size, const char *what, json_t **ret_value,
    struct fault *fault) __attribute__((warn_unused_result));

/** The string at ${pointer} ("/key/kid"); borrowed. Errors: FAULT_PROTOCOL, missing or another type. */
bool member_string(const json_t *object, const char *pointer, const char **ret_text,
    struct fault *fault) __attribute__((warn_unused_result));

/** The same for a whole number. */
bool member_integer(const json_t *object, const char *pointer, int64_t *ret_number,
    struct fault *fault) __attribute__((warn_unused_result));

/** The same for true and false. */
bool member_boolean(const json_t *object, const char *pointer, bool *ret_value,
    struct fault *fault) __attribute__((warn_unused_result));

/** The value at ${pointer}, or NULL; borrowed. "" is the object itself. */
json_t *member_find(const json_t *object, const char *pointer);

/** The string at ${pointer}, or ${fallback} if it is absent or not a string; borrowed. */
const char *member_text(const json_t *object, const char *pointer, const char *fallback);

/** Compact JSON text of ${value}, members in their order; the caller frees it. NULL without memory. */
char *member_print(const json_t *value);

#endif
