#ifndef LOOK_H
#define LOOK_H

#include "facts.h"

/*
 * One look per step: what facts say of it, without I/O.  A look can tell "already done" from the outside, so an answer that
 * was lost on the way does no harm.
 */

enum look_state {
	LOOK_DONE = 1,
	LOOK_TODO,		/* act */
	LOOK_WAIT,		/* look again at until_ms */
	LOOK_BLOCKED,		/* an operator has to do something: text says what */
	LOOK_FAILED		/* of a service: put it back */
};

struct look {
	enum look_state state;
	int64_t until_ms;	/* wall time, of LOOK_WAIT */
	char text[HISTORY_REASON_MAX];	/* one sentence */
};

/** Look at ${step}; ${service} is an index for repoint, confirm and undo and ignored by others. */
void look_at(const struct facts *facts, enum step_id step, size_t service, struct look *ret_look);

/** Fill a look. */
void look_set(struct look *look, enum look_state state, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
