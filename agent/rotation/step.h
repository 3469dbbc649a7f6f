#ifndef STEP_H
#define STEP_H

#include "observe.h"

/*
 * The table of steps: what each does, and what it writes into the journal.  How to see whether a step is done stands in
 * look.h; in which order they come, in decide.h; the frame around each act, in runner.h.
 */

/* One step being taken. */
struct stage {
	struct observer *observer;
	const struct facts *facts;	/* of the look before; of the look after, when the outcome is written */
	size_t service;
	json_t *result;			/* object: what the act adds to the outcome; owned by the runner */
	bool took_effect;		/* set by an act: whatever fails from here on, the world has changed */
};

struct step {
	/* Announced in the journal, synced, before it acts. NULL: it only looks. */
	bool (*act)(struct stage *stage, struct fault *fault);
	/* Members of the intent's detail, a new reference. */
	json_t *(*intent)(const struct stage *stage);
	/* Members of the outcome's detail, a new reference. */
	json_t *(*outcome)(const struct stage *stage);
};

/** The row of ${step}. */
const struct step *step_row(enum step_id step);

/** Name of the service of ${stage} for steps that have one, else "". */
const char *step_service_name(const struct stage *stage, enum step_id step);

#endif
