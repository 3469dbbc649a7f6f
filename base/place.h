#ifndef PLACE_H
#define PLACE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Where a value stands in JSON text.  jansson forgets it once the text is read, and of two members of one name it keeps
 * the last without a word; so the text is walked again when somebody must be told.  Only for text that jansson accepted:
 * the walk relies on that, and on jansson's limit of nesting.
 */

struct place {
	unsigned line, column;	/* from 1; a column is a character, not a byte */
	const char *pointer;	/* JSON Pointer (RFC 6901); valid during the call only */
	const char *repeated;	/* the member's name as it stands in the text, if its object had one of that name before; else NULL */
	size_t repeated_size;	/* bytes of it; it has no NUL */
};

/* Called for each value before those inside it. A member's place is that of its name. False ends the walk. */
typedef bool place_visit(void *context, const struct place *place);

/** Walk all values of ${text} in their order. False if the visitor ended it, or without memory. */
bool place_walk(const char *text, size_t size, place_visit *visit, void *context)
    __attribute__((warn_unused_result));

/** The line and column of the value at ${pointer}; 0 and 0 if there is none. */
void place_find(const char *text, size_t size, const char *pointer, unsigned *ret_line, unsigned *ret_column);

#endif
