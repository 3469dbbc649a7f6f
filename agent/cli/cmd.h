#ifndef CMD_H
#define CMD_H

#include "arguments.h"
#include "cli.h"
#include "cmdtable.h"
#include "exitstatus.h"
#include "policy.h"
#include "problems.h"
#include "progress.h"
#include "terminal.h"

#include <jansson.h>

/* One run of one command: what its handler has to work with. */
struct call {
	const struct arguments *arguments;
	const struct cli_wiring *wiring;
	struct cli_world world;
	struct policy_set policies;		/* the good ones */
	struct problems problems;		/* of the others */
	struct progress *progress;
	struct terminal out, err;
	FILE *in;
	bool json;				/* print the document, and nothing for people */
	json_t *document;			/* object, owned: what --json prints */
	int status;				/* exit status as far as known */
};

/* The handlers; each lies in the file of its name. */
cmd_handler cmd_adopt, cmd_audit_show, cmd_audit_verify, cmd_byok_create, cmd_byok_import, cmd_byok_inspect, cmd_check,
    cmd_help, cmd_hsm_check, cmd_hsm_list, cmd_kek_enroll, cmd_plan, cmd_revalidate, cmd_rollback, cmd_rotate, cmd_run,
    cmd_status, cmd_versions;

#endif
