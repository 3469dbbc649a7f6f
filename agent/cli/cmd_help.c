#include "cmd.h"

#include "help.h"
#include "nearest.h"

bool
cmd_help(struct call *call, struct fault *fault)
{
	const struct arguments *arguments = call->arguments;
	char name[NEAREST_TEXT], text[NEAREST_TEXT];
	struct nearest nearest = { .word = name };
	size_t count;
	const struct cmd *cmds = cmdtable(&count);

	/* The whole table is the document whatever was asked about: a program can pick. */
	if (call->json) {
		call->document = help_document();
		return true;
	}
	if (arguments->count == 0) {
		help_print(&call->out, call->wiring->version);
		return true;
	}

	/* A command of two words may be given as two words. */
	snprintf(name, sizeof name, "%.50s%s%.50s", arguments->list[0], arguments->count > 1 ? " " : "",
	    arguments->count > 1 ? arguments->list[1] : "");
	const struct cmd *cmd = cmdtable_find(name);
	for (size_t i = 0; i < count; i++)
		nearest_offer(&nearest, cmds[i].name);
	if (cmd == NULL)
		return fault_set(fault, FAULT_USAGE, "There is no command '%s'%s", name,
		    nearest_print(&nearest, "", text));
	help_print_command(&call->out, cmd);
	return true;
}
