#ifndef RUNNER_H
#define RUNNER_H

#include "decide.h"
#include "observe.h"

/*
 * One turn: look, decide, take one step with look - intent - act - look - outcome around it, or say until when to wait.
 */

enum runner_state {
	RUNNER_IDLE = 1,	/* nothing is due */
	RUNNER_WENT_ON,		/* a step was taken: look again at once */
	RUNNER_WAITING,		/* until until_ms */
	RUNNER_FINISHED		/* the rotation is at its end */
};

struct runner_turn {
	enum runner_state state;
	int64_t until_ms;	/* of IDLE (0: never by itself) and WAITING */
	char reason[HISTORY_REASON_MAX];
};

/**
 * runner_turn(observer, force, ret_turn, fault):
 * Take one turn for the policy, under its lock. ${force}: an operator asks for a rotation.
 * A failed or refused step is recorded before false is returned.
 * Errors: FAULT_REFUSED, an invariant or a check stands against it; FAULT_RETRY, the policy is held by somebody else; and those
 *         of the steps.
 */
bool runner_turn(struct observer *observer, bool force, struct runner_turn *ret_turn,
    struct fault *fault) __attribute__((warn_unused_result));

#endif
