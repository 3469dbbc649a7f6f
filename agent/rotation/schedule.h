#ifndef SCHEDULE_H
#define SCHEDULE_H

#include "facts.h"

/*
 * When the next rotation is due: so far only "`every` has passed since the last one".
 */

enum { SCHEDULE_REASON = 300 };

/**
 * schedule_next(facts, ret_due_ms, reason):
 * Whether the policy has a schedule that lets a rotation become due by itself; then ${*ret_due_ms} is the moment (wall time,
 * perhaps past) and ${reason} says why in words. Without one, ${reason} says that.
 */
bool schedule_next(const struct facts *facts, int64_t *ret_due_ms, char reason[static SCHEDULE_REASON]);

#endif
