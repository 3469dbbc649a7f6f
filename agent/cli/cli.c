#include "cli.h"

#include "call.h"
#include "clock.h"
#include "help.h"
#include "scope.h"

#include <string.h>

/* Whether --json was given, as far as can be told of a command line that may be wrong. */
static bool
wants_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--json") == 0)
			return true;
	return false;
}

/* {"v": 1, what the command found out, "error" if it failed}. */
static void
print_document(struct call *call, const struct fault *fault)
{
	SCOPE(json) json_t *document = json_pack("{s:i}", "v", 1);

	if (document == NULL)
		return;
	if (call->document != NULL)
		json_object_update(document, call->document);
	if (fault != NULL)
		json_object_set_new(document, "error", call_error(fault));

	/* A person gets it in lines, a program in one. */
	json_dumpf(document, call->out.file, call->out.interactive ? JSON_INDENT(2) : JSON_COMPACT);
	putc('\n', call->out.file);
}

/* Say where more is to be read, unless something else than the command line was wrong. */
static void
point_to_help(struct call *call)
{
	const struct cmd *cmd = call->arguments != NULL ? call->arguments->cmd : NULL;

	if (!call->json)
		terminal_line(&call->err, STYLE_PLAIN, "Try 'keyturn help%s%s'.", cmd != NULL ? " " : "",
		    cmd != NULL ? cmd->name : "");
}

/* The one place where a fault that ended a command is told. */
static void
finish(struct call *call, bool fine, const struct fault *fault)
{
	if (!fine) {
		call->status = exitstatus_of(fault->code);
		call_tell(call, NULL, fault);
		if (fault->code == FAULT_USAGE)
			point_to_help(call);
	}
	if (call->json)
		print_document(call, fine ? NULL : fault);
}

/* Read the policies. Bad ones are no fault yet: what they mean, the command decides. */
static bool
load_policies(struct call *call, struct fault *fault)
{
	if (policy_load(call->world.policies, &call->policies, &call->problems, fault))
		return true;
	return problems_total(&call->problems) > 0;
}

/* Someone who only looks before anything was recorded should know why there is little to see. */
static void
say_no_journal(struct call *call, unsigned needs)
{
	if ((needs & CLI_JOURNAL_READ) != 0 && call->world.engine.journal == NULL && !call->json)
		terminal_line(&call->err, STYLE_PLAIN, "keyturn: there is no journal in %s yet: nothing was recorded so far",
		    call->world.engine.state);
}

/* Run a command in the world that it needs, which is open. */
static bool
act(struct call *call, unsigned needs, struct fault *fault)
{
	const struct cmd *cmd = call->arguments->cmd;
	enum progress_form form = call->json ? PROGRESS_JSON : call->err.interactive ? PROGRESS_LIVE : PROGRESS_PLAIN;

	if ((needs & CLI_POLICIES) != 0 && !load_policies(call, fault))
		return false;
	say_no_journal(call, needs);
	call->progress = progress_open(&call->err, form, call->wiring->clock);
	call->world.engine.listener = progress_listener(call->progress);
	call->world.engine.reason = call->arguments->value[OPTION_REASON];
	call->world.engine.ticket = call->arguments->value[OPTION_TICKET];
	bool fine = cmd->handler(call, fault);
	progress_close(call->progress);
	call->progress = NULL;
	return fine;
}

/* Have main open just what the command needs; a command that needs nothing runs in an empty world. */
static bool
open_and_act(struct call *call, struct fault *fault)
{
	const struct arguments *arguments = call->arguments;
	struct cli_request request = {
		.needs = arguments_needs(arguments),
		.config = arguments->value[OPTION_CONFIG],
		.module = arguments->value[OPTION_MODULE],
		.allowed_kek = arguments->value[OPTION_KEK_SHA256],
		.accept_zero_padded = arguments_have(arguments, OPTION_ACCEPT_ZERO_PADDED),
	};

	if (request.needs == 0)
		return act(call, 0, fault);
	if (!call->wiring->open(call->wiring->context, &request, &call->world, &call->problems, fault)) {
		/* A single problem is the fault itself. */
		if (problems_total(&call->problems) > 1)
			call_tell_problems(call);
		if (call->json && problems_total(&call->problems) > 0)
			call->document = json_pack("{s:o}", "problems", call_problems(call));
		return false;
	}
	bool fine = act(call, request.needs, fault);
	call->wiring->close(call->wiring->context);
	return fine;
}

/* --version and --help come before everything that could go wrong. */
static bool
dispatch(struct call *call, struct fault *fault)
{
	const struct arguments *arguments = call->arguments;

	if (arguments_have(arguments, OPTION_VERSION)) {
		call->document = json_pack("{s:s}", "version", call->wiring->version);
		if (!call->json)
			terminal_line(&call->out, STYLE_PLAIN, "%s", call->wiring->version);
		return true;
	}
	if (arguments_have(arguments, OPTION_HELP)) {
		call->document = call->json ? help_document() : NULL;
		if (!call->json && arguments->cmd != NULL)
			help_print_command(&call->out, arguments->cmd);
		else if (!call->json)
			help_print(&call->out, call->wiring->version);
		return true;
	}
	return open_and_act(call, fault);
}

/* Output that did not arrive is a failure too: a full disk must not look like a finding-free report. */
static void
check_output(struct call *call)
{
	if (fflush(call->out.file) == 0 && !ferror(call->out.file))
		return;
	terminal_line(&call->err, STYLE_PLAIN, "keyturn: the output could not be written");
	call->status = exitstatus_worse(call->status, EXITSTATUS_SYSTEM);
}

int
cli_run(int argc, char **argv, const struct cli_wiring *wiring, const struct cli_streams *streams)
{
	SCOPE(arguments) struct arguments arguments = { .cmd = NULL };
	struct call call = { .wiring = wiring, .in = streams->in, .json = wants_json(argc, argv) };
	struct fault fault = { .code = FAULT_INTERNAL, .text = "No reason was given" };
	size_t count;
	const struct cmd *cmds = cmdtable(&count);

	terminal_open(streams->out, &call.out);
	terminal_open(streams->err, &call.err);
	bool fine = arguments_parse(argc, argv, cmds, count, &arguments, &fault);
	if (fine) {
		call.arguments = &arguments;
		fine = dispatch(&call, &fault);
	}
	finish(&call, fine, &fault);
	check_output(&call);
	json_decref(call.document);
	policy_set_clear(&call.policies);
	problems_clear(&call.problems);
	return call.status;
}
