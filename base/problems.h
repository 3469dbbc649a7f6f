#ifndef PROBLEMS_H
#define PROBLEMS_H

#include "fault.h"

#include <stddef.h>

/*
 * What is wrong with files that people write: policies and settings.  All of it is collected, so that one run shows
 * everything there is to mend.
 */

/** One problem of a file. */
struct problem {
	char *file;
	unsigned line, column;	/* from 1, columns in characters; 0 where the place is no place in the text (a whole folder, say) */
	char *pointer;		/* JSON Pointer (RFC 6901) of the place; "" is the whole file */
	char *text;		/* what was found and what would be right; no value that may be a secret */
};

/* Start with all zero; problems_clear at the end. */
struct problems {
	struct problem *list;
	size_t count;
	size_t lost;		/* further problems that there was no memory to keep */
};

/* Where a problem is; all is borrowed. */
struct problem_place {
	const char *file;
	unsigned line, column;
	const char *pointer;	/* NULL counts as "" */
};

/** Add one. It cannot fail: what there is no memory for is counted in lost, so that a bad file never looks good. */
void problems_add(struct problems *problems, const struct problem_place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** How many were ever added. */
size_t problems_total(const struct problems *problems);

/** "FILE:LINE:COLUMN: POINTER: TEXT", without the parts that are not there. The caller frees it; NULL without memory. */
char *problem_print(const struct problem *problem);

/**
 * problems_fault(problems, first, code, fault):
 * Say how many there are from number ${first} on (at least one) and quote that one. Always return false.
 */
bool problems_fault(const struct problems *problems, size_t first, enum fault_code code, struct fault *fault);

/** Release what it holds and make it empty; it can be used again. */
void problems_clear(struct problems *problems);

static inline void
scope_problems(struct problems *problems)
{
	problems_clear(problems);
}

#endif
