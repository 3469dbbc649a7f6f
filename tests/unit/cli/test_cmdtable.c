#include "arguments.h"
#include "cli.h"
#include "cmdtable.h"
#include "fake_rotation.h"
#include "help.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
every_row_is_whole(void **state)
{
	size_t count;
	const struct cmd *cmds = cmdtable(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const struct cmd *cmd = &cmds[i];

		assert_non_null(cmd->name);
		assert_non_null(cmd->arguments);
		assert_non_null(cmd->details);
		assert_non_null(cmd->handler);
		assert_true(islower((unsigned char)cmd->summary[0]));
		assert_true(cmd->summary[strlen(cmd->summary) - 1] != '.');
		assert_true(cmd->least <= cmd->most);
		assert_int_equal(cmd->most > 0, cmd->arguments[0] != '\0');
		assert_int_equal(cmd->least > 0, cmd->arguments[0] != '\0' && cmd->arguments[0] != '[');
		for (size_t other = 0; other < i; other++)
			assert_string_not_equal(cmd->name, cmds[other].name);
	}
}

static void
what_is_required_is_also_allowed_and_no_global_option_is_named_again(void **state)
{
	size_t count;
	const struct cmd *cmds = cmdtable(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		assert_true((cmds[i].required & ~cmds[i].options) == 0);
		assert_true((cmds[i].options & OPTIONS_GLOBAL) == 0);
	}
}

static void
every_option_belongs_to_a_command(void **state)
{
	size_t count;
	const struct cmd *cmds = cmdtable(&count);
	uint64_t used = OPTIONS_GLOBAL;

	(void)state;
	for (size_t i = 0; i < count; i++)
		used |= cmds[i].options;
	assert_true(used == OPTION_BIT(OPTION_COUNT) - 1);
}

static void
what_only_looks_never_opens_the_journal_for_writing(void **state)
{
	size_t count;
	const struct cmd *cmds = cmdtable(&count);

	(void)state;
	for (size_t i = 0; i < count; i++)
		if (!cmds[i].changes)
			assert_true((cmds[i].needs & CLI_JOURNAL_WRITE) == 0);
		else
			assert_true((cmds[i].needs & (CLI_JOURNAL_WRITE | CLI_SETTINGS)) != CLI_SETTINGS);
}

static void
the_commands_of_the_design_are_all_there(void **state)
{
	static const char *const names[] = { "check", "plan", "rotate", "run", "status", "versions", "adopt", "kek enroll",
		"rollback", "revalidate", "hsm check", "hsm list", "byok create", "byok inspect", "byok import",
		"audit show", "audit verify", "help" };
	size_t count;

	(void)state;
	cmdtable(&count);
	assert_int_equal(count, sizeof names / sizeof names[0]);
	for (size_t i = 0; i < count; i++)
		assert_non_null(cmdtable_find(names[i]));
	assert_null(cmdtable_find("kek"));
}

static void
the_help_names_every_command_and_option_within_80_columns(void **state)
{
	char *text = NULL;
	size_t size, count;
	const struct cmd *cmds = cmdtable(&count);
	struct terminal terminal = { .file = open_memstream(&text, &size), .width = 80 };

	(void)state;
	help_print(&terminal, "keyturn 9.9");
	for (size_t i = 0; i < count; i++)
		help_print_command(&terminal, &cmds[i]);
	fclose(terminal.file);
	for (size_t i = 0; i < count; i++)
		assert_non_null(strstr(text, cmds[i].name));
	for (int i = 0; i < OPTION_COUNT; i++)
		assert_non_null(strstr(text, option_row((enum option_id)i)->name));
	for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 80);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_whole),
		cmocka_unit_test(what_is_required_is_also_allowed_and_no_global_option_is_named_again),
		cmocka_unit_test(every_option_belongs_to_a_command),
		cmocka_unit_test(what_only_looks_never_opens_the_journal_for_writing),
		cmocka_unit_test(the_commands_of_the_design_are_all_there),
		cmocka_unit_test(the_help_names_every_command_and_option_within_80_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
