#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int
system_open(void *context, const char *path, int flags, mode_t mode)
{
	(void)context;
	return open(path, flags, mode);
}

static ssize_t
system_write(void *context, int fd, const void *bytes, size_t size)
{
	(void)context;
	return write(fd, bytes, size);
}

static int
system_truncate(void *context, int fd, off_t size)
{
	(void)context;
	return ftruncate(fd, size);
}

static int
system_sync(void *context, int fd)
{
	(void)context;
	return fsync(fd);
}

static int
system_close(void *context, int fd)
{
	(void)context;
	return close(fd);
}

static int
system_rename(void *context, const char *from, const char *to)
{
	(void)context;
	return rename(from, to);
}

/*
 * One step where the file system can do it (ext4, XFS, btrfs, tmpfs, FAT); over NFS, which cannot, a
 * second name and then the removal of the first. A crash between those two leaves both names of
 * one whole file.
 */
static int
system_rename_new(void *context, const char *from, const char *to)
{
	(void)context;
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (link(from, to) != 0)
		return -1;
	return unlink(from);
}

static int
system_remove(void *context, const char *path)
{
	(void)context;
	return unlink(path);
}

static int
system_make_directory(void *context, const char *path, mode_t mode)
{
	(void)context;
	return mkdir(path, mode);
}

static const struct disk machine = {
	.open = system_open,
	.write = system_write,
	.truncate = system_truncate,
	.sync = system_sync,
	.close = system_close,
	.rename = system_rename,
	.rename_new = system_rename_new,
	.remove = system_remove,
	.make_directory = system_make_directory,
};

const struct disk *
disk_system(void)
{
	return &machine;
}
