#include "secret.h"

#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct secret {
	size_t size;
	uint8_t bytes[];		/* size bytes and a NUL */
};

bool
secret_new(const void *bytes, size_t size, struct secret **ret_secret,
    struct fault *fault)
{
	struct secret *secret;

	if (size > SECRET_MAX)
		return fault_set(fault, FAULT_DATA, "A secret has more than %d bytes",
		    SECRET_MAX);
	if ((secret = calloc(1, sizeof *secret + size + 1)) == NULL)
		return fault_system(fault, "Memory for a secret");
	secret->size = size;
	if (size > 0)
		memcpy(secret->bytes, bytes, size);
	*ret_secret = secret;
	return true;
}

/* Ask who else may open the file before a byte of it is in memory. */
static bool
check_private(int fd, const char *path, const char *what, struct fault *fault)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return fault_system(fault, "Look at %s, which holds %s", path, what);
	if (!S_ISREG(status.st_mode))
		return fault_set(fault, FAULT_PERMISSION,
		    "%s, which holds %s, is not a regular file", path, what);
	if (status.st_uid != 0 && status.st_uid != geteuid())
		return fault_set(fault, FAULT_PERMISSION,
		    "%s, which holds %s, belongs to user %u; it must belong to the "
		    "user who runs keyturn or to root", path, what,
		    (unsigned)status.st_uid);
	if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return fault_set(fault, FAULT_PERMISSION,
		    "%s, which holds %s, may be opened by others; run: chmod 0600 %s",
		    path, what, path);
	return true;
}

static bool
fill(int fd, uint8_t *bytes, size_t room, size_t *ret_size)
{
	size_t size = 0;

	while (size < room) {
		ssize_t got = read(fd, bytes + size, room - size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (got == 0)
			break;
		size += (size_t)got;
	}
	*ret_size = size;
	return true;
}

static void
drop_line_end(const uint8_t *bytes, size_t *size)
{
	if (*size > 0 && bytes[*size - 1] == '\n')
		--*size;
	if (*size > 0 && bytes[*size - 1] == '\r')
		--*size;
}

bool
secret_read(const char *path, const char *what, struct secret **ret_secret,
    struct fault *fault)
{
	SCOPE(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	SCOPE(secret) struct secret *secret = NULL;

	if (fd < 0) {
		fault_system(fault, "Open %s, which holds %s", path, what);
		if (fault != NULL && errno == ENOENT)
			fault->code = FAULT_SETTINGS;
		if (fault != NULL && errno == EACCES)
			fault->code = FAULT_PERMISSION;
		return false;
	}
	if (!check_private(fd, path, what, fault))
		return false;

	/* One byte more than allowed shows a file that is too long. */
	if ((secret = calloc(1, sizeof *secret + SECRET_MAX + 2)) == NULL)
		return fault_system(fault, "Memory for %s", what);
	if (!fill(fd, secret->bytes, SECRET_MAX + 1, &secret->size))
		return fault_system(fault, "Read %s, which holds %s", path, what);
	if (secret->size > SECRET_MAX)
		return fault_set(fault, FAULT_SETTINGS, "%s, which holds %s, is longer than "
		    "%d bytes", path, what, SECRET_MAX);
	drop_line_end(secret->bytes, &secret->size);
	if (secret->size == 0)
		return fault_set(fault, FAULT_SETTINGS, "%s, which should hold %s, is empty",
		    path, what);
	secret->bytes[secret->size] = 0;
	*ret_secret = scope_move(secret);
	return true;
}

const uint8_t *
secret_bytes(const struct secret *secret)
{
	return secret->bytes;
}

const char *
secret_text(const struct secret *secret)
{
	return (const char *)secret->bytes;
}

size_t
secret_size(const struct secret *secret)
{
	return secret->size;
}

void
secret_free(struct secret *secret)
{
	if (secret == NULL)
		return;
	/* A dropped line end lies behind size: wipe that too. */
	explicit_bzero(secret->bytes, secret->size + 1);
	free(secret);
}
