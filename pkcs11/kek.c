#include "kek.h"

#include "clock.h"
#include "encode.h"
#include "file.h"
#include "lock.h"
#include "scope.h"
#include "words.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { LOCK_PATIENCE_MS = 10000, TEXT_MAX = 1500 };

struct kek_list {
	size_t count;
	uint8_t (*digests)[DIGEST_SIZE];
};

/* What is wrong with the lines read so far. */
struct complaints {
	const char *name;
	size_t count, used;
	char text[TEXT_MAX];
};

static void
complain(struct complaints *complaints, size_t line, const char *what)
{
	complaints->count++;
	if (complaints->used < sizeof complaints->text)
		complaints->used += (size_t)snprintf(complaints->text + complaints->used,
		    sizeof complaints->text - complaints->used, "%s%s:%zu: %s",
		    complaints->count > 1 ? "; " : "", complaints->name, line, what);
}

/* A handful of entries: a loop is all it needs. */
static bool
list_has_digest(const struct kek_list *list, const uint8_t digest[static DIGEST_SIZE])
{
	for (size_t i = 0; i < list->count; i++)
		if (memcmp(list->digests[i], digest, DIGEST_SIZE) == 0)
			return true;
	return false;
}

/* 64 hex digits and nothing after them but blanks and a comment. */
static bool
parse_fingerprint(const char *text, size_t size, uint8_t ret_digest[static DIGEST_SIZE])
{
	char hex[KEK_HEX + 1] = "";

	if (size < KEK_HEX || (size > KEK_HEX && text[KEK_HEX] != ' ' && text[KEK_HEX] != '\t'))
		return false;
	memcpy(hex, text, KEK_HEX);
	return encode_parse_hex(hex, ret_digest, DIGEST_SIZE, NULL);
}

/* One line: a fingerprint goes onto the list, once, and anything odd is noted. */
static void
parse_line(struct kek_list *list, const char *text, size_t size, size_t line,
    struct complaints *complaints)
{
	uint8_t digest[DIGEST_SIZE];

	if (memchr(text, 0, size) != NULL) {
		complain(complaints, line, "a zero byte");
		return;
	}
	if (size > 0 && text[size - 1] == '\r')
		size--;
	if (size == strspn(text, " \t") || text[0] == '#')
		return;
	if (!parse_fingerprint(text, size, digest)) {
		complain(complaints, line, "want the 64 hex digits of a KEK's SHA-256 at the start "
		    "of the line, then blanks and a comment");
		return;
	}
	if (!list_has_digest(list, digest))
		memcpy(list->digests[list->count++], digest, DIGEST_SIZE);
}

/* No more fingerprints than lines, so the list can be made in one piece. */
static size_t
count_lines(const char *text, size_t size)
{
	size_t lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += text[i] == '\n';
	return lines;
}

static bool
list_new(size_t room, struct kek_list **ret_list, struct fault *fault)
{
	SCOPE(kek_list) struct kek_list *list = calloc(1, sizeof *list);

	if (list == NULL || (list->digests = calloc(room, sizeof *list->digests)) == NULL)
		return fault_system(fault, "Memory for the list of enrolled KEKs");
	*ret_list = scope_move(list);
	return true;
}

bool
kek_list_parse(const char *text, size_t size, const char *name, struct kek_list **ret_list,
    struct fault *fault)
{
	SCOPE(kek_list) struct kek_list *list = NULL;
	struct complaints complaints = { .name = name };
	const char *at = text, *end = text + size;

	if (!list_new(count_lines(text, size), &list, fault))
		return false;

	/* Read on after a bad line, so that all are told at once. */
	for (size_t line = 1; at < end; line++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));

		if (stop == NULL)
			stop = end;
		parse_line(list, at, (size_t)(stop - at), line, &complaints);
		at = stop + 1;
	}
	if (complaints.count > 0)
		return fault_set(fault, FAULT_DATA, "The list of enrolled KEKs has %zu bad line%s: %s",
		    complaints.count, complaints.count == 1 ? "" : "s", complaints.text);
	*ret_list = scope_move(list);
	return true;
}

/* Whoever can write the list can have keys wrapped for himself. */
static bool
check_mode(const char *path, const struct stat *status, struct fault *fault)
{
	if (!S_ISREG(status->st_mode))
		return fault_set(fault, FAULT_PERMISSION, "%s, the list of enrolled KEKs, is not a "
		    "regular file", path);
	if (status->st_uid != 0 && status->st_uid != geteuid())
		return fault_set(fault, FAULT_PERMISSION, "%s, the list of enrolled KEKs, belongs "
		    "to user %u; it must belong to root or to the user who runs keyturn", path,
		    (unsigned)status->st_uid);
	if ((status->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return fault_set(fault, FAULT_PERMISSION, "%s, the list of enrolled KEKs, may be "
		    "written by others, who could have keys wrapped for themselves; check its "
		    "lines, then run: chmod go-w %s", path, path);
	return true;
}

/* The bytes and the mode of a list; ${*ret_text} NULL if there is no file. */
static bool
read_checked(const char *path, char **ret_text, size_t *ret_size, mode_t *ret_mode,
    struct fault *fault)
{
	SCOPE(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	SCOPE(file) FILE *file = NULL;
	SCOPE(free) char *text = NULL;
	struct stat status;

	*ret_text = NULL;

	/* Before the first enrolment there is no file, and no KEK is enrolled. */
	if (fd < 0 && errno == ENOENT)
		return true;
	if (fd < 0 || fstat(fd, &status) != 0)
		return fault_system(fault, "Open %s, the list of enrolled KEKs", path);
	if (!check_mode(path, &status, fault))
		return false;
	if (status.st_size > KEK_FILE_MAX)
		return fault_set(fault, FAULT_DATA, "%s, the list of enrolled KEKs, has more than %d "
		    "bytes", path, KEK_FILE_MAX);

	/*
	 * From the very file whose mode was seen, not from whatever the path
	 * names now.
	 */
	if ((text = malloc(KEK_FILE_MAX + 1)) == NULL || (file = fdopen(fd, "r")) == NULL)
		return fault_system(fault, "Read %s", path);
	fd = -1;
	*ret_size = fread(text, 1, KEK_FILE_MAX + 1, file);
	if (ferror(file) || *ret_size > KEK_FILE_MAX)
		return fault_set(fault, FAULT_SYSTEM, "Read %s, the list of enrolled KEKs: the disk "
		    "fails, or the file grows", path);
	*ret_mode = status.st_mode & 07777;
	*ret_text = scope_move(text);
	return true;
}

bool
kek_list_read(const char *path, struct kek_list **ret_list, struct fault *fault)
{
	SCOPE(free) char *text = NULL;
	size_t size = 0;
	mode_t mode;

	if (!read_checked(path, &text, &size, &mode, fault))
		return false;
	return kek_list_parse(text == NULL ? "" : text, size, path, ret_list, fault);
}

bool
kek_list_has(const struct kek_list *list, const char *fingerprint)
{
	uint8_t digest[DIGEST_SIZE];

	return parse_fingerprint(fingerprint, strlen(fingerprint), digest) &&
	    list_has_digest(list, digest);
}

size_t
kek_list_count(const struct kek_list *list)
{
	return list->count;
}

void
kek_list_free(struct kek_list *list)
{
	if (list == NULL)
		return;
	free(list->digests);
	free(list);
}

/* The old text, a line end if it lacks one, and the new line. */
static bool
append_line(const struct disk *disk, const char *path, const char *line, struct fault *fault)
{
	SCOPE(kek_list) struct kek_list *list = NULL;
	SCOPE(free) char *text = NULL;
	SCOPE(free) char *whole = NULL;
	size_t size = 0;
	mode_t mode = 0644;

	if (!read_checked(path, &text, &size, &mode, fault) ||
	    !kek_list_parse(text == NULL ? "" : text, size, path, &list, fault))
		return false;
	if (kek_list_has(list, line))
		return true;

	/* A last line without an end must not run into the new one. */
	bool torn = size > 0 && text[size - 1] != '\n';
	int whole_size = asprintf(&whole, "%.*s%s%s\n", (int)size, text == NULL ? "" : text,
	    torn ? "\n" : "", line);
	if (whole_size < 0)
		return fault_system(fault, "Memory for the list of enrolled KEKs");
	if (!file_replace(disk, path, whole, (size_t)whole_size, fault))
		return false;

	/* A replaced file is private; the list keeps the mode its admin gave it. */
	if (chmod(path, mode) != 0)
		return fault_system(fault, "Give %s its mode", path);
	return true;
}

/* A line end in a comment would be a second line, and so a second KEK. */
static bool
check_comment(const char *comment, struct fault *fault)
{
	for (const char *at = comment; *at != 0; at++)
		if (iscntrl((unsigned char)*at))
			return fault_set(fault, FAULT_USAGE, "The comment on an enrolled KEK may not "
			    "hold line ends or other control characters");
	return true;
}

bool
kek_list_add(const struct disk *disk, const char *path, const char *fingerprint,
    const char *comment, struct fault *fault)
{
	SCOPE(lock) struct lock *lock = NULL;
	SCOPE(free) char *lock_path = NULL;
	SCOPE(free) char *line = NULL;
	uint8_t digest[DIGEST_SIZE];
	char hex[DIGEST_HEX_SIZE];

	if (strlen(fingerprint) != KEK_HEX || !parse_fingerprint(fingerprint, KEK_HEX, digest))
		return fault_set(fault, FAULT_USAGE, "A KEK is enrolled by the 64 hex digits of its "
		    "SHA-256; these are not");
	if (!check_comment(comment, fault) ||
	    !file_path(&lock_path, fault, "%s.lock", path) ||
	    !file_path(&line, fault, "%s  %s", encode_hex(digest, sizeof digest, hex), comment) ||
	    !lock_take(lock_path, "kek enroll", clock_system(), LOCK_PATIENCE_MS, &lock, fault) ||
	    !append_line(disk, path, line, fault))
		return fault_prefix(fault, "Enroll a KEK in %s", path);
	return true;
}

const char *
kek_words(const char *fingerprint, char text[static KEK_WORDS_TEXT])
{
	uint8_t digest[DIGEST_SIZE];
	size_t used = 0;

	text[0] = 0;
	if (!parse_fingerprint(fingerprint, strlen(fingerprint), digest))
		return text;
	for (size_t i = 0; i < KEK_WORDS; i++)
		used += (size_t)snprintf(text + used, KEK_WORDS_TEXT - used, "%s%s",
		    i == 0 ? "" : " ", words_word(digest[i]));
	return text;
}
