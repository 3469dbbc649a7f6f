#include "settings.h"

#include "document.h"
#include "problems.h"
#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* Which file: what the command line names, else the environment, else the usual place. */
static const char *
choose(const char *path)
{
	const char *named = getenv("KEYTURN_CONFIG");

	if (path != NULL)
		return path;
	return named != NULL && named[0] != '\0' ? named : SETTINGS_DEFAULT_FILE;
}

/* Who writes the settings says which module is loaded and who is asked for tokens: let nobody else. */
static bool
check_safe(int fd, const char *path, struct fault *fault)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return fault_system(fault, "Look at the settings %s", path);
	if (!S_ISREG(status.st_mode))
		return fault_set(fault, FAULT_SETTINGS, "The settings %s are not a regular file", path);
	if (status.st_uid != 0 && status.st_uid != geteuid())
		return fault_set(fault, FAULT_SETTINGS, "The settings %s belong to user %u; they must belong to the user who runs keyturn or to root",
		    path, (unsigned)status.st_uid);
	if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return fault_set(fault, FAULT_SETTINGS, "Others may write the settings %s, and so choose the module that keyturn loads; run: chmod go-w %s",
		    path, path);
	return true;
}

/* The whole file behind ${fd} into ${text}, which has room for one byte more than settings may have. */
static bool
read_all(int fd, const char *path, char *text, size_t *ret_size, struct fault *fault)
{
	size_t size = 0;
	ssize_t got;

	/* The document room says when it was too long. */
	while (size <= DOCUMENT_SIZE_MAX && (got = read(fd, text + size, DOCUMENT_SIZE_MAX + 1 - size)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fault_system(fault, "Read the settings %s", path);
		size += (size_t)got;
	}
	*ret_size = size;
	return true;
}

/* The folder that holds ${path}, absolute, so that a later change of directory changes nothing. */
static bool
find_folder(const char *path, char ret_folder[static PATH_MAX], struct fault *fault)
{
	SCOPE(free) char *copy = strdup(path);

	if (copy == NULL || realpath(dirname(copy), ret_folder) == NULL)
		return fault_system(fault, "Find the folder of the settings %s", path);
	return true;
}

bool
settings_load(const char *path, struct settings **ret_settings, struct problems *problems, struct fault *fault)
{
	const char *file = choose(path);
	SCOPE(fd) int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	SCOPE(free) char *text = NULL;
	char folder[PATH_MAX];
	size_t size = 0;

	if (fd < 0)
		return fault_set(fault, FAULT_SETTINGS, "Read the settings %s: %s; name the file by --config FILE or KEYTURN_CONFIG, or write it there",
		    file, strerror(errno));

	/* Ask who could have written it before a byte of it counts. */
	if (!check_safe(fd, file, fault) || !find_folder(file, folder, fault))
		return false;
	if ((text = malloc(DOCUMENT_SIZE_MAX + 1)) == NULL)
		return fault_system(fault, "Read the settings %s", file);
	if (!read_all(fd, file, text, &size, fault))
		return false;
	return settings_parse(&(struct document_text){ file, text, size }, folder, ret_settings, problems, fault);
}
