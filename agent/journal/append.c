#include "append.h"

#include "file.h"
#include "head.h"
#include "scope.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

enum { LOCK_PATIENCE_MS = 10000 };

/* One record on its way to the disk, and the thread that waits for it. */
struct waiter {
	struct waiter *next;
	const char *text;		/* from "t" on, as record_print makes it */
	uint64_t n;			/* its number, once done */
	bool done, good;
	struct fault fault;		/* why not, if not good */
};

/* The clock's own wait ends at once when the process is asked to stop; what was done must be recorded all the same. */
static bool
wait_patiently(void *context, int64_t duration_ms)
{
	const struct journal *journal = context;

	if (!clock_wait_ms(journal->clock, duration_ms))
		poll(NULL, 0, (int)duration_ms);
	return true;
}

static int64_t
monotonic(void *context)
{
	const struct journal *journal = context;

	return clock_monotonic_ms(journal->clock);
}

bool
append_lock(struct journal *journal, struct lock **ret_lock, struct fault *fault)
{
	struct clock patient = { .context = journal, .monotonic_ms = monotonic, .wait_ms = wait_patiently };

	return lock_take(journal->lock_path, "write to the journal", &patient, LOCK_PATIENCE_MS, ret_lock,
	    fault);
}

/* Write all bytes. A short write is gone on with: the disk then says itself why it was short. */
static bool
write_all(struct journal *journal, const char *bytes, size_t size)
{
	const struct disk *disk = journal->disk;

	while (size > 0) {
		ssize_t put = disk->write(disk->context, journal->fd, bytes, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put == 0)
			errno = EIO;
		if (put <= 0)
			return false;
		bytes += put;
		size -= (size_t)put;
	}
	return true;
}

/* The lines of a batch one after the other, as they go to the disk. */
struct batch {
	char *bytes;
	size_t size;
};

static bool
add_line(struct batch *batch, struct chain *chain, struct hasher *hasher, struct waiter *waiter)
{
	size_t room = RECORD_FRAME_MAX + strlen(waiter->text) + 1;
	char *larger = realloc(batch->bytes, batch->size + room);

	if (larger == NULL)
		return fault_system(&waiter->fault, "Memory for a record");
	batch->bytes = larger;

	/* Number it and name the line before; then see that it verifies before it is written, not after. */
	char *start = batch->bytes + batch->size;
	size_t size = record_print_frame(chain->records, chain->last, start);
	memcpy(start + size, waiter->text, strlen(waiter->text));
	size += strlen(waiter->text);
	start[size] = '\n';
	struct line line = { LINE_WHOLE, start, size, chain->bytes, chain->bytes + size + 1 };

	waiter->n = chain->records;
	if (!chain_take(chain, &line, hasher, &waiter->fault))
		return false;
	batch->size += size + 1;
	return true;
}

/* Verify and remember what was just written, just as if another process had written it. */
static bool
accept_batch(struct journal *journal, const struct batch *batch, struct fault *fault)
{
	for (size_t from = 0; from < batch->size;) {
		const char *start = batch->bytes + from;
		size_t size = (size_t)((char *)memchr(start, '\n', batch->size - from) - start);
		uint64_t offset = journal->chain.bytes;
		struct line line = { LINE_WHOLE, start, size, offset, offset + size + 1 };

		if (!state_accept(journal, &line, fault))
			return state_fail(journal, fault);
		from += size + 1;
	}
	return true;
}

/* Write and sync the records of the list; one that cannot be made into a line is left out and its fault kept. */
static bool
write_list(struct journal *journal, struct waiter *list, struct fault *fault)
{
	SCOPE(free) char *bytes = NULL;
	struct batch batch = { NULL, 0 };
	struct chain chain = journal->chain;

	for (struct waiter *waiter = list; waiter != NULL; waiter = waiter->next)
		waiter->good = add_line(&batch, &chain, journal->hasher, waiter);
	bytes = batch.bytes;
	if (batch.size == 0)
		return true;

	/* From here on the first error is the last: nothing is tried again on this file. */
	if (!write_all(journal, batch.bytes, batch.size)) {
		fault_system(fault, "Write %zu bytes to the journal %s", batch.size, journal->path);
		return state_fail(journal, fault);
	}
	if (journal->disk->sync(journal->disk->context, journal->fd) != 0) {
		fault_system(fault, "Bring the journal %s safely to the disk (fsync)", journal->path);
		return state_fail(journal, fault);
	}
	return accept_batch(journal, &batch, fault) && state_publish(journal, fault);
}

/* Write a record of the journal about itself; the caller's ${detail} is released. */
static bool
write_own(struct journal *journal, const char *step, const char *reason, json_t *detail,
    struct fault *fault)
{
	struct journal_entry entry = { .step = step, .phase = JOURNAL_NOTE, .reason = reason, .detail = detail };
	SCOPE(free) char *text = NULL;
	SCOPE(json) json_t *owned = detail;

	if (owned == NULL)
		return fault_set(fault, FAULT_SYSTEM, "No memory for a record");
	if (!record_print(&entry, journal->actor, clock_wall_ms(journal->clock), &text, fault))
		return false;
	struct waiter waiter = { .text = text };
	if (!write_list(journal, &waiter, fault))
		return false;
	if (!waiter.good)
		*fault = waiter.fault;
	return waiter.good;
}

/* The first record: which kind of journal this is. Only when its name is on disk too can later records count on it. */
static bool
begin(struct journal *journal, struct fault *fault)
{
	json_t *detail = json_pack("{s:b, s:s, s:s}", "rehearsal", journal->rehearsal, "program",
	    actor_program(journal->actor), "host", actor_host(journal->actor));

	if (!write_own(journal, "start", journal->rehearsal ? "A new journal, of a rehearsal" : "A new journal",
	    detail, fault))
		return false;
	return file_sync_parent(journal->disk, journal->path, fault) && append_head(journal, fault);
}

/* The SHA-256 of a tail, which may be of any size: a hole of zeros after a power cut, say. */
static bool
hash_tail(struct journal *journal, const struct tail *tail, char ret_hex[static DIGEST_HEX_SIZE],
    struct fault *fault)
{
	SCOPE(evp_md_ctx) EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t digest[DIGEST_SIZE];
	char bytes[4096];

	if (context == NULL || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
		return fault_set(fault, FAULT_SYSTEM, "OpenSSL could not compute a SHA-256");
	for (uint64_t at = 0; at < tail->size;) {
		size_t want = tail->size - at < sizeof bytes ? (size_t)(tail->size - at) : sizeof bytes;
		ssize_t got = pread(journal->fd, bytes, want, (off_t)(tail->offset + at));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return fault_system(fault, "Read the torn last line of the journal %s", journal->path);
		if (EVP_DigestUpdate(context, bytes, (size_t)got) != 1)
			return fault_set(fault, FAULT_SYSTEM, "OpenSSL could not compute a SHA-256");
		at += (uint64_t)got;
	}
	if (EVP_DigestFinal_ex(context, digest, NULL) != 1)
		return fault_set(fault, FAULT_SYSTEM, "OpenSSL could not compute a SHA-256");
	encode_hex(digest, DIGEST_SIZE, ret_hex);
	return true;
}

/* Take a torn last line off the file. It was never acknowledged: whoever wrote it died before its sync returned. */
static bool
cut(struct journal *journal, const struct tail *tail, struct fault *fault)
{
	const struct disk *disk = journal->disk;

	if (disk->truncate(disk->context, journal->fd, (off_t)tail->offset) != 0) {
		fault_system(fault, "Cut the torn last line off the journal %s", journal->path);
		return state_fail(journal, fault);
	}
	if (disk->sync(disk->context, journal->fd) != 0) {
		fault_system(fault, "Bring the journal %s safely to the disk (fsync)", journal->path);
		return state_fail(journal, fault);
	}
	return true;
}

static bool
record_cut(struct journal *journal, const struct tail *tail, const char *hex, struct fault *fault)
{
	json_t *detail = json_pack("{s:I, s:I, s:s}", "offset", (json_int_t)tail->offset, "bytes",
	    (json_int_t)tail->size, "sha256", hex);

	return write_own(journal, "cut", "The last line was torn, as a crash leaves it, and was cut off", detail,
	    fault);
}

bool
append_catch_up(struct journal *journal, struct fault *fault)
{
	char hex[DIGEST_HEX_SIZE];
	struct fault found = { .code = 0 };
	struct tail tail;

	if (!state_take_in(journal, &tail, &found))
		goto fail;
	if (tail.size > 0 &&
	    (!hash_tail(journal, &tail, hex, &found) || !cut(journal, &tail, &found)))
		goto fail;
	if (journal->chain.records == 0 && !begin(journal, &found))
		goto fail;
	if (tail.size > 0 && !record_cut(journal, &tail, hex, &found))
		goto fail;

	/* A crash may have come between the first record and its head. */
	if (journal->checked.size == 0 && !append_head(journal, &found))
		goto fail;
	return true;

	/* Damage is for good, and so is a disk error. */
fail:
	state_fail(journal, &found);
	return fault_set(fault, found.code, "%s", found.text);
}

bool
append_head(struct journal *journal, struct fault *fault)
{
	if (journal->checked.size == journal->head.size)
		return true;
	if (!head_write(journal->disk, journal->head_path, &journal->head, fault)) {
		fault_prefix(fault, "Write the journal's head");
		return state_fail(journal, fault);
	}
	journal->checked = journal->head;
	return true;
}

/* Everything between taking and giving back the append lock, for all who wait at this moment. */
static bool
write_under_lock(struct journal *journal, struct waiter *list, struct fault *fault)
{
	SCOPE(lock) struct lock *lock = NULL;
	struct stat status;

	if (!state_check_writable(journal, fault) || !append_lock(journal, &lock, fault))
		return false;

	/* Only if somebody else wrote is there anything to sync and to read back. */
	if (fstat(journal->fd, &status) != 0 || (uint64_t)status.st_size != journal->chain.bytes)
		if (!state_settle(journal, journal->chain.bytes, fault))
			return state_fail(journal, fault);
	return append_catch_up(journal, fault) && write_list(journal, list, fault);
}

/* Write the records of all that wait now, and tell each how it went. */
static void
lead(struct journal *journal, struct waiter *list)
{
	struct fault fault = { .code = 0 };
	bool good;

	pthread_mutex_lock(&journal->state);
	good = write_under_lock(journal, list, &fault);
	pthread_mutex_unlock(&journal->state);

	pthread_mutex_lock(&journal->queue);
	for (struct waiter *waiter = list, *next; waiter != NULL; waiter = next) {
		/* Once done is seen, the waiter's memory is gone. */
		next = waiter->next;
		if (!good) {
			waiter->good = false;
			waiter->fault = fault;
		}
		waiter->done = true;
	}
	journal->leading = false;
	pthread_cond_broadcast(&journal->turn);
	pthread_mutex_unlock(&journal->queue);
}

/* Stand in the queue until the record is on disk; whoever finds no one leading writes for all. */
static void
queue_up(struct journal *journal, struct waiter *waiter)
{
	pthread_mutex_lock(&journal->queue);
	*journal->last = waiter;
	journal->last = &waiter->next;
	while (journal->leading && !waiter->done)
		pthread_cond_wait(&journal->turn, &journal->queue);
	if (waiter->done) {
		pthread_mutex_unlock(&journal->queue);
		return;
	}
	struct waiter *list = journal->first;
	journal->first = NULL;
	journal->last = &journal->first;
	journal->leading = true;
	pthread_mutex_unlock(&journal->queue);
	lead(journal, list);
}

bool
journal_append(struct journal *journal, const struct journal_entry *entry, uint64_t *ret_n,
    struct fault *fault)
{
	struct waiter waiter = { .next = NULL };
	SCOPE(free) char *text = NULL;
	bool printed;

	if (journal->disk == NULL)
		return state_check_writable(journal, fault);
	/* The queue's mutex, since the other one is held through fsyncs, and would let no queue form. */
	pthread_mutex_lock(&journal->queue);
	printed = record_print(entry, journal->actor, clock_wall_ms(journal->clock), &text, fault);
	pthread_mutex_unlock(&journal->queue);
	if (!printed)
		return false;

	waiter.text = text;
	queue_up(journal, &waiter);
	if (!waiter.good)
		return fault_set(fault, waiter.fault.code, "%s", waiter.fault.text);
	if (ret_n != NULL)
		*ret_n = waiter.n;
	return true;
}
