#ifndef LEDGER_H
#define LEDGER_H

#include "lock.h"
#include "observe.h"

/*
 * Writing into the journal in the name of one policy: intents, outcomes, refusals.
 */

/**
 * ledger_write(observer, step, phase, detail, fault):
 * Append a record for the policy, of the open rotation if there is one. ${detail} (may be NULL: no memory, an error) is released
 * in any case. On success the record is on disk.
 */
bool ledger_write(struct observer *observer, const char *step, enum journal_phase phase,
    json_t *detail, struct fault *fault) __attribute__((warn_unused_result));

/** The same for rotation ${rotation} ("" for none). */
bool ledger_write_for(struct observer *observer, const char *rotation, const char *step,
    enum journal_phase phase, json_t *detail, struct fault *fault)
    __attribute__((warn_unused_result));

/** {"code", "text", "request_id"} of what went wrong. New reference, NULL without memory. */
json_t *ledger_failure(const struct observer *observer, const struct fault *failure);

/** Whether the fault of an act says by itself that nothing happened outside. */
bool ledger_no_effect(const struct fault *failure);

/** The policy's lock, taken for one step, never for a wait. ${purpose} is shown to whoever finds it taken. */
bool ledger_lock(struct observer *observer, const char *purpose, struct lock **ret_lock,
    struct fault *fault) __attribute__((warn_unused_result));

#endif
