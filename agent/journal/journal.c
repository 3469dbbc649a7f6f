#include "journal.h"

#include "append.h"
#include "file.h"
#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

/* Open the file, or make one; a head without a file is a journal that somebody removed. */
static bool
open_file(struct journal *journal, struct fault *fault)
{
	const struct disk *disk = journal->disk;
	int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW;

	journal->fd = disk->open(disk->context, journal->path, flags, 0);
	if (journal->fd >= 0)
		return state_settle(journal, 0, fault);
	if (errno != ENOENT)
		return fault_system(fault, "Open the journal %s", journal->path);
	if (access(journal->head_path, F_OK) == 0)
		return fault_set(fault, FAULT_DATA, "The journal %s is gone, but %s beside it shows that there was one; "
		    "put the newest copy of it back", journal->path, journal->head_path);
	journal->fd = disk->open(disk->context, journal->path, flags | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
	if (journal->fd < 0)
		return fault_system(fault, "Create the journal %s", journal->path);
	return true;
}

bool
journal_open(const struct journal_options *options, const struct disk *disk,
    const struct clock *clock, struct journal **ret_journal, struct fault *fault)
{
	SCOPE(state) struct journal *journal = NULL;
	SCOPE(lock) struct lock *lock = NULL;

	if (!state_new(options, clock, &journal, fault))
		return false;
	journal->disk = disk;
	if (!actor_new(options->program, &journal->actor, fault) || !append_lock(journal, &lock, fault) ||
	    !open_file(journal, fault) || !append_catch_up(journal, fault))
		return false;
	*ret_journal = scope_move(journal);
	return true;
}

bool
journal_open_reader(const struct journal_options *options, const struct clock *clock,
    struct journal **ret_journal, struct fault *fault)
{
	SCOPE(state) struct journal *journal = NULL;

	if (!state_new(options, clock, &journal, fault))
		return false;
	journal->fd = open(journal->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (journal->fd < 0) {
		bool missing = errno == ENOENT;

		fault_system(fault, "Open the journal %s", journal->path);
		if (missing && access(journal->head_path, F_OK) == 0)
			return fault_set(fault, FAULT_DATA, "The journal %s is gone, but %s beside it shows that there "
			    "was one; put the newest copy of it back", journal->path, journal->head_path);
		if (missing)
			return fault_set(fault, FAULT_NOT_FOUND, "There is no journal %s yet", journal->path);
		return false;
	}
	if (!journal_refresh(journal, fault))
		return false;
	*ret_journal = scope_move(journal);
	return true;
}

/* The same for a writer, under the append lock, so that a torn line is no other's line half written. */
static bool
refresh_writer(struct journal *journal, struct fault *fault)
{
	SCOPE(lock) struct lock *lock = NULL;

	if (!state_check_writable(journal, fault) || !append_lock(journal, &lock, fault))
		return false;
	if (!state_settle(journal, journal->chain.bytes, fault))
		return state_fail(journal, fault);
	return append_catch_up(journal, fault);
}

bool
journal_refresh(struct journal *journal, struct fault *fault)
{
	struct fault found = { .code = 0 };
	struct tail tail;
	bool good;

	pthread_mutex_lock(&journal->state);
	good = journal->disk == NULL ? state_take_in(journal, &tail, &found) :
	    refresh_writer(journal, &found);
	pthread_mutex_unlock(&journal->state);
	return good || fault_set(fault, found.code, "%s", found.text);
}

/* Up to where a walk goes, and where it starts: the last mark before its first record. */
struct walk {
	uint64_t n, until_n;
	uint64_t offset, until_offset;
};

static struct walk
plan_walk(struct journal *journal, uint64_t first)
{
	struct walk walk = { 0, 0, 0, 0 };
	uint64_t block = first / MERKLE_BLOCK;

	pthread_mutex_lock(&journal->state);
	walk.until_n = journal->chain.records;
	walk.until_offset = journal->chain.bytes;
	if (block > 0 && block <= journal->mark_count) {
		walk.n = block * MERKLE_BLOCK;
		walk.offset = journal->marks[block - 1].offset;
	}
	pthread_mutex_unlock(&journal->state);
	return walk;
}

static bool
visit_line(const struct line *line, uint64_t n, journal_visit *visit, void *context,
    struct fault *fault)
{
	SCOPE(json) json_t *object = NULL;
	struct journal_record record;

	if (line->kind != LINE_WHOLE)
		return fault_set(fault, FAULT_DATA, "Record %" PRIu64 " of the journal (byte %" PRIu64 ") is no longer "
		    "what it was; run 'keyturn audit verify'", n, line->offset);
	if (!record_parse(line->bytes, line->size, &object, &record, fault))
		return false;
	if (record.n != n)
		return fault_set(fault, FAULT_DATA, "Record %" PRIu64 " of the journal is now numbered %" PRIu64
		    "; run 'keyturn audit verify'", n, record.n);
	return visit(context, &record, fault);
}

bool
journal_read(struct journal *journal, uint64_t first, journal_visit *visit, void *context,
    struct fault *fault)
{
	struct walk walk = plan_walk(journal, first);
	SCOPE(lines) struct lines *lines = NULL;
	struct line line;

	/* No lock is held here: what was verified is never written again, so a visitor may append. */
	if (first >= walk.until_n)
		return true;
	if (!lines_new(journal->fd, walk.offset, walk.until_offset, &lines, fault))
		return false;
	for (uint64_t n = walk.n; n < walk.until_n; n++) {
		if (!lines_next(lines, &line, fault))
			return false;
		if (n >= first && !visit_line(&line, n, visit, context, fault))
			return false;
	}
	return true;
}

void
journal_head(const struct journal *journal, struct journal_head *ret_head)
{
	struct journal *guarded = (struct journal *)(uintptr_t)journal;

	pthread_mutex_lock(&guarded->state);
	*ret_head = journal->head;
	pthread_mutex_unlock(&guarded->state);
}

bool
journal_root_at(struct journal *journal, uint64_t size, char ret_root[static JOURNAL_ROOT_SIZE],
    struct fault *fault)
{
	bool good;

	pthread_mutex_lock(&journal->state);
	good = state_root_at(journal, size, ret_root, fault);
	pthread_mutex_unlock(&journal->state);
	return good;
}

static bool
write_head(struct journal *journal, struct fault *fault)
{
	SCOPE(lock) struct lock *lock = NULL;

	/* Others may have gone further: the head must never count fewer than it did. */
	if (!state_check_writable(journal, fault) || !append_lock(journal, &lock, fault))
		return false;
	if (!state_settle(journal, journal->chain.bytes, fault))
		return state_fail(journal, fault);
	return append_catch_up(journal, fault) && append_head(journal, fault);
}

bool
journal_write_head(struct journal *journal, struct fault *fault)
{
	struct fault found = { .code = 0 };
	bool good;

	pthread_mutex_lock(&journal->state);
	good = write_head(journal, &found);
	pthread_mutex_unlock(&journal->state);
	return good || fault_set(fault, found.code, "%s", found.text);
}

bool
journal_set_object_id(struct journal *journal, const char *object_id, struct fault *fault)
{
	bool good;

	if (journal->disk == NULL)
		return state_check_writable(journal, fault);
	pthread_mutex_lock(&journal->state);
	pthread_mutex_lock(&journal->queue);
	good = actor_set_object_id(journal->actor, object_id, fault);
	pthread_mutex_unlock(&journal->queue);
	pthread_mutex_unlock(&journal->state);
	return good;
}

bool
journal_writable(const struct journal *journal)
{
	struct journal *guarded = (struct journal *)(uintptr_t)journal;
	bool writable;

	pthread_mutex_lock(&guarded->state);
	writable = state_check_writable(journal, NULL);
	pthread_mutex_unlock(&guarded->state);
	return writable;
}

void
journal_close(struct journal *journal)
{
	/* A head that cannot be written is only an anchor less; the records are on disk all the same. */
	if (journal != NULL && journal_writable(journal) &&
	    journal->checked.size != journal->chain.records && !journal_write_head(journal, NULL))
		errno = 0;
	state_free(journal);
}
