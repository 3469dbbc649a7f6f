#include "help.h"

#include "arguments.h"
#include "exitstatus.h"

#include <string.h>

enum { INDENT = 2, NAME_COLUMN = 16, OPTION_COLUMN = 24 };

/* A label in a column of its own, then a text that is wrapped beside it. */
static void
print_entry(const struct terminal *terminal, const char *label, unsigned column, const char *text)
{
	unsigned used = INDENT + (unsigned)strlen(label);

	fprintf(terminal->file, "%*s", INDENT, "");
	terminal_put(terminal, STYLE_STRONG, label);
	if (used + 2 > column)
		fprintf(terminal->file, "\n%*s", (int)column, "");
	else
		fprintf(terminal->file, "%*s", (int)(column - used), "");
	terminal_flow(terminal, column, column, text);
}

static void
print_options(const struct terminal *terminal, uint64_t options, uint64_t required)
{
	for (int i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = option_row((enum option_id)i);
		char label[64], text[256];

		if ((options & OPTION_BIT(i)) == 0)
			continue;
		snprintf(label, sizeof label, "--%s%s%s", row->name, row->value != NULL ? " " : "",
		    row->value != NULL ? row->value : "");
		snprintf(text, sizeof text, "%s%s", row->help, (required & OPTION_BIT(i)) != 0 ? " (required)" : "");
		print_entry(terminal, label, OPTION_COLUMN, text);
	}
}

void
help_print(const struct terminal *terminal, const char *version)
{
	size_t count;
	const struct cmd *cmds = cmdtable(&count);
	const char *meaning;
	int status;

	terminal_line(terminal, STYLE_STRONG, "%s", version);
	terminal_paragraph(terminal, 0, "Carries keys from your HSM into Azure Key Vault, rotates them on policy, and "
	    "points FHIR and DICOM services at each new version.");
	fprintf(terminal->file, "\nUsage: keyturn COMMAND [ARGUMENT...] [OPTION...]\n");

	/* Those that change something are set apart from those that only look. */
	for (int changes = 0; changes < 2; changes++) {
		fprintf(terminal->file, "\n%s\n", changes ? "Commands that change something" : "Commands that only look");
		for (size_t i = 0; i < count; i++)
			if (cmds[i].changes == (changes != 0))
				print_entry(terminal, cmds[i].name, NAME_COLUMN, cmds[i].summary);
	}

	fprintf(terminal->file, "\nOptions of every command\n");
	print_options(terminal, OPTIONS_GLOBAL, 0);
	fprintf(terminal->file, "\n--json\n");
	terminal_paragraph(terminal, INDENT, "One document on standard output: {\"v\":1, ...} for one policy named, "
	    "{\"v\":1,\"policies\":[...]} for several or all. What failed carries \"error\": {\"code\", \"text\"}, also "
	    "when nothing else could be told. Standard error then carries events, one JSON object a line.");
	fprintf(terminal->file, "\nExit status\n");
	for (unsigned i = 0; exitstatus_at(i, &status, &meaning); i++) {
		char label[16];

		snprintf(label, sizeof label, "%d", status);
		print_entry(terminal, label, INDENT + 4, meaning);
	}
	fprintf(terminal->file, "\n'keyturn help COMMAND' explains a command.\n");
}

void
help_print_command(const struct terminal *terminal, const struct cmd *cmd)
{
	terminal_line(terminal, STYLE_STRONG, "keyturn %s%s%s%s", cmd->name, cmd->arguments[0] != '\0' ? " " : "",
	    cmd->arguments, cmd->options != 0 ? " [OPTION...]" : "");
	terminal_paragraph(terminal, INDENT, "%c%s.", cmd->summary[0] - 'a' + 'A', cmd->summary + 1);
	if (cmd->details[0] != '\0') {
		putc('\n', terminal->file);
		terminal_paragraph(terminal, INDENT, "%s", cmd->details);
	}
	if (cmd->options != 0) {
		fprintf(terminal->file, "\nOptions\n");
		print_options(terminal, cmd->options, cmd->required);
	}
	fprintf(terminal->file, "\nOptions of every command\n");
	print_options(terminal, OPTIONS_GLOBAL, 0);
	putc('\n', terminal->file);
	terminal_paragraph(terminal, INDENT, cmd->changes ? "This command changes something." :
	    "This command only looks.");
}

static json_t *
options_document(const struct cmd *cmd)
{
	json_t *options = json_array();

	for (int i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = option_row((enum option_id)i);

		if (((cmd->options | OPTIONS_GLOBAL) & OPTION_BIT(i)) != 0)
			json_array_append_new(options, json_pack("{s:s, s:s?, s:s, s:b}", "name", row->name,
			    "value", row->value, "help", row->help, "required",
			    (cmd->required & OPTION_BIT(i)) != 0));
	}
	return options;
}

json_t *
help_document(void)
{
	size_t count;
	const struct cmd *cmds = cmdtable(&count);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:b, s:o}", "name", cmds[i].name,
		    "arguments", cmds[i].arguments, "summary", cmds[i].summary, "details", cmds[i].details,
		    "changes", cmds[i].changes, "options", options_document(&cmds[i])));
	return json_pack("{s:o}", "commands", list);
}
