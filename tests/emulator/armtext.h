#ifndef ARMTEXT_H
#define ARMTEXT_H

/* Small JSON values of the Resource Manager half: formatted strings, times, random names, base64. */

#include <jansson.h>
#include <stdint.h>

/**
 * armtext_json(format, ...):
 * Return a formatted JSON string, a new reference.
 */
json_t *armtext_json(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * armtext_time(ms):
 * Return a time in milliseconds since 1970 as a JSON string the way Resource Manager writes it: UTC, seven decimals, "Z".
 */
json_t *armtext_time(int64_t ms);

/**
 * armtext_guid():
 * Return a new random GUID as a JSON string.
 */
json_t *armtext_guid(void);

/**
 * armtext_base64(bytes, size), armtext_unbase64(text, ret_size):
 * Bytes to a JSON string of base64, and back to a malloc'ed buffer; NULL if the text is not base64.
 */
json_t *armtext_base64(const uint8_t *bytes, size_t size);
uint8_t *armtext_unbase64(const char *text, size_t *ret_size);

#endif
