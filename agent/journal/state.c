#include "state.h"

#include "file.h"
#include "head.h"
#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

/* Said after every kind of damage. */
static const char advice[] = "keyturn writes nothing after a record that it cannot account for. Run "
    "'keyturn audit verify' to see all that is wrong, keep a copy of the files as they are, and put back the "
    "newest copy of the folder that verifies";

bool
state_new(const struct journal_options *options, const struct clock *clock,
    struct journal **ret_journal, struct fault *fault)
{
	SCOPE(state) struct journal *journal = calloc(1, sizeof *journal);

	if (journal == NULL)
		return fault_system(fault, "Memory for the journal");

	/* First what state_free takes for granted. */
	journal->fd = -1;
	journal->last = &journal->first;
	pthread_mutex_init(&journal->state, NULL);
	pthread_mutex_init(&journal->queue, NULL);
	pthread_cond_init(&journal->turn, NULL);
	chain_clear(&journal->chain);
	journal->clock = clock;
	journal->rehearsal = options->rehearsal;

	if (!file_path(&journal->path, fault, "%s/journal.jsonl", options->directory) ||
	    !file_path(&journal->head_path, fault, "%s/head", options->directory) ||
	    !file_path(&journal->lock_path, fault, "%s/journal.lock", options->directory) ||
	    !hasher_new(&journal->hasher, fault))
		return false;
	*ret_journal = scope_move(journal);
	return true;
}

void
state_free(struct journal *journal)
{
	if (journal == NULL)
		return;
	if (journal->fd >= 0 && journal->disk != NULL)
		journal->disk->close(journal->disk->context, journal->fd);
	else if (journal->fd >= 0)
		close(journal->fd);
	pthread_cond_destroy(&journal->turn);
	pthread_mutex_destroy(&journal->queue);
	pthread_mutex_destroy(&journal->state);
	hasher_free(journal->hasher);
	actor_free(journal->actor);
	free(journal->marks);
	free(journal->path);
	free(journal->head_path);
	free(journal->lock_path);
	free(journal);
}

bool
state_fail(struct journal *journal, const struct fault *fault)
{
	if (!journal->failed)
		journal->failure = *fault;
	journal->failed = true;
	return false;
}

bool
state_check_writable(const struct journal *journal, struct fault *fault)
{
	if (journal->disk == NULL)
		return fault_set(fault, FAULT_INTERNAL, "The journal %s was opened for reading only", journal->path);
	if (journal->failed)
		return fault_set(fault, journal->failure.code, "This process may no longer write to the journal, "
		    "since: %s", journal->failure.text);
	return true;
}

/* Remember where a block ends, so that later readers can start there. */
static bool
add_mark(struct journal *journal, struct fault *fault)
{
	if (journal->mark_count == journal->mark_room) {
		size_t room = journal->mark_room == 0 ? 64 : 2 * journal->mark_room;
		struct mark *larger = realloc(journal->marks, room * sizeof *larger);

		if (larger == NULL)
			return fault_system(fault, "Memory for the journal");
		journal->marks = larger;
		journal->mark_room = room;
	}
	struct mark *mark = &journal->marks[journal->mark_count++];
	mark->offset = journal->chain.bytes;
	memcpy(mark->root, journal->chain.tree.block, DIGEST_SIZE);
	return true;
}

/* The first record says whether this is a rehearsal; the two kinds never share a journal. */
static bool
check_kind(const struct journal *journal, const struct line *line, struct fault *fault)
{
	SCOPE(json) json_t *object = NULL;
	struct journal_record record;
	int rehearsal;

	if (!record_parse(line->bytes, line->size, &object, &record, fault))
		return false;
	if (json_unpack((json_t *)record.detail, "{s:b}", "rehearsal", &rehearsal) != 0)
		return fault_set(fault, FAULT_DATA, "its first record does not say whether this is a rehearsal");
	if ((rehearsal != 0) != journal->rehearsal)
		return fault_set(fault, FAULT_SETTINGS, "it is the journal of %s, and the settings say that this is "
		    "%s; give each a state folder of its own", rehearsal ? "a rehearsal" : "the real thing",
		    journal->rehearsal ? "a rehearsal" : "the real thing");
	return true;
}

bool
state_accept(struct journal *journal, const struct line *line, struct fault *fault)
{
	bool first = journal->chain.records == 0;

	if (!chain_take(&journal->chain, line, journal->hasher, fault))
		return false;
	if (first && !check_kind(journal, line, fault)) {
		chain_clear(&journal->chain);
		return false;
	}
	return journal->chain.records % MERKLE_BLOCK != 0 || add_mark(journal, fault);
}

bool
state_publish(struct journal *journal, struct fault *fault)
{
	journal->head.size = journal->chain.records;
	return chain_root(&journal->chain, journal->hasher, journal->head.root, fault);
}

/* How long the file is, and that it is still the one of that name and not shorter than it was. */
static bool
measure(const struct journal *journal, uint64_t *ret_size, struct fault *fault)
{
	struct stat open_file, named;

	if (fstat(journal->fd, &open_file) != 0)
		return fault_system(fault, "look at it");
	if (stat(journal->path, &named) != 0 || named.st_ino != open_file.st_ino ||
	    named.st_dev != open_file.st_dev)
		return fault_set(fault, FAULT_DATA, "it was removed or replaced while keyturn had it open");
	if (!S_ISREG(open_file.st_mode))
		return fault_set(fault, FAULT_DATA, "it is not a regular file");
	if ((uint64_t)open_file.st_size < journal->chain.bytes)
		return fault_set(fault, FAULT_DATA, "it has %lld bytes and had %" PRIu64 ": lines were cut off",
		    (long long)open_file.st_size, journal->chain.bytes);
	*ret_size = (uint64_t)open_file.st_size;
	return true;
}

/* Records in the head, against what the file holds. Without a head only a journal that has just begun is believed. */
static bool
check_head(struct journal *journal, const struct journal_head *head, bool found, struct fault *fault)
{
	uint64_t records = journal->chain.records;
	char root[JOURNAL_ROOT_SIZE];

	if (!found && records > 1)
		return fault_set(fault, FAULT_DATA, "it has %" PRIu64 " records, but the file %s beside it is missing, so "
		    "nothing shows whether more were cut off", records, journal->head_path);
	if (!found)
		return true;
	if (head->size == journal->checked.size && strcmp(head->root, journal->checked.root) == 0)
		return true;
	if (head->size > records)
		return fault_set(fault, FAULT_DATA, "it has %" PRIu64 " records, and its head counted %" PRIu64
		    ": the last %" PRIu64 " were cut off, or an older copy was put back", records, head->size,
		    head->size - records);
	if (!state_root_at(journal, head->size, root, fault))
		return false;
	if (strcmp(root, head->root) != 0)
		return fault_set(fault, FAULT_DATA, "the root over its first %" PRIu64 " records is %s, and its head "
		    "has %s: it was rewritten, or it is another agent's", head->size, root, head->root);
	journal->checked = *head;
	return true;
}

/* Take in the whole lines behind the chain; what is left is the tail. */
static bool
take_lines(struct journal *journal, struct tail *ret_tail, struct fault *fault)
{
	SCOPE(lines) struct lines *lines = NULL;
	struct line line;
	uint64_t size = 0;

	if (!measure(journal, &size, fault) ||
	    !lines_new(journal->fd, journal->chain.bytes, size, &lines, fault))
		return false;
	for (;;) {
		if (!lines_next(lines, &line, fault))
			return false;
		if (line.kind == LINE_TORN || line.kind == LINE_NONE)
			break;
		if (!state_accept(journal, &line, fault))
			return false;
	}
	ret_tail->offset = line.offset;
	ret_tail->size = line.next - line.offset;
	return true;
}

static bool
take_in(struct journal *journal, struct tail *ret_tail, struct fault *fault)
{
	struct journal_head head;
	struct tail tail;
	bool found;

	/* The head before the file: a head only counts what the file then already holds. */
	if (!head_read(journal->head_path, &head, &found, fault) || !take_lines(journal, &tail, fault))
		return false;

	/* A reader takes no lock, and may have come in between a new journal's first record and its head: look again. */
	if (!found && journal->chain.records > 1 &&
	    (!head_read(journal->head_path, &head, &found, fault) || !take_lines(journal, &tail, fault)))
		return false;
	if (!check_head(journal, &head, found, fault))
		return false;
	*ret_tail = tail;
	return state_publish(journal, fault);
}

bool
state_take_in(struct journal *journal, struct tail *ret_tail, struct fault *fault)
{
	struct fault found = { .code = 0 };

	if (take_in(journal, ret_tail, &found))
		return true;
	return fault_set(fault, found.code, "The journal %s: %s%s%s", journal->path, found.text,
	    found.code == FAULT_DATA ? ". " : "", found.code == FAULT_DATA ? advice : "");
}

bool
state_settle(struct journal *journal, uint64_t from, struct fault *fault)
{
	off_t page = (off_t)sysconf(_SC_PAGESIZE);

	/*
	 * What another process wrote and could not sync may stand in the page cache only, marked as clean: after a failed fsync the
	 * next one succeeds and says nothing. So sync, drop the cache, and believe what is read back.
	 */
	if (journal->disk->sync(journal->disk->context, journal->fd) != 0)
		return fault_system(fault, "Bring the journal %s safely to the disk (fsync)", journal->path);
	posix_fadvise(journal->fd, (off_t)from / page * page, 0, POSIX_FADV_DONTNEED);
	return true;
}

/* Add the leaves of ${count} lines from ${offset} on. */
static bool
add_leaves(struct journal *journal, struct merkle *tree, uint64_t offset, uint64_t count,
    struct fault *fault)
{
	SCOPE(lines) struct lines *lines = NULL;
	uint8_t leaf[DIGEST_SIZE];
	struct line line;

	if (count == 0)
		return true;
	if (!lines_new(journal->fd, offset, journal->chain.bytes, &lines, fault))
		return false;
	for (; count > 0; count--) {
		if (!lines_next(lines, &line, fault))
			return false;
		if (line.kind != LINE_WHOLE)
			return fault_set(fault, FAULT_DATA, "record %" PRIu64 " (byte %" PRIu64 ") is no longer what it was",
			    tree->size, line.offset);
		if (!hasher_leaf(journal->hasher, line.bytes, line.size, leaf, fault) ||
		    !merkle_append(tree, 0, leaf, journal->hasher, fault))
			return false;
	}
	return true;
}

bool
state_root_at(struct journal *journal, uint64_t size, char ret_root[static JOURNAL_ROOT_SIZE],
    struct fault *fault)
{
	uint8_t root[DIGEST_SIZE];
	struct merkle tree;

	if (size == journal->chain.records)
		return chain_root(&journal->chain, journal->hasher, ret_root, fault);
	if (size > journal->chain.records)
		return fault_set(fault, FAULT_DATA, "The journal has %" PRIu64 " records, and a root over %" PRIu64
		    " was asked for", journal->chain.records, size);

	/* Whole blocks from the marks, the few lines after them from the file. */
	merkle_clear(&tree);
	for (uint64_t i = 0; i < size / MERKLE_BLOCK; i++)
		if (!merkle_append(&tree, MERKLE_BLOCK_LEVEL, journal->marks[i].root, journal->hasher, fault))
			return false;
	uint64_t offset = tree.size == 0 ? 0 : journal->marks[tree.size / MERKLE_BLOCK - 1].offset;
	if (!add_leaves(journal, &tree, offset, size % MERKLE_BLOCK, fault) ||
	    !merkle_root(&tree, journal->hasher, root, fault))
		return false;
	encode_hex(root, DIGEST_SIZE, ret_root);
	return true;
}
