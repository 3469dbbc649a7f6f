#ifndef JOURNAL_H
#define JOURNAL_H

#include "clock.h"
#include "disk.h"
#include "fault.h"

#include <jansson.h>
#include <stdint.h>

/*
 * The append-only record of all that was intended and done.  journal.jsonl holds one JSON object a line; each line names the
 * SHA-256 of the line before; over the exact line bytes stands an RFC 6962 Merkle tree whose head (size, root) lies in the file
 * head beside it.  What the agent recovers from is what the auditor reads.
 *
 * A line begins exactly {"v":1,"n":N,"prev":"HEX",  followed by the members t, policy, rotation, step, phase, actor, reason,
 * ticket, policy_sha256, detail.  It is valid UTF-8 of at most 65,535 bytes and is never written again.
 */

enum journal_phase { JOURNAL_INTENT = 1, JOURNAL_DONE, JOURNAL_FAILED, JOURNAL_NOTE };
enum { JOURNAL_LINE_MAX = 65535, JOURNAL_ROOT_SIZE = 65 };

/* What a caller wants recorded. Texts may be NULL where a record is about no policy or rotation; all is borrowed. */
struct journal_entry {
	const char *policy;
	const char *rotation;		/* 32 hex digits */
	const char *step;		/* a row of the table of steps, or "start", "stop", "adopt", "enroll", … */
	enum journal_phase phase;
	const char *reason;		/* why, in words */
	const char *ticket;		/* the operator's change number */
	const char *policy_sha256;
	json_t *detail;			/* object; step-specific, never a secret */
};

/* One record as it stands in the file. Valid during the callback only. */
struct journal_record {
	uint64_t n;			/* 0 is the first */
	int64_t wall_ms;
	const char *policy, *rotation, *step;	/* "" where absent */
	enum journal_phase phase;
	const json_t *detail;		/* never NULL; may be an empty object */
	const json_t *object;		/* the whole record */
	const char *line;		/* its exact bytes, without newline; no NUL follows them */
	size_t line_size;
};

struct journal_head {
	uint64_t size;			/* records */
	char root[JOURNAL_ROOT_SIZE];	/* hex of the Merkle tree hash (RFC 6962, 2.1) */
};

struct journal_options {
	const char *directory;		/* the state folder, which must exist */
	bool rehearsal;			/* fixed by the first record; the other kind is refused */
	const char *program;		/* "keyturn 0.1.0", for actor */
};

struct journal;
typedef bool journal_visit(void *context, const struct journal_record *record, struct fault *fault);

/**
 * journal_open(options, disk, clock, ret_journal, fault):
 * Open for writing, or start one where there is none. Verifies every line, the chain and the head; cuts a torn last line (no
 * newline) and records the cut.
 * Errors: FAULT_DATA, something does not verify: the text says which record, what, and what to do; FAULT_SETTINGS, a rehearsal's
 *         journal and the real thing were mixed; FAULT_RETRY, another process holds the append lock for long; FAULT_SYSTEM.
 */
bool journal_open(const struct journal_options *options, const struct disk *disk, const struct clock *clock,
    struct journal **ret_journal, struct fault *fault) __attribute__((warn_unused_result));

/** The same for reading only: creates and cuts nothing, and a torn last line is not an error. FAULT_NOT_FOUND if there is none. */
bool journal_open_reader(const struct journal_options *options, const struct clock *clock, struct journal **ret_journal,
    struct fault *fault) __attribute__((warn_unused_result));

/**
 * journal_append(journal, entry, ret_n, fault):
 * Take the append lock, verify what others added since, number, write, fsync. On success the record is on disk.
 * Several threads may call it; those that wait at the same moment share one fsync.
 * Errors: as journal_open. The first write or sync error ends this process's right to write: every later call fails at once
 * (FAULT_SYSTEM), and nothing is retried on that file. Damage that others did (FAULT_DATA) ends it likewise.
 */
bool journal_append(struct journal *journal, const struct journal_entry *entry, uint64_t *ret_n, struct fault *fault)
    __attribute__((warn_unused_result));

/** Take in, verified, what other processes added. Errors: as journal_open. */
bool journal_refresh(struct journal *journal, struct fault *fault) __attribute__((warn_unused_result));

/** Call ${visit} for each record from number ${first} on, in order, as far as the journal was verified; a false from it ends the walk and is returned. */
bool journal_read(struct journal *journal, uint64_t first, journal_visit *visit, void *context, struct fault *fault)
    __attribute__((warn_unused_result));

/** Size and root as far as verified. */
void journal_head(const struct journal *journal, struct journal_head *ret_head);

/** The root that the tree had when it held ${size} records. Errors: FAULT_DATA, it never held so many. */
bool journal_root_at(struct journal *journal, uint64_t size, char ret_root[static JOURNAL_ROOT_SIZE], struct fault *fault)
    __attribute__((warn_unused_result));

/** Write the head to the file head, synced: after each import intent, at each rotation's end, at close. */
bool journal_write_head(struct journal *journal, struct fault *fault) __attribute__((warn_unused_result));

/** Name the Azure object id as which this process acts, in the actor of all records from now on; NULL: none. Errors: FAULT_SYSTEM, no memory. */
bool journal_set_object_id(struct journal *journal, const char *object_id, struct fault *fault) __attribute__((warn_unused_result));

/** Whether this process may still write. */
bool journal_writable(const struct journal *journal);

/** Write the head (if writable) and release; NULL is allowed. */
void journal_close(struct journal *journal);

/** "intent", "done", "failed", "note". */
const char *journal_phase_name(enum journal_phase phase);

static inline void
scope_journal(struct journal **journal)
{
	journal_close(*journal);
}

#endif
