#ifndef CMDTABLE_H
#define CMDTABLE_H

#include "fault.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The table of commands. Dispatch, help, usage and the manual page's list read it; columns hold what a command needs and
 * whether it changes anything.
 */

struct call;

/** Do the command. What it finds wrong without failing goes into call->status. */
typedef bool cmd_handler(struct call *call, struct fault *fault);

enum { CMD_ANY_NUMBER = 1000000 };

struct cmd {
	const char *name;		/* one word or two */
	const char *arguments;		/* as in the usage line: "POLICY", "[POLICY...]", "" */
	const char *summary;		/* what it does, in one line */
	const char *details;		/* what else its help says */
	size_t least, most;		/* how many arguments */
	uint64_t options, required;	/* OPTION_BIT()s beside the global ones */
	unsigned needs;			/* CLI_ bits */
	bool changes;			/* anything at all: HSM, Azure, journal, files */
	cmd_handler *handler;
};

/** The whole table. */
const struct cmd *cmdtable(size_t *ret_count);

/** The row of that name ("kek enroll"), or NULL. */
const struct cmd *cmdtable_find(const char *name);

#endif
