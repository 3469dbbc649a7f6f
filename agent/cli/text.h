#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>

/*
 * Text on its way to a person: how many columns it takes, and what of it must not reach a terminal as it is.
 * Text is UTF-8; a byte that is not is counted and shown as an escape of its own.
 */

/**
 * text_visible(text):
 * A copy in which nothing can move the cursor, colour the screen or reorder the line: control characters (C0, DEL, C1), the
 * Unicode controls of direction (UAX #9), invisible separators and bytes that are not UTF-8 are written out, as in "\x1b" or
 * "\u202e". The caller frees it. NULL without memory.
 */
char *text_visible(const char *text);

/** Columns that a visible text takes on a terminal: 0 for combining marks, 2 for wide East Asian characters and emoji. */
size_t text_width(const char *text);

/** Bytes of the longest start of ${text} that takes at most ${columns}. */
size_t text_fit(const char *text, size_t columns);

/** Bytes of the longest end of ${text} that takes at most ${columns}. */
size_t text_fit_end(const char *text, size_t columns);

/** How many bytes of ${text} belong on a line of ${columns}: up to a blank where one is in reach. Never 0 unless ${text} is empty. */
size_t text_break(const char *text, size_t columns);

#endif
