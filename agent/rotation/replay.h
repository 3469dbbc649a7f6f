#ifndef REPLAY_H
#define REPLAY_H

#include "history.h"
#include "journal.h"

/*
 * How one record changes the history: by the row of a table that its step and phase choose.
 */

typedef bool replay_row(struct history *history, const struct journal_record *record,
    struct fault *fault);

/** Take in ${record}, which is about the history's policy. A record without a row changes nothing. Errors: FAULT_SYSTEM. */
bool replay_record(struct history *history, const struct journal_record *record,
    struct fault *fault) __attribute__((warn_unused_result));

#endif
