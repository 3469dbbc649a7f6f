#ifndef ENGINE_H
#define ENGINE_H

#include "clock.h"
#include "disk.h"
#include "fault.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Everything that work on a policy needs, built by main and handed down: the ports to the HSM, Azure, disk and clock, the
 * journal, and a listener for progress.  What a command does not need is NULL.
 */

struct azure;
struct hsm_opener;
struct journal;

enum engine_event_kind {
	ENGINE_STEP_STARTED = 1,	/* the intent is on disk, the act begins */
	ENGINE_STEP_DONE,		/* done now */
	ENGINE_STEP_FOUND,		/* a look showed that it was done already */
	ENGINE_STEP_FAILED,		/* text says why */
	ENGINE_WAITING,			/* until_ms: when the next look is due */
	ENGINE_NOTE,			/* worth knowing */
	ENGINE_WARNING			/* worth acting on */
};

/* Progress, for people and --json. Valid during the call only. */
struct engine_event {
	enum engine_event_kind kind;
	const char *policy;
	const char *step;		/* "" where the event is about none */
	const char *service;		/* name of the service of a repoint or confirm, else "" */
	const char *text;		/* one sentence */
	int64_t elapsed_ms;		/* since the step started; 0 where none runs */
	int64_t until_ms;		/* of ENGINE_WAITING: wall time */
};

struct engine_listener {
	void *context;
	void (*hear)(void *context, const struct engine_event *event);
};

struct engine {
	const struct clock *clock;
	const struct disk *disk;
	struct journal *journal;		/* NULL where there is none yet and the command only reads */
	struct azure *azure;			/* NULL where the command does not ask Azure */
	const struct hsm_opener *hsms;		/* NULL where the command does not ask the HSM */
	struct engine_listener listener;	/* hear may be NULL */
	const char *state;			/* the state folder */
	const char *program;			/* "keyturn 0.1.0" */
	const char *managed_hsm_suffix;		/* host suffix whose vaults settle more slowly */
	const char *reason, *ticket;		/* of the operator; may be NULL */
	bool rehearsal;
	int64_t settling_ms;			/* 0: as the kind of vault wants; other values in rehearsals only */
};

#endif
