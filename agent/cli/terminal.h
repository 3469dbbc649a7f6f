#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

/*
 * A stream that a person reads, or a file. Everything printed through here is made visible first (text.h), so that a name or a
 * message from outside cannot steer the reader's terminal or forge a line of its own.
 */

enum terminal_style { STYLE_PLAIN, STYLE_STRONG, STYLE_GOOD, STYLE_WARNING, STYLE_BAD, STYLE_FAINT };
enum { TERMINAL_STYLES = 6, TERMINAL_WIDTH = 80 };

enum terminal_sign { SIGN_GOOD, SIGN_BAD, SIGN_WARNING, SIGN_NOTE, SIGN_ADVICE, SIGN_CUT };

struct terminal {
	FILE *file;
	bool interactive;	/* a terminal: lines may be drawn anew */
	bool colours;		/* interactive, and neither NO_COLOR nor TERM=dumb speaks against it */
	bool utf8;		/* by LC_ALL, LC_CTYPE, LANG */
	unsigned width;		/* columns of the terminal; 80 for anything else */
};

/** Look at ${file} and the environment. */
void terminal_open(FILE *file, struct terminal *ret_terminal);

/** The text, made visible, in a style; no line end. */
void terminal_put(const struct terminal *terminal, enum terminal_style style, const char *text);

/** One line: formatted, made visible, line end added; not wrapped. */
void terminal_line(const struct terminal *terminal, enum terminal_style style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** What follows a label that took ${used} columns already: wrapped between words, further lines indented by ${indent}. */
void terminal_flow(const struct terminal *terminal, unsigned used, unsigned indent, const char *text);

/** A formatted paragraph: ${indent} blanks, then wrapped to the width with the same indent. */
void terminal_paragraph(const struct terminal *terminal, unsigned indent, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** A check mark, cross, arrow or ellipsis, in ASCII where the locale has nothing else. */
const char *terminal_sign(const struct terminal *terminal, enum terminal_sign sign);

/** Forget the current line of an interactive terminal, to draw it anew. */
void terminal_rewind(const struct terminal *terminal);

#endif
