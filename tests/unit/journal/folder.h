#ifndef FOLDER_H
#define FOLDER_H

/* What the journal's tests share: a folder of their own, a clock that ticks, and files to look into and to damage. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "file.h"
#include "journal.h"
#include "scope.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* A clock of which each look costs a millisecond; it starts at 2026-11-22T00:00:00Z. */
__attribute__((unused)) static int64_t ticks;

static inline int64_t
tick(void *context)
{
	(void)context;
	return INT64_C(1795305600000) + ticks++;
}

static inline int64_t
real_monotonic(void *context)
{
	(void)context;
	return clock_monotonic_ms(clock_system());
}

static inline bool
real_wait(void *context, int64_t duration_ms)
{
	(void)context;
	return clock_wait_ms(clock_system(), duration_ms);
}

__attribute__((unused)) static const struct clock test_clock = { NULL, tick, real_monotonic, real_wait };

struct folder {
	char path[64];
	struct journal_options options;
};

static inline struct folder *
folder_new(void)
{
	struct folder *folder = calloc(1, sizeof *folder);

	assert_non_null(folder);
	/* In memory where there is such a place: these tests kill processes, not the power. */
	strcpy(folder->path, access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm/keyturn-journal-XXXXXX" :
	    "/tmp/keyturn-journal-XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	folder->options = (struct journal_options){ folder->path, false, "keyturn test" };
	return folder;
}

static inline const char *
folder_file(const struct folder *folder, const char *name)
{
	static char path[128];

	snprintf(path, sizeof path, "%s/%s", folder->path, name);
	return path;
}

static inline void
folder_free(struct folder *folder)
{
	unlink(folder_file(folder, "journal.jsonl"));
	unlink(folder_file(folder, "head"));
	unlink(folder_file(folder, "head.new"));
	unlink(folder_file(folder, "journal.lock"));
	rmdir(folder->path);
	free(folder);
}

/* The whole of a file, and its size; the caller frees it. */
static inline char *
folder_read(const struct folder *folder, const char *name, size_t *ret_size)
{
	char *bytes = NULL;
	struct fault fault;

	if (!file_read(folder_file(folder, name), 1 << 28, &bytes, ret_size, &fault))
		fail_msg("%s", fault.text);
	return bytes;
}

static inline void
folder_write(const struct folder *folder, const char *name, const void *bytes, size_t size)
{
	FILE *file = fopen(folder_file(folder, name), "we");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static inline struct journal *
folder_open(const struct folder *folder)
{
	struct journal *journal = NULL;
	struct fault fault = { .code = 0 };

	if (!journal_open(&folder->options, disk_system(), &test_clock, &journal, &fault))
		fail_msg("%s", fault.text);
	return journal;
}

/* Append an intent whose detail holds ${number}; returns the record's number. */
static inline uint64_t
folder_append(struct journal *journal, int number)
{
	SCOPE(json) json_t *detail = json_pack("{s:i, s:s}", "number", number, "text", "caf\xc3\xa9 \"x\"");
	struct journal_entry entry = {
		.policy = "radiology-cmk", .rotation = "00112233445566778899aabbccddeeff", .step = "import",
		.phase = JOURNAL_INTENT, .reason = "every P90D has passed", .ticket = "CHG-1", .detail = detail,
	};
	struct fault fault = { .code = 0 };
	uint64_t n = 0;

	if (!journal_append(journal, &entry, &n, &fault))
		fail_msg("%s", fault.text);
	return n;
}

/* A closed journal of ${count} records after the first. */
static inline struct folder *
folder_with(int count)
{
	struct folder *folder = folder_new();
	struct journal *journal = folder_open(folder);

	for (int i = 0; i < count; i++)
		assert_int_equal(folder_append(journal, i), i + 1);
	journal_close(journal);
	return folder;
}

/* Whether it opens for writing; ${fault} tells why not. What opens is closed again. */
static inline bool
folder_opens(const struct folder *folder, struct fault *fault)
{
	struct journal *journal = NULL;

	memset(fault, 0, sizeof *fault);
	if (!journal_open(&folder->options, disk_system(), &test_clock, &journal, fault))
		return false;
	journal_close(journal);
	return true;
}

static inline bool
count_visit(void *context, const struct journal_record *record, struct fault *fault)
{
	(void)fault;
	(void)record;
	++*(int *)context;
	return true;
}

/* Where line ${index} begins; ${index} may be the number of lines. */
static inline size_t
line_start(const char *bytes, size_t size, int index)
{
	size_t at = 0;

	while (index > 0) {
		assert_true(at < size);
		index -= bytes[at++] == '\n';
	}
	return at;
}

#endif
