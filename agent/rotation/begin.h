#ifndef BEGIN_H
#define BEGIN_H

#include "observe.h"

/*
 * The two ends of a rotation.
 */

/**
 * begin_rotation(observer, by_operator, reason, fault):
 * Look at everything; if all is ready, record the start under a new 128-bit id, with what each service names and answers now, and
 * step ready as done. Otherwise record the refusal.
 * Errors: FAULT_REFUSED, with the first thing that stands against it and what to do.
 */
bool begin_rotation(struct observer *observer, bool by_operator, const char *reason,
    struct fault *fault) __attribute__((warn_unused_result));

/** One correlation id for all calls of rotation ${id}, in whichever process: its own id, in the form of a UUID. */
void begin_correlate(struct observer *observer, const char *id);

/** Record the end of the open rotation and write the journal's head. */
bool end_rotation(struct observer *observer, const struct facts *facts, struct fault *fault)
    __attribute__((warn_unused_result));

#endif
