#ifndef PLAYGROUND_H
#define PLAYGROUND_H

/* What every test program here starts with, and an empty directory for the tests that write files. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
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

/** Make a playground and go there; the group's setup for one test. */
static inline int
playground_enter(void **state)
{
	static char path[PLAYGROUND_PATH];

	playground_make(path);
	assert_int_equal(chdir(path), 0);
	*state = path;
	return 0;
}

/** Leave it and remove it. */
static inline int
playground_leave(void **state)
{
	assert_int_equal(chdir("/"), 0);
	playground_remove(*state);
	return 0;
}

/** Write ${text} into the file ${path}, without any care. */
static inline void
playground_put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/** Whether the file ${path} is there and holds exactly ${text} (less than 100 bytes). */
static inline int
playground_holds(const char *path, const char *text)
{
	char bytes[100];
	FILE *file = fopen(path, "r");

	if (file == NULL)
		return 0;
	size_t size = fread(bytes, 1, sizeof bytes, file);
	fclose(file);
	return size == strlen(text) && memcmp(bytes, text, size) == 0;
}

/** How many files lie in the current directory: nothing temporary may stay. */
static inline int
playground_count(void)
{
	DIR *listing = opendir(".");
	const struct dirent *entry;
	int count = 0;

	assert_non_null(listing);
	while ((entry = readdir(listing)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(listing);
	return count;
}

#endif
