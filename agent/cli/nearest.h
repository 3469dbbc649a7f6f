#ifndef NEAREST_H
#define NEAREST_H

/* Of many names, the one that somebody who mistyped may have meant. Start with the word alone set. */
struct nearest {
	const char *word;	/* what was typed */
	const char *best;	/* the nearest name so far, NULL if none is near; borrowed */
	int distance;
};

enum { NEAREST_TEXT = 128 };

/** Consider a name (suggest.h says what is near). */
void nearest_offer(struct nearest *nearest, const char *name);

/** "; did you mean 'status'?" with ${before} in front of the name, or "", into ${text}. Returns ${text}. */
const char *nearest_print(const struct nearest *nearest, const char *before, char text[static NEAREST_TEXT]);

#endif
