#ifndef REPLAY_NOTE_H
#define REPLAY_NOTE_H

#include "history.h"
#include "journal.h"

/*
 * What rows of the replay have in common: taking one thing down in the history.
 */

/** Copy the text at ${pointer} of ${detail}, "" if there is none; a text too long is cut. */
void replay_note_text(char *to, size_t room, const json_t *detail, const char *pointer);

/** Whether ${detail} says true at ${pointer}. */
bool replay_note_true(const json_t *detail, const char *pointer);

/** The entry for ${kid}, made if it is new. NULL without memory. */
struct history_version *replay_note_version(struct history *history, const char *kid);

/** The entry for the service with that ARM id, made if it is new. NULL without memory. */
struct history_service *replay_note_service(struct history *history, const char *id);

/** FAULT_SYSTEM; always false. */
bool replay_note_no_memory(struct fault *fault);

/** A service was seen to name ${kid}, or may: it is needed for ever. "" is none. Errors: FAULT_SYSTEM. */
bool replay_note_reference(struct history *history, const char *kid, struct fault *fault)
    __attribute__((warn_unused_result));

/** Something of the rotation failed: when, where, and in which words. */
void replay_note_failure(struct history_rotation *rotation, const struct journal_record *record);

#endif
