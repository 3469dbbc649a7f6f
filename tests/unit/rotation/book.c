#include "book.h"

#include "scope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int64_t
wall_ms(void *context)
{
	return ((struct book *)context)->wall_ms += 1000;
}

static int64_t
monotonic_ms(void *context)
{
	return ((struct book *)context)->wall_ms;
}

static bool
wait_ms(void *context, int64_t duration_ms)
{
	((struct book *)context)->wall_ms += duration_ms;
	return true;
}

void
book_begin(struct book *book)
{
	struct fault fault = { 0 };

	*book = (struct book){ .wall_ms = INT64_C(1795305600000) };
	book->clock = (struct clock){ book, wall_ms, monotonic_ms, wait_ms };
	strcpy(book->folder, access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm/keyturn-book-XXXXXX" :
	    "/tmp/keyturn-book-XXXXXX");
	assert_non_null(mkdtemp(book->folder));
	book->options = (struct journal_options){ book->folder, false, "keyturn test" };
	if (!journal_open(&book->options, disk_system(), &book->clock, &book->journal, &fault))
		fail_msg("%s", fault.text);
}

void
book_end(struct book *book)
{
	static const char *const files[] = { "journal.jsonl", "head", "journal.lock", "locks/radiology-cmk.lock",
		"token.lock" };

	history_clear(&book->history);
	journal_close(book->journal);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		char path[128];

		snprintf(path, sizeof path, "%s/%s", book->folder, files[i]);
		unlink(path);
	}
	char locks[128];

	snprintf(locks, sizeof locks, "%s/locks", book->folder);
	rmdir(locks);
	snprintf(locks, sizeof locks, "%s/blobs", book->folder);
	rmdir(locks);
	assert_int_equal(rmdir(book->folder), 0);
}

void
book_write_for(struct book *book, const char *policy, const char *rotation, const char *step, enum journal_phase phase,
    json_t *detail)
{
	SCOPE(json) json_t *owned = detail;
	const struct journal_entry entry = {
		.policy = policy, .rotation = rotation[0] == '\0' ? NULL : rotation, .step = step, .phase = phase,
		.detail = owned,
	};
	struct fault fault = { 0 };

	if (!journal_append(book->journal, &entry, NULL, &fault) ||
	    !history_refresh(&book->history, book->journal, BOOK_POLICY, &fault))
		fail_msg("%s", fault.text);
}

void
book_write(struct book *book, const char *step, enum journal_phase phase, json_t *detail)
{
	book_write_for(book, BOOK_POLICY, BOOK_ROTATION, step, phase, detail);
}

void
book_again(struct book *book)
{
	struct fault fault = { 0 };

	history_clear(&book->history);
	if (!history_refresh(&book->history, book->journal, BOOK_POLICY, &fault))
		fail_msg("%s", fault.text);
}
