#ifndef PLAYGROUND_H
#define PLAYGROUND_H

/* What every test program here starts with, and an empty directory for the tests that write files. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PLAYGROUND_PATH = 128 };

/** A new directory of its own; its path goes to ${path}. */
static inline void
playground_make(char path[static PLAYGROUND_PATH])
{
	const char *top = getenv("TMPDIR");

	snprintf(path, PLAYGROUND_PATH, "%.90s/keyturn-test-XXXXXX", top == NULL ? "/tmp" : top);
	assert_non_null(mkdtemp(path));
}

static inline int
playground_remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

/** Remove the directory and all that the test left in it. */
static inline void
playground_remove(const char *path)
{
	assert_int_equal(nftw(path, playground_remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

#endif
