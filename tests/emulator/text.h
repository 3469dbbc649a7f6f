#ifndef TEXT_H
#define TEXT_H

/* Small things with strings that several files need. */

#include <jansson.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>

/**
 * text_format(format, ...), text_format_list(format, list):
 * Return the formatted text, the caller's to free.
 */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *text_format_list(const char *format, va_list list) __attribute__((format(printf, 1, 0)));

/**
 * text_copy(text), text_part(text, length), text_lower(text):
 * Return a copy, a copy of the first ${length} bytes, a copy in lower case (ASCII); the caller's
 * to free.
 */
char *text_copy(const char *text);
char *text_part(const char *text, size_t length);
char *text_lower(const char *text);

/**
 * text_ends(text, tail), text_glob(pattern, text):
 * Return whether ${text} ends in ${tail}; whether it matches the shell pattern, regardless of
 * case, where * also matches slashes.
 */
bool text_ends(const char *text, const char *tail);
bool text_glob(const char *pattern, const char *text);

/**
 * text_json(text, length):
 * Return a JSON string of bytes that came from outside; what is not UTF-8 shows as question marks.
 */
json_t *text_json(const char *text, size_t length);

/**
 * text_decode(text, length, plus):
 * Undo percent-encoding; with ${plus}, a plus sign is a space (forms and queries). NUL bytes
 * become question marks. The caller's to free.
 */
char *text_decode(const char *text, size_t length, bool plus);

/**
 * text_pairs(text, length):
 * Parse "a=1&b=2" (a query or a form body) into an object of decoded strings; of a repeated name
 * the first counts. A new reference.
 */
json_t *text_pairs(const char *text, size_t length);

/**
 * text_time(seconds, ms, out):
 * Write RFC 3339 UTC with milliseconds.
 */
enum { TEXT_TIME_SIZE = 32 };
void text_time(long long seconds, int ms, char out[static TEXT_TIME_SIZE]);

#endif
