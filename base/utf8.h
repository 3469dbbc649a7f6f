#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>

/** The bytes of the UTF-8 character at ${at}, of which ${left} are there; 0 if it is none (RFC 3629, 4). */
size_t utf8_size(const unsigned char *at, size_t left);

/**
 * utf8_copy(to, room, from):
 * Copy ${from}, in which each byte that is no part of a character becomes U+FFFD, into ${to} of ${room} bytes (at least 1); what
 * does not fit is left out by whole characters.  The two do not overlap.  Returns ${to}.
 */
char *utf8_copy(char *to, size_t room, const char *from);

/**
 * Drop what a cut left of a character at the end of ${text} (RFC 3629, 3): a text that was cut to fit is still text, which JSON
 * takes. Returns ${text}.
 */
char *utf8_trim(char *text);

#endif
