#include "arguments.h"

#include "cli.h"
#include "cmdtable.h"
#include "nearest.h"

#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GETOPT_BASE = 256, NAME_MAX_SIZE = 64 };	/* GETOPT_BASE: beyond every short option */

static const struct option_row rows[] = {
	[OPTION_CONFIG] = { "config", "FILE", "the settings file (else KEYTURN_CONFIG, else /etc/keyturn/agent.json)", 0 },
	[OPTION_JSON] = { "json", NULL, "print one JSON document; events on standard error are JSON too", 0 },
	[OPTION_REASON] = { "reason", "TEXT", "why, for the journal", 0 },
	[OPTION_TICKET] = { "ticket", "TEXT", "the change number, for the journal", 0 },
	[OPTION_HELP] = { "help", NULL, "explain the command", 0 },
	[OPTION_VERSION] = { "version", NULL, "print keyturn's version", 0 },
	[OPTION_EXIT_CODE] = { "exit-code", NULL, "exit with 2 if something is due", 0 },
	[OPTION_ONCE] = { "once", NULL, "do what is due now, then end", 0 },
	[OPTION_RECORDED] = { "recorded", NULL, "tell from the journal only; ask nothing of Azure", CLI_AZURE },
	[OPTION_TO] = { "to", "VERSION", "the version to go back to (else the one before the one in use)", 0 },
	[OPTION_FINGERPRINT] = { "fingerprint", "HEX", "enroll if the KEK has exactly this SHA-256 fingerprint", 0 },
	[OPTION_YES] = { "yes", NULL, "do not ask on the terminal", 0 },
	[OPTION_KEY] = { "key", "URI", "PKCS #11 URI of the key: its token, and its id or object or both", 0 },
	[OPTION_KEK] = { "kek", "PEM", "file with the KEK's public key", 0 },
	[OPTION_KEK_SHA256] = { "kek-sha256", "HEX", "the KEK's fingerprint, as you got it by another way", 0 },
	[OPTION_KID] = { "kid", "URL", "the KEK's identifier in the vault, with its version", 0 },
	[OPTION_OUT] = { "out", "FILE", "the .byok file to make; it must not exist", 0 },
	[OPTION_ACCEPT_ZERO_PADDED] = { "accept-zero-padded", NULL,
	    "also take a wrap of a zero-padded key, as SoftHSM2 makes it (not known to work in Azure)", 0 },
	[OPTION_MODULE] = { "module", "PATH", "the PKCS #11 module (else the URI's module-path)", 0 },
	[OPTION_PUBLIC_KEY] = { "public-key", "PEM", "file with the public key of the key inside, to compare", 0 },
	[OPTION_POLICY] = { "policy", "NAME", "only records about this policy", 0 },
	[OPTION_ROTATION] = { "rotation", "ID", "only records of this rotation (its first digits are enough)", 0 },
	[OPTION_SINCE] = { "since", "TIME", "only records since (2026-11-22, or with a time: 2026-11-22T01:45:00Z)", 0 },
	[OPTION_OFFLINE] = { "offline", NULL, "do not ask the vaults for the heads in their tags", CLI_AZURE | CLI_POLICIES },
	[OPTION_JOURNAL] = { "journal", "DIR", "the folder of the journal (else the settings' state folder)", CLI_SETTINGS },
};
_Static_assert(sizeof rows / sizeof rows[0] == OPTION_COUNT, "a row for each option");

const struct option_row *
option_row(enum option_id option)
{
	return &rows[option];
}

/* The table in the shape that getopt_long wants, closed by a row of zeros. */
static void
fill_getopt(struct option options[static OPTION_COUNT + 1])
{
	for (int i = 0; i < OPTION_COUNT; i++)
		options[i] = (struct option){
			.name = rows[i].name,
			.has_arg = rows[i].value != NULL ? required_argument : no_argument,
			.val = GETOPT_BASE + i,
		};
	options[OPTION_COUNT] = (struct option){ .name = NULL };
}

/* Say which word getopt_long did not like, and what may have been meant. */
static bool
refuse_option(const char *word, struct fault *fault)
{
	char name[NAME_MAX_SIZE], text[NEAREST_TEXT];
	struct nearest nearest = { .word = name };

	/* Compare names without dashes and without a value. */
	snprintf(name, sizeof name, "%s", word + strspn(word, "-"));
	name[strcspn(name, "=")] = '\0';
	for (int i = 0; i < OPTION_COUNT; i++) {
		if (strcmp(rows[i].name, name) == 0 && rows[i].value == NULL)
			return fault_set(fault, FAULT_USAGE, "--%s takes no value", name);
		nearest_offer(&nearest, rows[i].name);
	}
	return fault_set(fault, FAULT_USAGE, "Unknown option '%s'%s", word,
	    nearest_print(&nearest, "--", text));
}

static bool
take_option(struct arguments *arguments, int option, const char *value, struct fault *fault)
{
	if (arguments->value[option] != NULL)
		return fault_set(fault, FAULT_USAGE, "--%s is given twice", rows[option].name);
	if (rows[option].value != NULL && value[0] == '\0')
		return fault_set(fault, FAULT_USAGE, "--%s is empty; it wants %s", rows[option].name,
		    rows[option].value);
	arguments->value[option] = rows[option].value != NULL ? value : "";
	return true;
}

/* Sort the command line into options and the rest; "-" has getopt_long hand out both in their order. */
static bool
sort_words(int argc, char **argv, struct arguments *arguments, struct fault *fault)
{
	struct option options[OPTION_COUNT + 1];
	int found;

	fill_getopt(options);
	optind = 0;
	opterr = 0;
	while ((found = getopt_long(argc, argv, "-:h", options, NULL)) != -1) {
		bool fine = true;

		if (found == 1)
			arguments->list[arguments->count++] = optarg;
		else if (found == 'h')
			fine = take_option(arguments, OPTION_HELP, "", fault);
		else if (found == ':')
			fine = fault_set(fault, FAULT_USAGE, "%s wants a value: %s", argv[optind - 1],
			    rows[optopt - GETOPT_BASE].value);
		else if (found == '?')
			fine = refuse_option(argv[optind - 1], fault);
		else
			fine = take_option(arguments, found - GETOPT_BASE, optarg, fault);
		if (!fine)
			return false;
	}
	while (optind < argc)
		arguments->list[arguments->count++] = argv[optind++];
	return true;
}

/* How many of the words make up the name of a row: 0 if they do not. */
static size_t
words_of(const struct arguments *arguments, const struct cmd *cmd)
{
	const char *blank = strchr(cmd->name, ' ');
	size_t first = blank != NULL ? (size_t)(blank - cmd->name) : strlen(cmd->name);

	if (arguments->count < 1 || strlen(arguments->list[0]) != first ||
	    strncmp(arguments->list[0], cmd->name, first) != 0)
		return 0;
	if (blank == NULL)
		return 1;
	return arguments->count > 1 && strcmp(arguments->list[1], blank + 1) == 0 ? 2 : 0;
}

/* The first word is the beginning of pairs, the second belongs to none of them: say which ones there are. */
static bool
refuse_second(const struct arguments *arguments, const struct cmd *cmds, size_t cmd_count, struct fault *fault)
{
	const char *first = arguments->list[0];
	size_t first_size = strlen(first), used = 0;
	char seconds[2 * NAME_MAX_SIZE] = "";

	for (size_t i = 0; i < cmd_count && used < sizeof seconds; i++)
		if (strncmp(cmds[i].name, first, first_size) == 0 && cmds[i].name[first_size] == ' ')
			used += (size_t)snprintf(seconds + used, sizeof seconds - used, "%s'%s'", used > 0 ? ", " : "",
			    cmds[i].name + first_size + 1);
	return fault_set(fault, FAULT_USAGE, "Unknown command '%.60s %.60s'; after '%.60s' comes one of: %s", first,
	    arguments->list[1], first, seconds);
}

/* No row has this name: was one of them meant? Both the first word and the first two are compared. */
static bool
refuse_command(const struct arguments *arguments, const struct cmd *cmds, size_t cmd_count,
    struct fault *fault)
{
	char two[2 * NAME_MAX_SIZE], text[NEAREST_TEXT];
	const char *first = arguments->list[0], *second = arguments->count > 1 ? arguments->list[1] : "";
	size_t first_size = strlen(first);
	bool family = false;

	/* The first word of a pair, alone or with a wrong second. */
	snprintf(two, sizeof two, "%.60s %.60s", first, second);
	struct nearest pair = { .word = two }, single = { .word = first };
	for (size_t i = 0; i < cmd_count; i++) {
		bool begins = strncmp(cmds[i].name, first, first_size) == 0 && cmds[i].name[first_size] == ' ';

		family = family || begins;
		if (begins && second[0] == '\0')
			return fault_set(fault, FAULT_USAGE,
			    "'%s' wants a second word, as in 'keyturn %s'", first, cmds[i].name);
		nearest_offer(strchr(cmds[i].name, ' ') != NULL ? &pair : &single, cmds[i].name);
	}
	if (pair.best != NULL)
		return fault_set(fault, FAULT_USAGE, "Unknown command '%s'%s", two,
		    nearest_print(&pair, "", text));
	if (family)
		return refuse_second(arguments, cmds, cmd_count, fault);
	return fault_set(fault, FAULT_USAGE, "Unknown command '%s'%s", first,
	    nearest_print(&single, "", text));
}

static bool
find_command(struct arguments *arguments, const struct cmd *cmds, size_t cmd_count, struct fault *fault)
{
	for (size_t i = 0; i < cmd_count; i++) {
		size_t words = words_of(arguments, &cmds[i]);

		/* What follows the name is the command's. */
		if (words > 0) {
			arguments->cmd = &cmds[i];
			arguments->count -= words;
			memmove(arguments->list, arguments->list + words, arguments->count * sizeof *arguments->list);
			return true;
		}
	}
	if (arguments->count > 0)
		return refuse_command(arguments, cmds, cmd_count, fault);
	if (arguments_have(arguments, OPTION_HELP) || arguments_have(arguments, OPTION_VERSION))
		return true;
	return fault_set(fault, FAULT_USAGE, "Which command?");
}

/* Naming something twice is a slip, and a rotation done twice cannot be taken back. */
static bool
check_twice(const struct arguments *arguments, struct fault *fault)
{
	if (arguments->cmd->most != CMD_ANY_NUMBER)
		return true;
	for (size_t i = 1; i < arguments->count; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(arguments->list[i], arguments->list[j]) == 0)
				return fault_set(fault, FAULT_USAGE, "'%s' is given '%.200s' twice; name each once",
				    arguments->cmd->name, arguments->list[i]);
	return true;
}

/* Hold what was given against the command's row. */
static bool
check_fit(const struct arguments *arguments, struct fault *fault)
{
	const struct cmd *cmd = arguments->cmd;

	if (cmd == NULL)
		return true;
	for (int i = 0; i < OPTION_COUNT; i++)
		if (arguments->value[i] != NULL && ((cmd->options | OPTIONS_GLOBAL) & OPTION_BIT(i)) == 0)
			return fault_set(fault, FAULT_USAGE, "'%s' has no option --%s", cmd->name, rows[i].name);
	if (arguments_have(arguments, OPTION_HELP) || arguments_have(arguments, OPTION_VERSION))
		return true;

	for (int i = 0; i < OPTION_COUNT; i++)
		if (arguments->value[i] == NULL && (cmd->required & OPTION_BIT(i)) != 0)
			return fault_set(fault, FAULT_USAGE, "'%s' wants --%s %s: %s", cmd->name, rows[i].name,
			    rows[i].value, rows[i].help);
	if (arguments->count < cmd->least)
		return fault_set(fault, FAULT_USAGE, "'%s' wants %s", cmd->name, cmd->arguments);
	if (arguments->count > cmd->most)
		return fault_set(fault, FAULT_USAGE, "'%s' does not take '%s'%s%s", cmd->name,
		    arguments->list[cmd->most], cmd->arguments[0] != '\0' ? "; it takes " : "", cmd->arguments);
	return check_twice(arguments, fault);
}

bool
arguments_parse(int argc, char **argv, const struct cmd *cmds, size_t cmd_count,
    struct arguments *ret_arguments, struct fault *fault)
{
	struct arguments arguments = { .cmd = NULL };

	arguments.list = calloc((size_t)argc + 1, sizeof *arguments.list);
	if (arguments.list == NULL)
		return fault_system(fault, "Memory for the command line");
	if (!sort_words(argc, argv, &arguments, fault) ||
	    !find_command(&arguments, cmds, cmd_count, fault) || !check_fit(&arguments, fault)) {
		arguments_clear(&arguments);
		return false;
	}
	*ret_arguments = arguments;
	return true;
}

unsigned
arguments_needs(const struct arguments *arguments)
{
	unsigned needs = arguments->cmd->needs;

	for (int i = 0; i < OPTION_COUNT; i++)
		if (arguments->value[i] != NULL)
			needs &= ~rows[i].drops;

	/* Whatever is still needed and described by the settings brings them back. */
	if ((needs & (CLI_POLICIES | CLI_JOURNAL_READ | CLI_JOURNAL_WRITE | CLI_AZURE)) != 0)
		needs |= CLI_SETTINGS;
	return needs;
}

void
arguments_clear(struct arguments *arguments)
{
	free(arguments->list);
	arguments->list = NULL;
	arguments->count = 0;
}
