#ifndef STEPNAME_H
#define STEPNAME_H

/*
 * The steps of a rotation in their order, and their names in the journal.  Repoint and confirm are taken service by service.
 * Undo stands outside the order: it is taken when a repoint failed.
 */
enum step_id {
	STEP_READY,
	STEP_KEK,
	STEP_GENERATE,
	STEP_WRAP,
	STEP_IMPORT,
	STEP_PROVE,
	STEP_RECOVER,
	STEP_SEAL,
	STEP_REPOINT,
	STEP_CONFIRM,
	STEP_GUARD,
	STEP_UNDO,
	STEP_COUNT
};

/* Records that are about a rotation or policy as a whole. */
#define STEP_NAME_ROTATE "rotate"
#define STEP_NAME_ADOPT "adopt"
#define STEP_NAME_ROLLBACK "rollback"
#define STEP_NAME_REVALIDATE "revalidate"
#define STEP_NAME_ENROLL "enroll"
#define STEP_NAME_SWEEP "sweep"
#define STEP_NAME_OBSERVE "observe"
#define STEP_NAME_BYOK "byok"

/** "ready", "kek", …: as in journal and plan. */
const char *stepname_print(enum step_id step);

/** The step of that name; STEP_COUNT if it names none. */
enum step_id stepname_parse(const char *name);

#endif
