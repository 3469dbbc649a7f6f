#include "file.h"

#include "encode.h"
#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

/* Open for reading and see that it is a file: a FIFO would hang us, a directory cannot be read. */
static bool
open_regular(const char *path, int *ret_fd, struct stat *ret_status, struct fault *fault)
{
	SCOPE(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		bool missing = errno == ENOENT;

		fault_system(fault, "Open %s to read it", path);
		if (missing && fault != NULL)
			fault->code = FAULT_NOT_FOUND;
		return false;
	}
	if (fstat(fd, ret_status) != 0)
		return fault_system(fault, "Look at %s", path);
	if (!S_ISREG(ret_status->st_mode))
		return fault_set(fault, FAULT_DATA, "%s is not a regular file", path);
	*ret_fd = fd;
	fd = -1;
	return true;
}

/* Read until ${room} bytes are there or the file ends. */
static bool
read_up_to(int fd, char *bytes, size_t room, size_t *size)
{
	while (*size < room) {
		ssize_t got = read(fd, bytes + *size, room - *size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (got == 0)
			break;
		*size += (size_t)got;
	}
	return true;
}

bool
file_read(const char *path, size_t size_max, char **ret_bytes, size_t *ret_size,
    struct fault *fault)
{
	SCOPE(fd) int fd = -1;
	SCOPE(free) char *bytes = NULL;
	struct stat status;
	size_t size = 0, room;

	if (!open_regular(path, &fd, &status, fault))
		return false;

	/* One byte more than the file has shows its end, or that it grew since: then make more room. */
	room = status.st_size < 0 || (size_t)status.st_size > size_max ? size_max :
	    (size_t)status.st_size;
	for (room++;; room = room > size_max / 2 ? size_max + 1 : 2 * room) {
		char *larger = realloc(bytes, room + 1);

		if (larger == NULL)
			return fault_system(fault, "Memory to read %s", path);
		bytes = larger;
		if (!read_up_to(fd, bytes, room, &size))
			return fault_system(fault, "Read %s", path);
		if (size < room)
			break;
		if (size > size_max)
			return fault_set(fault, FAULT_DATA, "%s is longer than %zu bytes", path,
			    size_max);
	}
	bytes[size] = 0;
	*ret_bytes = scope_move(bytes);
	*ret_size = size;
	return true;
}

/* Write all of it: a signal or a full disk may cut a single call short. */
static bool
write_all(const struct disk *disk, int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t put = disk->write(disk->context, fd, bytes, size);

		if (put < 0 && errno == EINTR)
			continue;
		/* Nothing written and no error would go on for ever. */
		if (put == 0)
			errno = EIO;
		if (put <= 0)
			return false;
		bytes += put;
		size -= (size_t)put;
	}
	return true;
}

/*
 * Make the new file ${path}, private to its owner, and see its bytes on the disk. The sync is
 * tried once: after a failed one the bytes may be lost although the next one succeeds.
 */
static bool
write_new(const struct disk *disk, const char *path, const void *bytes, size_t size,
    struct fault *fault)
{
	int fd = disk->open(disk->context, path,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);

	if (fd < 0)
		return fault_system(fault, "Create %s", path);
	if (!write_all(disk, fd, bytes, size)) {
		fault_system(fault, "Write %zu bytes to %s", size, path);
		goto fail;
	}
	if (disk->sync(disk->context, fd) != 0) {
		fault_system(fault, "Bring %s safely to the disk (fsync)", path);
		goto fail;
	}
	if (disk->close(disk->context, fd) != 0) {
		fault_system(fault, "Close %s", path);
		goto fail_closed;
	}
	return true;

fail:
	disk->close(disk->context, fd);
fail_closed:
	disk->remove(disk->context, path);
	return false;
}

bool
file_sync_parent(const struct disk *disk, const char *path, struct fault *fault)
{
	const char *slash = strrchr(path, '/');
	SCOPE(free) char *parent = NULL;

	/* "name" lies in ".", "/name" in "/". */
	if (slash == NULL)
		parent = strdup(".");
	else
		parent = strndup(path, slash == path ? 1 : (size_t)(slash - path));
	if (parent == NULL)
		return fault_system(fault, "Memory for the directory of %s", path);

	int fd = disk->open(disk->context, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (fd < 0)
		return fault_system(fault, "Open the directory %s", parent);
	bool synced = disk->sync(disk->context, fd) == 0;
	if (!synced)
		fault_system(fault, "Bring the directory %s safely to the disk (fsync)", parent);

	/* Nothing was written through this descriptor, so its close has nothing to tell. */
	disk->close(disk->context, fd);
	return synced;
}

bool
file_replace(const struct disk *disk, const char *path, const void *bytes, size_t size,
    struct fault *fault)
{
	SCOPE(free) char *temporary = NULL;

	/* What an earlier crash left would have its mode and its other names: begin afresh. */
	if (!file_path(&temporary, fault, "%s.new", path))
		return false;
	if (disk->remove(disk->context, temporary) != 0 && errno != ENOENT)
		return fault_system(fault, "Remove the left-over %s", temporary);
	if (!write_new(disk, temporary, bytes, size, fault))
		return false;

	if (disk->rename(disk->context, temporary, path) != 0) {
		fault_system(fault, "Rename %s to %s", temporary, path);
		disk->remove(disk->context, temporary);
		return false;
	}
	return file_sync_parent(disk, path, fault);
}

bool
file_create(const struct disk *disk, const char *path, const void *bytes, size_t size,
    struct fault *fault)
{
	SCOPE(free) char *temporary = NULL;
	uint8_t number[8];
	char digits[2 * sizeof number + 1];

	/* A name of its own: two that create the same file must not write into each other's. */
	if (!random_bytes(number, sizeof number, fault) || !file_path(&temporary, fault,
	    "%s.%s.new", path, encode_hex(number, sizeof number, digits)))
		return false;
	if (!write_new(disk, temporary, bytes, size, fault))
		return false;

	if (disk->rename_new(disk->context, temporary, path) != 0) {
		bool exists = errno == EEXIST;

		fault_system(fault, "Give %s its name", path);
		if (exists)
			fault_set(fault, FAULT_REFUSED,
			    "%s exists already and is left as it is; move it away first", path);
		disk->remove(disk->context, temporary);
		return false;
	}
	return file_sync_parent(disk, path, fault);
}

bool
file_remove(const struct disk *disk, const char *path, struct fault *fault)
{
	if (disk->remove(disk->context, path) != 0) {
		if (errno == ENOENT)
			return true;
		return fault_system(fault, "Remove %s", path);
	}
	return file_sync_parent(disk, path, fault);
}

/* Make one directory, durably; one that is there will do. */
static bool
make_one(const struct disk *disk, const char *path, struct fault *fault)
{
	struct stat status;

	if (disk->make_directory(disk->context, path, S_IRWXU) == 0)
		return file_sync_parent(disk, path, fault);
	int number = errno;

	/* On a read-only or foreign parent mkdir may complain although the directory is there. */
	if (stat(path, &status) == 0) {
		if (S_ISDIR(status.st_mode))
			return true;
		return fault_set(fault, FAULT_SYSTEM,
		    "%s should be a directory and is something else", path);
	}
	errno = number;
	return fault_system(fault, "Make the directory %s", path);
}

bool
file_make_directory(const struct disk *disk, const char *path, struct fault *fault)
{
	SCOPE(free) char *part = strdup(path);

	if (part == NULL)
		return fault_system(fault, "Memory for the directory %s", path);

	/* Slashes at the end name nothing more; the last name is made after the loop. */
	for (size_t end = strlen(part); end > 1 && part[end - 1] == '/'; end--)
		part[end - 1] = 0;
	for (char *slash = part; *slash != 0 && (slash = strchr(slash + 1, '/')) != NULL;) {
		*slash = 0;
		bool made = make_one(disk, part, fault);
		*slash = '/';
		if (!made)
			return false;
	}
	return make_one(disk, part, fault);
}

bool
file_path(char **ret_path, struct fault *fault, const char *format, ...)
{
	char *path = NULL;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vasprintf(&path, format, arguments);
	va_end(arguments);
	if (length < 0)
		return fault_system(fault, "Memory for a path");
	*ret_path = path;
	return true;
}
