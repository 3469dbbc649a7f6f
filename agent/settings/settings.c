#include "settings.h"

#include "clouds.h"
#include "document.h"
#include "problems.h"
#include "rules.h"
#include "scope.h"
#include "timetext.h"
#include "tokenpattern.h"

#include <string.h>

#define AT(member) offsetof(struct settings, member)

#define HOST "[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?"
#define HTTPS_URL "^https://" HOST "$"
#define SUFFIX "^([.][a-z0-9]([a-z0-9-]*[a-z0-9])?)+(:[0-9]{1,5})?$"
#define NAME_OR_ADDRESS "([A-Za-z0-9.-]*|[[][0-9A-Fa-f:.]+[]])"
#define GUID "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$"

#define PATH_OF(what) "the path of " what ", absolute or below the folder of this file"
#define URL_OF(what) "the https URL of " what ", without a path"
#define SUFFIX_OF(what) "the end of the host names of " what ", with a dot in front, such as \".vault.azure.net\""

/* Paths are quiet, for there a PIN or a secret is easily typed in place of the file that holds it. */
#define TOKEN_AT(member) offsetof(struct token_options, member)
static const struct rule token_rules[] = {
	{ .name = "uri", .kind = RULE_TEXT, .required = true, .quiet = true, .offset = TOKEN_AT(token_uri), .max = 1000,
	    .pattern = TOKENPATTERN, .right = "a PKCS #11 URI that names a token, such as \"pkcs11:token=hospital\", exactly as the policies "
		"write it: token, manufacturer, serial, model or slot-id, and nothing else" },
	{ .name = "module", .kind = RULE_TEXT, .required = true, .offset = TOKEN_AT(module_path), .pattern = ".",
	    .right = PATH_OF("the HSM's PKCS #11 module") },
	{ .name = "pin_file", .kind = RULE_TEXT, .required = true, .quiet = true, .offset = TOKEN_AT(pin_file), .pattern = ".",
	    .right = PATH_OF("a file that holds the PIN and that only keyturn's user may open") },
	{ .name = "enrolled_keks", .kind = RULE_TEXT, .required = true, .offset = TOKEN_AT(enrolled_file), .pattern = ".",
	    .right = PATH_OF("the list of key exchange keys that an HSM admin enrolled: keys are wrapped under no others") },
	{ .name = "module_arguments", .kind = RULE_TEXT, .quiet = true, .offset = TOKEN_AT(module_arguments),
	    .right = "a text that the module wants when it starts; few do" },
	{ .name = "accept_zero_padded", .kind = RULE_BOOLEAN, .offset = TOKEN_AT(accept_zero_padded),
	    .right = "true or false: whether a transfer blob may be sent whose PKCS #8 the module padded with zeros, as SoftHSM2 does" },
	{ .name = "pin", .kind = RULE_REFUSED, .right = "settings are no place for a PIN; write it to a file that only keyturn's user may open, "
		"and name that as \"pin_file\"" },
};
static const struct token_options new_token;
static const struct rules token_members = RULES_OF(token_rules, new_token);

static const struct rule credential_rules[] = {
	{ .name = "kind", .kind = RULE_TEXT, .required = true, .offset = AT(azure.credential), .pattern = "^client-secret$",
	    .right = "\"client-secret\", the only kind that this version knows" },
	{ .name = "client_id", .kind = RULE_TEXT, .required = true, .quiet = true, .offset = AT(azure.client_id), .pattern = GUID,
	    .right = "the GUID of the application (client) id, such as \"00000000-1111-2222-3333-444444444444\"" },
	{ .name = "client_secret_file", .kind = RULE_TEXT, .required = true, .quiet = true, .pattern = ".",
	    .offset = AT(azure.client_secret_file),
	    .right = PATH_OF("a file that holds the client secret and that only keyturn's user may open") },
	{ .name = "client_secret", .kind = RULE_REFUSED, .right = "settings are no place for a secret; write it to a file that only keyturn's user "
		"may open, and name that as \"client_secret_file\"" },
};
static const struct rules credential_members = RULES(credential_rules);

static const struct rule azure_rules[] = {
	{ .name = "cloud", .kind = RULE_TEXT, .offset = AT(cloud), .pattern = "^(AzureCloud|AzureUSGovernment|AzureChinaCloud)$",
	    .right = "\"AzureCloud\", \"AzureUSGovernment\" or \"AzureChinaCloud\"" },
	{ .name = "tenant", .kind = RULE_TEXT, .required = true, .offset = AT(azure.tenant), .pattern = "^[A-Za-z0-9.-]{1,200}$",
	    .right = "the tenant's GUID or domain, such as \"hospital.onmicrosoft.com\"" },
	{ .name = "credential", .kind = RULE_OBJECT, .required = true, .members = &credential_members,
	    .right = "an object that says how keyturn signs in" },
	{ .name = "authority", .kind = RULE_TEXT, .offset = AT(azure.authority), .pattern = HTTPS_URL,
	    .right = URL_OF("the token service") },
	{ .name = "arm_url", .kind = RULE_TEXT, .offset = AT(azure.arm_url), .pattern = HTTPS_URL,
	    .right = URL_OF("Azure Resource Manager") },
	{ .name = "arm_scope", .kind = RULE_TEXT, .offset = AT(azure.arm_scope), .pattern = "^https://" HOST "/+[.]default$",
	    .right = "what a token for Azure Resource Manager is asked for, such as \"https://management.azure.com/.default\"" },
	{ .name = "vault_suffix", .kind = RULE_TEXT, .offset = AT(azure.vault_suffix), .pattern = SUFFIX,
	    .right = SUFFIX_OF("Key Vaults") },
	{ .name = "managed_hsm_suffix", .kind = RULE_TEXT, .offset = AT(azure.managed_hsm_suffix), .pattern = SUFFIX,
	    .right = SUFFIX_OF("Managed HSMs") },
	{ .name = "health_suffix", .kind = RULE_TEXT, .offset = AT(azure.health_suffix), .pattern = SUFFIX,
	    .right = SUFFIX_OF("FHIR and DICOM services") },
	{ .name = "dicom_audience", .kind = RULE_TEXT, .offset = AT(azure.dicom_audience), .pattern = HTTPS_URL,
	    .right = URL_OF("what a token for DICOM services is asked for") },
	{ .name = "connect_to", .kind = RULE_TEXTS, .offset = AT(curl.connect_to), .pattern = "^" NAME_OR_ADDRESS ":[0-9]*:" NAME_OR_ADDRESS ":[0-9]+$",
	    .right = "\"HOST:PORT:TO-HOST:TO-PORT\", where an empty HOST or PORT stands for any, or a list of such" },
	{ .name = "ca_file", .kind = RULE_TEXT, .offset = AT(curl.ca_file), .pattern = ".",
	    .right = PATH_OF("a PEM file of the certificate authorities to trust in place of the system's") },
	{ .name = "proxy", .kind = RULE_TEXT, .quiet = true, .offset = AT(curl.proxy), .pattern = "^(https?://[^[:space:]]+)?$",
	    .right = "the URL of the proxy, such as \"http://proxy.hospital.example:8080\", or \"\" for none" },
};
static const struct rules azure_members = RULES(azure_rules);

static const struct rule settings_rules[] = {
	{ .name = "rehearsal", .kind = RULE_BOOLEAN, .offset = AT(rehearsal),
	    .right = "true or false: whether this is a rehearsal, which never shares a journal with the real thing" },
	{ .name = "state", .kind = RULE_TEXT, .offset = AT(state), .pattern = ".", .right = PATH_OF("the folder for journal, blobs and locks") },
	{ .name = "policies", .kind = RULE_TEXT, .offset = AT(policies), .pattern = ".", .right = PATH_OF("the folder of policies") },
	{ .name = "tokens", .kind = RULE_LIST, .offset = AT(tokens), .count_offset = AT(token_count), .members = &token_members,
	    .right = "a list of objects, each of which names a token and its module",
	    .each = "an object that names a token and its module" },
	{ .name = "azure", .kind = RULE_OBJECT, .members = &azure_members, .right = "an object that names tenant and credential" },
	{ .name = "settling", .kind = RULE_TEXT, .offset = AT(settling), .pattern = "^P",
	    .right = "an ISO 8601 duration such as \"PT1S\": how long a version may take to show in the vault's lists" },
};
static const struct rules settings_members = RULES(settings_rules);

/* A rehearsal may go where it is sent and be impatient; the real thing may not. */
static void
check_rehearsal(struct document *document, struct settings *settings)
{
	const json_t *given = json_object_get(document_root(document), "rehearsal");
	struct duration settling = { 0 };
	struct fault fault;

	/* A bad value was told already; what it was meant to be is not guessed. */
	if (given != NULL && !json_is_boolean(given))
		return;
	if (!settings->rehearsal && settings->curl.connect_to != NULL)
		document_problem(document, "/azure/connect_to", "\"connect_to\" sends what is meant for Azure elsewhere; it is only taken with "
		    "\"rehearsal\": true");
	if (settings->settling == NULL)
		return;
	if (!settings->rehearsal)
		document_problem(document, "/settling", "\"settling\" is only taken with \"rehearsal\": true; Azure's own times are known");
	else if (!duration_parse(settings->settling, &settling, &fault))
		document_problem(document, "/settling", "\"settling\" is \"%s\", which cannot be used: %s", settings->settling, fault.text);
	else if ((settings->settling_ms = duration_add(0, &settling)) <= 0)
		document_problem(document, "/settling", "\"settling\" is \"%s\"; it must be longer than nothing", settings->settling);
}

/* A policy names its token by the URI, so it must stand once. */
static void
check_tokens(struct document *document, const struct settings *settings)
{
	char pointer[48];

	for (size_t i = 0; i < settings->token_count; i++) {
		for (size_t j = 0; j < i; j++) {
			const char *a = settings->tokens[i].token_uri, *b = settings->tokens[j].token_uri;
			if (a == NULL || b == NULL || strcmp(a, b) != 0)
				continue;
			snprintf(pointer, sizeof pointer, "/tokens/%zu/uri", i);
			document_problem(document, pointer, "the same token as /tokens/%zu; name each once", j);
			break;
		}
	}
}

/* Give ${*member} a copy of ${value} if the file gave it none. */
static bool
fill(const char **member, const char *value)
{
	return *member != NULL || value == NULL || (*member = strdup(value)) != NULL;
}

/* What the file left open is as the cloud has it. */
static bool
fill_cloud(struct settings *settings)
{
	const struct cloud *cloud = cloud_find(settings->cloud == NULL ? "AzureCloud" : settings->cloud);
	struct azure_options *azure = &settings->azure;
	SCOPE(free) char *scope = NULL;

	if (cloud == NULL)
		return true;

	/* Who names another Resource Manager is not asked for a token of the cloud's own. */
	if (azure->arm_url != NULL && azure->arm_scope == NULL) {
		if (asprintf(&scope, "%s/.default", azure->arm_url) < 0)
			scope = NULL;
		if ((azure->arm_scope = scope_move(scope)) == NULL)
			return false;
	}
	return fill(&settings->cloud, cloud->name) && fill(&azure->authority, cloud->authority)
	    && fill(&azure->arm_url, cloud->arm_url) && fill(&azure->arm_scope, cloud->arm_scope)
	    && fill(&azure->vault_suffix, cloud->vault_suffix)
	    && fill(&azure->managed_hsm_suffix, cloud->managed_hsm_suffix)
	    && fill(&azure->health_suffix, cloud->health_suffix)
	    && fill(&azure->dicom_audience, cloud->dicom_audience);
}

/* Make ${*path}, where given, absolute. */
static bool
place(const char **path, const char *folder)
{
	char *absolute;

	if (*path == NULL || **path == '/')
		return true;
	if (asprintf(&absolute, "%s/%s", folder, *path) < 0)
		return false;
	free((char *)(uintptr_t)*path);
	*path = absolute;
	return true;
}

static bool
place_all(struct settings *settings, const char *folder)
{
	bool good = place(&settings->state, folder) && place(&settings->policies, folder)
	    && place(&settings->azure.client_secret_file, folder) && place(&settings->curl.ca_file, folder);

	for (size_t i = 0; good && i < settings->token_count; i++) {
		struct token_options *token = &settings->tokens[i];
		good = place(&token->module_path, folder) && place(&token->pin_file, folder)
		    && place(&token->enrolled_file, folder);
	}
	return good;
}

/* What follows from the file: defaults, absolute paths, and what the rooms want to know beside it. */
static bool
complete(struct settings *settings, const char *file, const char *folder)
{
	if (!fill(&settings->state, SETTINGS_DEFAULT_STATE)
	    || !fill(&settings->policies, SETTINGS_DEFAULT_POLICIES)
	    || !fill_cloud(settings) || !place_all(settings, folder) || (settings->file = strdup(file)) == NULL)
		return false;
	settings->has_azure = settings->azure.tenant != NULL;
	settings->journal = (struct journal_options){ .directory = settings->state, .rehearsal = settings->rehearsal,
		.program = "keyturn " KEYTURN_VERSION };

	settings->token_uris = calloc(settings->token_count + 1, sizeof *settings->token_uris);
	for (size_t i = 0; settings->token_uris != NULL && i < settings->token_count; i++)
		settings->token_uris[i] = settings->tokens[i].token_uri;
	return settings->token_uris != NULL;
}

bool
settings_parse(const struct document_text *source, const char *folder, struct settings **ret_settings,
    struct problems *problems, struct fault *fault)
{
	SCOPE(settings) struct settings *settings = calloc(1, sizeof *settings);
	SCOPE(document) struct document *document = NULL;
	struct fault inner = { 0 };

	if (settings == NULL)
		return fault_system(fault, "Read %s", source->file);

	/* The document room calls bad text bad data; here it is the settings that are bad. */
	if (!document_parse(source, problems, &document, &inner))
		return fault_set(fault, inner.code == FAULT_DATA ? FAULT_SETTINGS : inner.code, "%s", inner.text);
	rules_read(&settings_members, document, settings);
	check_rehearsal(document, settings);
	check_tokens(document, settings);
	if (!document_finish(document, FAULT_SETTINGS, fault))
		return false;
	if (!complete(settings, source->file, folder))
		return fault_set(fault, FAULT_SYSTEM, "Read %s: out of memory", source->file);
	*ret_settings = scope_move(settings);
	return true;
}

const struct token_options *
settings_token(const struct settings *settings, const char *uri)
{
	for (size_t i = 0; i < settings->token_count; i++)
		if (strcmp(settings->tokens[i].token_uri, uri) == 0)
			return &settings->tokens[i];
	return NULL;
}

void
settings_free(struct settings *settings)
{
	if (settings == NULL)
		return;
	rules_clear(&settings_members, settings);
	free(settings->token_uris);
	free(settings->file);
	free(settings);
}
