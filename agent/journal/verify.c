#include "verify.h"

#include "file.h"
#include "findings.h"
#include "head.h"
#include "scope.h"
#include "sequence.h"
#include "timetext.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* All that a check needs at hand. */
struct check {
	struct journal_verdict verdict;
	struct journal_anchor *anchors;
	size_t count;
	bool head_damaged;
	struct hasher *hasher;
	struct sequence sequence;
};

static void
scope_check(struct check *check)
{
	verify_clear(&check->verdict);
	hasher_free(check->hasher);
}

void
verify_clear(struct journal_verdict *verdict)
{
	findings_clear(verdict);
}

/* The anchors over exactly the lines so far; the head is one of them. */
static bool
check_anchors(struct check *check, struct fault *fault)
{
	struct journal_verdict *verdict = &check->verdict;
	uint64_t size = check->sequence.tree.size;
	bool wanted = verdict->head_found && verdict->head.size == size;
	uint8_t root[DIGEST_SIZE];
	char hex[DIGEST_HEX_SIZE];

	for (size_t i = 0; i < check->count && !wanted; i++)
		wanted = check->anchors[i].size == size;
	if (!wanted)
		return true;
	if (!merkle_root(&check->sequence.tree, check->hasher, root, fault))
		return false;
	encode_hex(root, DIGEST_SIZE, hex);
	if (verdict->head_found && verdict->head.size == size)
		verdict->head_matches = strcmp(hex, verdict->head.root) == 0;
	for (size_t i = 0; i < check->count; i++)
		if (check->anchors[i].size == size)
			check->anchors[i].matches = strcasecmp(hex, check->anchors[i].root) == 0;
	return true;
}

static bool
check_lines(struct check *check, int fd, uint64_t size, struct fault *fault)
{
	SCOPE(lines) struct lines *lines = NULL;
	struct line line;

	if (!lines_new(fd, 0, size, &lines, fault) || !check_anchors(check, fault))
		return false;
	for (;;) {
		if (!lines_next(lines, &line, fault))
			return false;
		if (line.kind == LINE_NONE || line.kind == LINE_TORN)
			break;
		if (!sequence_take(&check->sequence, &line, &check->verdict, fault) ||
		    !check_anchors(check, fault))
			return false;
	}
	check->verdict.bytes = line.offset;
	check->verdict.torn_bytes = line.next - line.offset;
	return true;
}

/* One anchor that does not hold: because lines are missing, or because they are others. */
static bool
judge_anchor(struct check *check, uint64_t size, const char *root, const char *source,
    struct fault *fault)
{
	struct journal_verdict *verdict = &check->verdict;

	if (size > verdict->records)
		return findings_add(verdict, verdict->records, verdict->bytes, fault, "%s counted %" PRIu64
		    " records, and there are %" PRIu64 ": the last %" PRIu64 " were cut off, or an older copy was put back",
		    source, size, verdict->records, size - verdict->records);
	return findings_add(verdict, size == 0 ? 0 : size - 1, 0, fault, "the first %" PRIu64 " lines do not have "
	    "the root %s that %s has: among the records up to %" PRIu64 " something was changed, or this is another "
	    "agent's journal", size, root, source, size == 0 ? 0 : size - 1);
}

/* Every anchor has been looked at: say which fail, and how far the others reach. */
static bool
judge_anchors(struct check *check, struct fault *fault)
{
	struct journal_verdict *verdict = &check->verdict;

	verdict->anchors = check->count;
	if (verdict->head_found && verdict->head_matches)
		verdict->unanchored_from = verdict->head.size;
	else if (verdict->head_found &&
	    !judge_anchor(check, verdict->head.size, verdict->head.root, "the file head", fault))
		return false;
	for (size_t i = 0; i < check->count; i++) {
		const struct journal_anchor *anchor = &check->anchors[i];

		if (anchor->matches) {
			verdict->anchors_matched++;
			if (anchor->size > verdict->unanchored_from)
				verdict->unanchored_from = anchor->size;
		} else if (!judge_anchor(check, anchor->size, anchor->root, anchor->source, fault))
			return false;
	}

	/* Without any anchor at all the agent itself would refuse to go on. */
	if (!verdict->head_found && !check->head_damaged && verdict->records > 1 &&
	    verdict->anchors_matched == 0)
		return findings_add(verdict, verdict->records, verdict->bytes, fault, "the file head is missing, so nothing "
		    "shows whether records were cut off after record %" PRIu64, verdict->records - 1);
	return true;
}

/* What the lines themselves say about their time and kind. */
static bool
describe(struct check *check, struct fault *fault)
{
	const struct sequence *sequence = &check->sequence;
	struct journal_verdict *verdict = &check->verdict;
	uint8_t root[DIGEST_SIZE];

	verdict->records = sequence->tree.size;
	verdict->rehearsal = sequence->rehearsal;
	if (!merkle_root(&sequence->tree, check->hasher, root, fault))
		return false;
	encode_hex(root, DIGEST_SIZE, verdict->root);

	/* A shape that is no date (month 13) stays 0: times are told, not judged. */
	if (sequence->first_time[0] != 0 && !timetext_parse(sequence->first_time, &verdict->first_ms, NULL))
		verdict->first_ms = 0;
	if (sequence->last_time[0] != 0 && !timetext_parse(sequence->last_time, &verdict->last_ms, NULL))
		verdict->last_ms = 0;
	return true;
}

/* A head that is there but unreadable is a finding, not an error: the rest can still be checked. */
static bool
read_head(struct check *check, const char *path, struct fault *fault)
{
	struct journal_verdict *verdict = &check->verdict;
	struct fault found = { .code = 0 };

	if (head_read(path, &verdict->head, &verdict->head_found, &found))
		return true;
	if (found.code != FAULT_DATA)
		return fault_set(fault, found.code, "%s", found.text);
	verdict->head_found = false;
	check->head_damaged = true;
	return findings_add(verdict, 0, 0, fault, "%s", found.text);
}

static bool
open_journal(const char *path, int *ret_fd, uint64_t *ret_size, struct fault *fault)
{
	SCOPE(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;

	if (fd < 0 && errno == ENOENT)
		return fault_set(fault, FAULT_NOT_FOUND, "There is no journal %s", path);
	if (fd < 0 || fstat(fd, &status) != 0)
		return fault_system(fault, "Open the journal %s", path);
	if (!S_ISREG(status.st_mode))
		return fault_set(fault, FAULT_DATA, "The journal %s is not a regular file", path);
	*ret_size = (uint64_t)status.st_size;
	*ret_fd = fd;
	fd = -1;
	return true;
}

bool
verify_folder(const char *directory, struct journal_anchor *anchors, size_t count,
    struct journal_verdict *ret_verdict, struct fault *fault)
{
	__attribute__((cleanup(scope_check))) struct check check = { .anchors = anchors, .count = count };
	SCOPE(free) char *path = NULL;
	SCOPE(free) char *head_path = NULL;
	SCOPE(fd) int fd = -1;
	uint64_t size = 0;

	for (size_t i = 0; i < count; i++)
		anchors[i].matches = false;
	sequence_clear(&check.sequence);

	/* The head before the journal's size: a writer at work may add to both meanwhile. */
	if (!file_path(&path, fault, "%s/journal.jsonl", directory) ||
	    !file_path(&head_path, fault, "%s/head", directory) || !hasher_new(&check.hasher, fault) ||
	    !read_head(&check, head_path, fault) || !open_journal(path, &fd, &size, fault))
		return false;
	check.sequence.hasher = check.hasher;
	if (!check_lines(&check, fd, size, fault) || !describe(&check, fault) ||
	    !judge_anchors(&check, fault))
		return false;

	*ret_verdict = check.verdict;
	memset(&check.verdict, 0, sizeof check.verdict);
	return true;
}
