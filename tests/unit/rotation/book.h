#ifndef BOOK_H
#define BOOK_H

#include "history.h"
#include "journal.h"
#include "stepname.h"

/*
 * A real journal in a folder of its own, written record by record as a rotation would, and read back as history.
 */

struct book {
	char folder[64];
	struct journal_options options;
	struct journal *journal;
	int64_t wall_ms;		/* of the next record; each costs a second */
	struct clock clock;
	struct history history;
};

#define BOOK_POLICY "radiology-cmk"
#define BOOK_ROTATION "00112233445566778899aabbccddeeff"

void book_begin(struct book *book);
void book_end(struct book *book);

/** Append a record of the policy and of BOOK_ROTATION, and take it in. ${detail} (NULL: none) is released. */
void book_write(struct book *book, const char *step, enum journal_phase phase, json_t *detail);

/** The same for another policy or rotation ("" for none). */
void book_write_for(struct book *book, const char *policy, const char *rotation, const char *step, enum journal_phase phase,
    json_t *detail);

/** Forget all and read the journal from its start, as the next process does. */
void book_again(struct book *book);

#endif
