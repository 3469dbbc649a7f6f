#include "arguments.h"
#include "cli.h"
#include "cmdtable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { WORDS_MAX = 16 };

static bool
do_nothing(struct call *call, struct fault *fault)
{
	(void)call;
	(void)fault;
	return true;
}

/* A small table of our own: the parser knows tables, not commands. */
static const struct cmd cmds[] = {
	{ .name = "status", .arguments = "[POLICY...]", .most = CMD_ANY_NUMBER, .options = OPTION_BIT(OPTION_RECORDED),
	    .needs = CLI_POLICIES | CLI_JOURNAL_READ | CLI_AZURE, .handler = do_nothing },
	{ .name = "rollback", .arguments = "POLICY", .least = 1, .most = 1, .options = OPTION_BIT(OPTION_TO),
	    .handler = do_nothing },
	{ .name = "kek enroll", .arguments = "POLICY", .least = 1, .most = 1, .handler = do_nothing },
	{ .name = "byok create", .arguments = "", .options = OPTION_BIT(OPTION_KEY), .required = OPTION_BIT(OPTION_KEY),
	    .needs = CLI_HSM, .handler = do_nothing },
	{ .name = "audit verify", .arguments = "", .options = OPTION_BIT(OPTION_OFFLINE) | OPTION_BIT(OPTION_JOURNAL),
	    .needs = CLI_SETTINGS | CLI_POLICIES | CLI_AZURE, .handler = do_nothing },
};

/* Parse "keyturn WORDS", split at blanks. The words live as long as the program. */
static bool
parse(const char *line, struct arguments *ret_arguments, struct fault *fault)
{
	static char text[512];
	static char *words[WORDS_MAX];
	int count = 0;

	snprintf(text, sizeof text, "keyturn %s", line);
	for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " "))
		words[count++] = word;
	words[count] = NULL;
	return arguments_parse(count, words, cmds, sizeof cmds / sizeof cmds[0], ret_arguments, fault);
}

static void
options_may_stand_anywhere(void **state)
{
	static const char *const lines[] = {
		"--json --reason audit status a b", "status a --json b --reason=audit", "status --reason audit a b --json",
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct arguments arguments;
		struct fault fault;

		assert_true(parse(lines[i], &arguments, &fault));
		assert_string_equal(arguments.cmd->name, "status");
		assert_true(arguments_have(&arguments, OPTION_JSON));
		assert_string_equal(arguments.value[OPTION_REASON], "audit");
		assert_null(arguments.value[OPTION_TICKET]);
		assert_int_equal(arguments.count, 2);
		assert_string_equal(arguments.list[0], "a");
		assert_string_equal(arguments.list[1], "b");
		arguments_clear(&arguments);
	}
}

static void
two_dashes_end_the_options(void **state)
{
	struct arguments arguments;
	struct fault fault;

	(void)state;
	assert_true(parse("status -- --json", &arguments, &fault));
	assert_false(arguments_have(&arguments, OPTION_JSON));
	assert_string_equal(arguments.list[0], "--json");
	arguments_clear(&arguments);
}

static void
commands_of_two_words_are_found(void **state)
{
	struct arguments arguments;
	struct fault fault;

	(void)state;
	assert_true(parse("kek --json enroll p", &arguments, &fault));
	assert_string_equal(arguments.cmd->name, "kek enroll");
	assert_int_equal(arguments.count, 1);
	assert_string_equal(arguments.list[0], "p");
	arguments_clear(&arguments);
}

static void
a_wrong_line_is_refused_and_the_right_one_suggested(void **state)
{
	static const struct { const char *line, *says; } cases[] = {
		{ "", "Which command?" },
		{ "stauts", "did you mean 'status'?" },
		{ "xyzzy", "Unknown command 'xyzzy'" },
		{ "kek", "as in 'keyturn kek enroll'" },
		{ "kek enrol p", "did you mean 'kek enroll'?" },
		{ "kek frob p", "Unknown command 'kek frob'; after 'kek' comes one of: 'enroll'" },
		{ "status a b a", "'status' is given 'a' twice; name each once" },
		{ "audit", "as in 'keyturn audit verify'" },
		{ "status --recoded", "did you mean '--recorded'?" },
		{ "status --frobnicate", "Unknown option '--frobnicate'" },
		{ "status -x", "Unknown option '-x'" },
		{ "status --json=yes", "--json takes no value" },
		{ "status --json --json", "--json is given twice" },
		{ "status --reason", "--reason wants a value: TEXT" },
		{ "status --reason=", "--reason is empty" },
		{ "status --to v", "'status' has no option --to" },
		{ "rollback", "'rollback' wants POLICY" },
		{ "rollback a b", "'rollback' does not take 'b'" },
		{ "byok create", "'byok create' wants --key URI" },
		{ "byok create --key u extra", "'byok create' does not take 'extra'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arguments arguments;
		struct fault fault = { .code = FAULT_INTERNAL, .text = "" };

		assert_false(parse(cases[i].line, &arguments, &fault));
		assert_int_equal(fault.code, FAULT_USAGE);
		if (strstr(fault.text, cases[i].says) == NULL)
			fail_msg("'%s' says: %s", cases[i].line, fault.text);
	}
}

static void
help_and_version_excuse_what_is_missing(void **state)
{
	static const char *const lines[] = { "--help", "-h", "--version", "rollback --help", "byok create -h" };

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct arguments arguments;
		struct fault fault;

		assert_true(parse(lines[i], &arguments, &fault));
		arguments_clear(&arguments);
	}
}

static void
options_drop_what_a_command_needs_no_longer(void **state)
{
	static const struct { const char *line; unsigned needs; } cases[] = {
		{ "status", CLI_SETTINGS | CLI_POLICIES | CLI_JOURNAL_READ | CLI_AZURE },
		{ "status --recorded", CLI_SETTINGS | CLI_POLICIES | CLI_JOURNAL_READ },
		{ "byok create --key u", CLI_HSM },
		{ "audit verify", CLI_SETTINGS | CLI_POLICIES | CLI_AZURE },
		{ "audit verify --offline", CLI_SETTINGS },
		{ "audit verify --journal d", CLI_SETTINGS | CLI_POLICIES | CLI_AZURE },
		{ "audit verify --offline --journal d", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arguments arguments;
		struct fault fault;

		assert_true(parse(cases[i].line, &arguments, &fault));
		assert_int_equal(arguments_needs(&arguments), cases[i].needs);
		arguments_clear(&arguments);
	}
}

static void
the_table_of_options_has_no_hole(void **state)
{
	(void)state;
	for (int i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = option_row((enum option_id)i);

		assert_non_null(row->name);
		assert_non_null(row->help);
		assert_true(strlen(row->help) > 0 && row->help[strlen(row->help) - 1] != '.');
		for (int other = 0; other < i; other++)
			assert_string_not_equal(row->name, option_row((enum option_id)other)->name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_may_stand_anywhere),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(commands_of_two_words_are_found),
		cmocka_unit_test(a_wrong_line_is_refused_and_the_right_one_suggested),
		cmocka_unit_test(help_and_version_excuse_what_is_missing),
		cmocka_unit_test(options_drop_what_a_command_needs_no_longer),
		cmocka_unit_test(the_table_of_options_has_no_hole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
