#include "cmdtable.h"

#include "arguments.h"
#include "cli.h"
#include "cmd.h"

#include <string.h>

#define BIT(name) OPTION_BIT(OPTION_##name)

/* What most commands about policies need. */
enum {
	LOOK = CLI_SETTINGS | CLI_POLICIES | CLI_JOURNAL_READ | CLI_AZURE,
	CHANGE = CLI_SETTINGS | CLI_POLICIES | CLI_JOURNAL_WRITE | CLI_AZURE | CLI_HSM
};

static const struct cmd cmds[] = {
	{ "check", "[POLICY...]", "find everything that could make a rotation fail, before it starts",
	    "Reads every policy, tries the HSM, and asks Azure about vault, keys, services and rights. Exits with 1 if "
	    "there is a problem, with 65 if a policy cannot be read.",
	    0, CMD_ANY_NUMBER, 0, 0, LOOK | CLI_HSM, false, cmd_check },
	{ "plan", "[POLICY...]", "show what is due, which steps would run, and why",
	    "Only looks. Exits with 1 if a problem stands in the way, and with --exit-code with 2 if something is due.",
	    0, CMD_ANY_NUMBER, BIT(EXIT_CODE), 0, LOOK | CLI_HSM, false, cmd_plan },
	{ "rotate", "POLICY...", "rotate now; resumes an unfinished rotation first",
	    "Makes a key in the HSM, carries it into the vault, proves it, and points the services at it, one after the "
	    "other; every earlier version stays enabled. It may be interrupted at any time and run again: it goes on where "
	    "it was.",
	    1, CMD_ANY_NUMBER, 0, 0, CHANGE, true, cmd_rotate },
	{ "run", "", "run as a daemon: rotate each policy when it is due",
	    "Works step by step; a policy that fails is told and tried again later, without holding up the others. "
	    "SIGTERM and SIGINT end it after the step at hand.",
	    0, 0, BIT(ONCE), 0, CHANGE, true, cmd_run },
	{ "status", "[POLICY...]", "show the version in use, its age, and how the services are",
	    "Asks Azure, not the HSM. Exits with 1 if there is a problem.",
	    0, CMD_ANY_NUMBER, BIT(RECORDED), 0, LOOK, false, cmd_status },
	{ "versions", "POLICY", "show each version: its HSM key, its origin, and who uses it",
	    "One row a version, newest first. Exits with 1 if there is a problem.",
	    1, 1, 0, 0, LOOK | CLI_HSM, false, cmd_versions },
	{ "adopt", "POLICY", "record what is there as the baseline of a policy",
	    "For services that use a customer-managed key already: its versions and the services' references are recorded, "
	    "guarded, and good to roll back to. Changes nothing in Azure or the HSM.",
	    1, 1, 0, 0, CHANGE, true, cmd_adopt },
	{ "kek enroll", "POLICY", "show the fingerprint of the vault's KEK and enroll it",
	    "Keys leave the HSM only under an enrolled KEK. Compare the fingerprint with what the vault's owner reads to you. "
	    "On a terminal it asks; elsewhere it wants --fingerprint.",
	    1, 1, BIT(FINGERPRINT) | BIT(YES), 0, CHANGE, true, cmd_kek_enroll },
	{ "rollback", "POLICY", "point the services back at the previous version",
	    "The version must have been proven or adopted. No key is made and none is disabled.",
	    1, 1, BIT(TO), 0, CHANGE, true, cmd_rollback },
	{ "revalidate", "POLICY", "put the same reference again on each service",
	    "After a change of identity, a move between tenants, or access to the key that was lost and given back.",
	    1, 1, 0, 0, CHANGE, true, cmd_revalidate },
	{ "hsm check", "[TOKEN-URI...]", "try what the token can do, with scratch keys that it leaves no trace of",
	    "For the tokens named, or for all in the settings. Exits with 1 if a token cannot do the transfer.",
	    0, CMD_ANY_NUMBER, 0, 0, CLI_SETTINGS | CLI_HSM, false, cmd_hsm_check },
	{ "hsm list", "[TOKEN-URI...]", "list the keys that keyturn has in the token, and what explains them",
	    "For the tokens named, or for all in the settings.",
	    0, CMD_ANY_NUMBER, 0, 0, CLI_SETTINGS | CLI_JOURNAL_READ | CLI_HSM, false, cmd_hsm_list },
	{ "byok create", "", "wrap one key of an HSM into a .byok file",
	    "Needs no settings, no policy, no journal and no network: module and PIN come from the URI's module-path and "
	    "pin-source. What it makes is what 'az keyvault key import --byok-file' takes.",
	    0, 0, BIT(KEY) | BIT(KEK) | BIT(KEK_SHA256) | BIT(KID) | BIT(OUT) | BIT(ACCEPT_ZERO_PADDED) | BIT(MODULE),
	    BIT(KEY) | BIT(KEK) | BIT(KEK_SHA256) | BIT(KID) | BIT(OUT), CLI_HSM, true, cmd_byok_create },
	{ "byok inspect", "FILE", "show what a .byok file says of itself",
	    "Needs no settings. What is inside is encrypted, and stays so.",
	    1, 1, 0, 0, 0, false, cmd_byok_inspect },
	{ "byok import", "POLICY FILE", "import a .byok file as a new version of the policy's key",
	    "For a key that was wrapped elsewhere. The version must have the public key given; no service is touched.",
	    2, 2, BIT(PUBLIC_KEY), BIT(PUBLIC_KEY), CLI_SETTINGS | CLI_POLICIES | CLI_JOURNAL_WRITE | CLI_AZURE, true,
	    cmd_byok_import },
	{ "audit show", "", "read the journal",
	    "Oldest record first. --json prints the records whole, as they stand in the file.",
	    0, 0, BIT(POLICY) | BIT(ROTATION) | BIT(SINCE), 0, CLI_SETTINGS | CLI_JOURNAL_READ, false, cmd_audit_show },
	{ "audit verify", "[POLICY...]", "recompute the journal and hold it against every anchor",
	    "Checks each record, the chain, the head beside it, and the heads in the tags of the vaults' versions; says since "
	    "which record nothing anchors the end. With --offline and --journal it needs no settings. Exits with 65 if "
	    "anything does not verify, and with 69 if a vault could not be asked, which is not a pass.",
	    0, CMD_ANY_NUMBER, BIT(OFFLINE) | BIT(JOURNAL), 0, CLI_SETTINGS | CLI_POLICIES | CLI_AZURE, false,
	    cmd_audit_verify },
	{ "help", "[COMMAND]", "explain a command, or list them all", "", 0, 2, 0, 0, 0, false, cmd_help },
};

const struct cmd *
cmdtable(size_t *ret_count)
{
	*ret_count = sizeof cmds / sizeof cmds[0];
	return cmds;
}

const struct cmd *
cmdtable_find(const char *name)
{
	for (size_t i = 0; i < sizeof cmds / sizeof cmds[0]; i++)
		if (strcmp(cmds[i].name, name) == 0)
			return &cmds[i];
	return NULL;
}
