#ifndef CURSOR_H
#define CURSOR_H

#include "encode.h"
#include "journal.h"

/*
 * How far a consumer of the journal (hooks, metrics) has told it. DIRECTORY/NAME.cursor holds the number of the next record and the
 * SHA-256 of the one before, so that a cursor never goes on in another journal, or in one that was rewritten.
 *
 * A record is passed over only once the consumer's word that it is told has been synced: nothing is forgotten. A crash between telling and
 * syncing makes exactly one record come a second time, with again = true; a receiver tells it by its number and hash.
 */
struct cursor;

/* One record to tell. */
struct cursor_record {
	const struct journal_record *record;
	const char *sha256;		/* of the line, hex: with the number an identity that a receiver can compare */
	bool again;			/* it may have been told before: the process died while telling it */
};

/** Tell one record; a false ends the run, and the record comes again at the next. */
typedef bool cursor_tell(void *context, const struct cursor_record *record, struct fault *fault);

/**
 * cursor_open(directory, name, disk, ret_cursor, fault):
 * Read the cursor ${name} ([a-z0-9-]) in ${directory}, or begin one at record 0. ${disk} is borrowed. Release by cursor_free.
 * Errors: FAULT_DATA, the file is damaged: the text says what to do; FAULT_SYSTEM.
 */
bool cursor_open(const char *directory, const char *name, const struct disk *disk,
    struct cursor **ret_cursor, struct fault *fault) __attribute__((warn_unused_result));

/**
 * cursor_run(cursor, journal, tell, context, fault):
 * Tell every record from the cursor to the journal's verified end; before each the cursor notes that it is being told, after each
 * that it was. Errors: FAULT_DATA, it is not the journal that the cursor belongs to; what ${tell} and the disk say.
 */
bool cursor_run(struct cursor *cursor, struct journal *journal, cursor_tell *tell, void *context,
    struct fault *fault) __attribute__((warn_unused_result));

/** Number of the next record to tell. */
uint64_t cursor_next(const struct cursor *cursor);

/** NULL is allowed. */
void cursor_free(struct cursor *cursor);

static inline void
scope_cursor(struct cursor **cursor)
{
	cursor_free(*cursor);
}

#endif
