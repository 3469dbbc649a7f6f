#ifndef CLI_H
#define CLI_H

#include "engine.h"

#include <stdio.h>

/*
 * The command line: cmdtable.c lists the commands; each lies in a file of its own, cmd_NAME.c. What a command needs is a
 * column of that table, and main opens just that, through the wiring below; so the room knows nothing of settings, curl and
 * modules, and `help` or `byok inspect` loads none of them.
 */

enum {
	CLI_SETTINGS = 1,	/* the settings file; implied by all but CLI_HSM */
	CLI_POLICIES = 2,	/* the folder of policies */
	CLI_JOURNAL_READ = 4,	/* the journal, if there is one */
	CLI_JOURNAL_WRITE = 8,	/* the journal, started where there is none */
	CLI_AZURE = 16,		/* a client of Azure */
	CLI_HSM = 32		/* an opener of tokens: of those in the settings, or without CLI_SETTINGS of any token by its URI */
};

struct problems;

/* What main is asked to open. All text is borrowed for the whole run. */
struct cli_request {
	unsigned needs;			/* CLI_ bits, with what they imply */
	const char *config;		/* the settings file, as --config names it; NULL: KEYTURN_CONFIG or the default */

	/* For CLI_HSM without CLI_SETTINGS. */
	const char *module;		/* path of the PKCS #11 module; NULL: the URI's module-path */
	const char *allowed_kek;	/* SHA-256 in hex of the KEK that counts as enrolled, or NULL */
	bool accept_zero_padded;
};

/* What main opened; it stays main's and valid until close. */
struct cli_world {
	struct engine engine;		/* listener, reason and ticket are the room's to fill */
	const char *policies;		/* folder; NULL without CLI_POLICIES */
	const char *const *tokens;	/* PKCS #11 URIs of the settings' list */
	size_t token_count;
};

struct cli_wiring {
	void *context;

	/**
	 * Open what is asked for, in one call, before the command runs. What is wrong with the settings comes out in ${problems}. On failure
	 * nothing is left for the room to close.
	 */
	bool (*open)(void *context, const struct cli_request *request, struct cli_world *ret_world,
	    struct problems *problems, struct fault *fault);

	/** Release it all. Called once after each open that succeeded. */
	void (*close)(void *context);

	const struct clock *clock;	/* for progress and ages; open's engine has the same */
	const char *version;		/* "keyturn 0.1.0" */
};

/* Where a run reads and prints. */
struct cli_streams {
	FILE *in, *out, *err;
};

/**
 * cli_run(argc, argv, wiring, streams):
 * Parse, open, do, print, close. Uses getopt_long, hence one run at a time.
 * Returns the exit status (exitstatus.h).
 */
int cli_run(int argc, char **argv, const struct cli_wiring *wiring, const struct cli_streams *streams);

#endif
