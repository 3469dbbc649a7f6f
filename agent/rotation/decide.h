#ifndef DECIDE_H
#define DECIDE_H

#include "facts.h"

/*
 * What to do next: one step or a time to wait, and the reason in words. Pure: no I/O, no clock but facts' own.
 */

enum decision_kind {
	DECISION_IDLE = 1,	/* nothing is due; until_ms is when it will be, 0 for never by itself */
	DECISION_START,		/* begin a rotation */
	DECISION_STEP,		/* act on step (and service) */
	DECISION_RECORD,	/* a look shows that the step is done: record it */
	DECISION_WAIT,		/* look again at until_ms */
	DECISION_BLOCKED,	/* an operator has to do something first */
	DECISION_FAIL,		/* record that the service failed, so that it is put back */
	DECISION_FINISH		/* every row is done: end the rotation */
};

struct decision {
	enum decision_kind kind;
	enum step_id step;
	size_t service;
	int64_t until_ms;
	char reason[HISTORY_REASON_MAX];
};

/** Decide. ${force}: an operator asks for a rotation, due or not. */
void decide(const struct facts *facts, bool force, struct decision *ret_decision);

/** Which parts must be looked at so that decide can decide. */
unsigned decide_needs(const struct history *history, const struct policy *policy, bool force);

/** Whether the journal says that ${step} (of ${service}) is done. */
bool decide_recorded(const struct facts *facts, enum step_id step, size_t service);

#endif
