#ifndef FAULTYDISK_H
#define FAULTYDISK_H

#include "disk.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * The machine's disk with a counter in front: it writes down each call, and can let one of them
 * fail, end the process just before or just after one, or cut writes short.
 */
struct faulty_disk {
	struct disk disk;
	int calls;
	char trace[512];	/* names of the calls, a blank after each */
	int fail_at;		/* number of the call that fails, from 1; 0: none */
	int fail_errno;
	int die_before, die_after;	/* number of the call around which the process ends */
	size_t write_max;	/* bytes that one write takes; 0: all */
	bool interrupt;		/* every other write is interrupted */
	bool write_nothing;
};

enum { FAULTY_DIED = 99 };	/* exit status of a process that was ended */

/* Count one call; true when it is the one to fail. */
static inline bool
faulty_enter(struct faulty_disk *faulty, const char *name)
{
	size_t length = strlen(faulty->trace);

	snprintf(faulty->trace + length, sizeof faulty->trace - length, "%s ", name);
	faulty->calls++;
	if (faulty->calls == faulty->die_before)
		_exit(FAULTY_DIED);
	errno = faulty->fail_errno;
	return faulty->calls == faulty->fail_at;
}

static inline int
faulty_leave(struct faulty_disk *faulty, int result)
{
	if (faulty->calls == faulty->die_after)
		_exit(FAULTY_DIED);
	return result;
}

static inline int
faulty_open(void *context, const char *path, int flags, mode_t mode)
{
	if (faulty_enter(context, "open"))
		return -1;
	return faulty_leave(context, disk_system()->open(NULL, path, flags, mode));
}

static inline ssize_t
faulty_write(void *context, int fd, const void *bytes, size_t size)
{
	struct faulty_disk *faulty = context;

	if (faulty_enter(faulty, "write"))
		return -1;
	if (faulty->interrupt && faulty->calls % 2 == 0) {
		errno = EINTR;
		return -1;
	}
	if (faulty->write_nothing)
		return 0;
	if (faulty->write_max != 0 && size > faulty->write_max)
		size = faulty->write_max;
	return faulty_leave(faulty, (int)disk_system()->write(NULL, fd, bytes, size));
}

static inline int
faulty_truncate(void *context, int fd, off_t size)
{
	if (faulty_enter(context, "truncate"))
		return -1;
	return faulty_leave(context, disk_system()->truncate(NULL, fd, size));
}

static inline int
faulty_sync(void *context, int fd)
{
	if (faulty_enter(context, "sync"))
		return -1;
	return faulty_leave(context, disk_system()->sync(NULL, fd));
}

/* A close that fails has closed all the same, as on Linux. */
static inline int
faulty_close(void *context, int fd)
{
	bool fail = faulty_enter(context, "close");
	int number = errno, result = disk_system()->close(NULL, fd);

	errno = number;
	return fail ? -1 : faulty_leave(context, result);
}

static inline int
faulty_rename(void *context, const char *from, const char *to)
{
	if (faulty_enter(context, "rename"))
		return -1;
	return faulty_leave(context, disk_system()->rename(NULL, from, to));
}

static inline int
faulty_rename_new(void *context, const char *from, const char *to)
{
	if (faulty_enter(context, "rename_new"))
		return -1;
	return faulty_leave(context, disk_system()->rename_new(NULL, from, to));
}

static inline int
faulty_remove(void *context, const char *path)
{
	if (faulty_enter(context, "remove"))
		return -1;
	return faulty_leave(context, disk_system()->remove(NULL, path));
}

static inline int
faulty_make_directory(void *context, const char *path, mode_t mode)
{
	if (faulty_enter(context, "make_directory"))
		return -1;
	return faulty_leave(context, disk_system()->make_directory(NULL, path, mode));
}

/** Begin anew: count from 0, nothing fails. */
static inline void
faulty_reset(struct faulty_disk *faulty)
{
	*faulty = (struct faulty_disk){
		.disk = {
			.context = faulty,
			.open = faulty_open,
			.write = faulty_write,
			.truncate = faulty_truncate,
			.sync = faulty_sync,
			.close = faulty_close,
			.rename = faulty_rename,
			.rename_new = faulty_rename_new,
			.remove = faulty_remove,
			.make_directory = faulty_make_directory,
		},
		.fail_errno = EIO,
	};
}

#endif
