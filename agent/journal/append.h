#ifndef APPEND_H
#define APPEND_H

#include "lock.h"
#include "state.h"

/*
 * Writing to the journal, one process and one thread at a time. Private to this room; journal_append is the way in.
 */

/** Take the append lock, for at most 10 s; a request to stop does not cut the wait short, since an outcome must be recorded. Errors: FAULT_RETRY, FAULT_SYSTEM. */
bool append_lock(struct journal *journal, struct lock **ret_lock, struct fault *fault)
    __attribute__((warn_unused_result));

/**
 * append_catch_up(journal, fault):
 * With the append lock held: verify what others added, cut a torn last line and record the cut; start the journal if it has no
 * records. Damage and disk errors end the right to write. Errors: as journal_open.
 */
bool append_catch_up(struct journal *journal, struct fault *fault) __attribute__((warn_unused_result));

/** With the append lock held: write the head, if the file head is behind. Errors: FAULT_SYSTEM, which ends the right to write. */
bool append_head(struct journal *journal, struct fault *fault) __attribute__((warn_unused_result));

#endif
