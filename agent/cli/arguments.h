#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include "fault.h"

#include <stddef.h>

/*
 * The command line taken apart by two tables: the options below and the commands of cmdtable.h. No I/O.
 */

enum option_id {
	OPTION_CONFIG, OPTION_JSON, OPTION_REASON, OPTION_TICKET, OPTION_HELP, OPTION_VERSION,	/* of every command */
	OPTION_EXIT_CODE, OPTION_ONCE, OPTION_RECORDED, OPTION_TO, OPTION_FINGERPRINT, OPTION_YES,
	OPTION_KEY, OPTION_KEK, OPTION_KEK_SHA256, OPTION_KID, OPTION_OUT, OPTION_ACCEPT_ZERO_PADDED,
	OPTION_MODULE, OPTION_PUBLIC_KEY, OPTION_POLICY, OPTION_ROTATION, OPTION_SINCE, OPTION_OFFLINE,
	OPTION_JOURNAL,
	OPTION_COUNT
};

#define OPTION_BIT(option) (1ULL << (option))
#define OPTIONS_GLOBAL (OPTION_BIT(OPTION_VERSION + 1) - 1)

struct option_row {
	const char *name;	/* without dashes */
	const char *value;	/* what its value is called in the help; NULL: it takes none */
	const char *help;
	unsigned drops;		/* CLI_ bits: what its command needs no longer */
};

/** The row of an option. */
const struct option_row *option_row(enum option_id option);

struct cmd;

struct arguments {
	const struct cmd *cmd;			/* NULL: none named, and --help or --version given */
	const char *value[OPTION_COUNT];	/* NULL: not given; "" for one without a value; borrowed from argv */
	const char **list;			/* arguments after the command, borrowed from argv; the list is owned */
	size_t count;
};

/**
 * arguments_parse(argc, argv, cmds, cmd_count, ret_arguments, fault):
 * Options may stand anywhere; "--" ends them. Each may be given once, and only to commands that know it. --help excuses whatever else is missing.
 * Errors: FAULT_USAGE, with the nearest name where one is near. On success the caller clears ${*ret_arguments}.
 */
bool arguments_parse(int argc, char **argv, const struct cmd *cmds, size_t cmd_count,
    struct arguments *ret_arguments, struct fault *fault) __attribute__((warn_unused_result));

/** Whether an option was given. */
static inline bool
arguments_have(const struct arguments *arguments, enum option_id option)
{
	return arguments->value[option] != NULL;
}

/** What the command needs to run, with what its options drop (CLI_ bits). */
unsigned arguments_needs(const struct arguments *arguments);

void arguments_clear(struct arguments *arguments);

static inline void
scope_arguments(struct arguments *arguments)
{
	arguments_clear(arguments);
}

#endif
