#ifndef STATE_H
#define STATE_H

#include "actor.h"
#include "chain.h"

#include <pthread.h>

/*
 * What a process holds of the journal: the file, the chain as far as verified, and a mark every MERKLE_BLOCK records so that a
 * record in the middle, or an earlier root, is found without reading from the start. Private to this room.
 */

struct mark {
	uint64_t offset;		/* where the block's last line ends */
	uint8_t root[DIGEST_SIZE];	/* of the block's leaves */
};

struct waiter;

struct journal {
	char *path, *head_path, *lock_path;
	const struct disk *disk;	/* NULL: reading only */
	const struct clock *clock;
	struct actor *actor;		/* NULL: reading only */
	bool rehearsal;
	int fd;

	/* Guarded by state, which a writer holds through its fsync; the actor changes only under both. */
	pthread_mutex_t state;
	struct hasher *hasher;
	struct chain chain;
	struct mark *marks;
	size_t mark_count, mark_room;
	struct journal_head head;	/* of the chain, by state_publish */
	struct journal_head checked;	/* the file head, as it was last read and found to fit */
	bool failed;
	struct fault failure;		/* why, once failed */

	/* Guarded by queue: threads that wait for their record to be on disk. */
	pthread_mutex_t queue;
	pthread_cond_t turn;
	struct waiter *first, **last;
	bool leading;			/* one of them writes for all */
};

/* What lies behind the last whole line. */
struct tail {
	uint64_t offset, size;		/* bytes */
};

/** Allocate, without a file yet. Release by state_free. Errors: FAULT_SYSTEM. */
bool state_new(const struct journal_options *options, const struct clock *clock,
    struct journal **ret_journal, struct fault *fault) __attribute__((warn_unused_result));

/** Close the file and release; NULL is allowed. */
void state_free(struct journal *journal);

static inline void
scope_state(struct journal **journal)
{
	state_free(*journal);
}

/** End this process's right to write, for the reason in ${fault}. Always returns false. */
bool state_fail(struct journal *journal, const struct fault *fault);

/** Whether it may still write; if not, the reason. */
bool state_check_writable(const struct journal *journal, struct fault *fault)
    __attribute__((warn_unused_result));

/** Verify ${line} as the next record and take it in. Errors: FAULT_DATA, FAULT_SETTINGS (of the other kind), FAULT_SYSTEM. */
bool state_accept(struct journal *journal, const struct line *line, struct fault *fault)
    __attribute__((warn_unused_result));

/** Compute the head that journal_head tells, after records were accepted. Errors: FAULT_SYSTEM. */
bool state_publish(struct journal *journal, struct fault *fault) __attribute__((warn_unused_result));

/**
 * state_take_in(journal, ret_tail, fault):
 * Verify what the file holds beyond the chain, and then the head. ${*ret_tail} is what is left: a torn line of ${size} bytes, or
 * nothing. A writer must hold the append lock. Errors: FAULT_DATA, FAULT_SETTINGS, FAULT_SYSTEM.
 */
bool state_take_in(struct journal *journal, struct tail *ret_tail, struct fault *fault)
    __attribute__((warn_unused_result));

/** fsync, and then forget the page cache from byte ${from} on, so that what is read next comes from the disk. Errors: FAULT_SYSTEM. */
bool state_settle(struct journal *journal, uint64_t from, struct fault *fault)
    __attribute__((warn_unused_result));

/** The root over the first ${size} records, from the file. Errors: FAULT_DATA, FAULT_SYSTEM. */
bool state_root_at(struct journal *journal, uint64_t size, char ret_root[static JOURNAL_ROOT_SIZE],
    struct fault *fault) __attribute__((warn_unused_result));

#endif
