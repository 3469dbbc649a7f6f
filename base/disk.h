#ifndef DISK_H
#define DISK_H

#include <stdint.h>
#include <sys/types.h>

/*
 * The system calls that change files, as a table of functions, so that a
 * test's main can count, fail or cut them.  Each behaves like its namesake in
 * the Linux manual: -1 and errno on failure.  Reading is not in it: a reader
 * changes nothing.
 */
struct disk {
	void *context;
	int (*open)(void *context, const char *path, int flags, mode_t mode);
	ssize_t (*write)(void *context, int fd, const void *bytes, size_t size);
	int (*truncate)(void *context, int fd, off_t size);
	int (*sync)(void *context, int fd);	/* fsync */
	int (*close)(void *context, int fd);
	int (*rename)(void *context, const char *from, const char *to);
	int (*rename_new)(void *context, const char *from, const char *to);
				/* like rename, but EEXIST where ${to} exists */
	int (*remove)(void *context, const char *path);	/* unlink */
	int (*make_directory)(void *context, const char *path, mode_t mode);
};

/** The machine's own calls. */
const struct disk *disk_system(void);

#endif
