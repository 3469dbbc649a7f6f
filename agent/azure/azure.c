#include "azure.h"

#include "client.h"
#include "scope.h"

#include <string.h>

/* Without its dot a suffix would also fit hosts of strangers. */
static bool
check_suffix(const char *name, const char *suffix, struct fault *fault)
{
	if (suffix == NULL || (suffix[0] == '.' && url_is_word(suffix + 1, "-.:", 200)))
		return true;
	return fault_set(fault, FAULT_SETTINGS, "The setting %s is '%s'; it must begin with a dot, "
	    "such as .vault.azure.net", name, suffix);
}

/* Say at start what would else fail in the middle of a rotation. */
static bool
check_options(const struct azure_options *options, struct url *ret_arm, struct fault *fault)
{
	struct url authority;

	if (options->tenant == NULL || !url_is_word(options->tenant, "-.", 200))
		return fault_set(fault, FAULT_SETTINGS, "The settings need a tenant: its GUID or domain");
	if (options->authority == NULL || !url_parse(options->authority, &authority, NULL))
		return fault_set(fault, FAULT_SETTINGS, "The settings need an authority: "
		    "an https URL such as https://login.microsoftonline.com");
	if (options->arm_url == NULL || !url_parse(options->arm_url, ret_arm, NULL) ||
	    strcmp(ret_arm->path, "/") != 0 || options->arm_scope == NULL)
		return fault_set(fault, FAULT_SETTINGS, "The settings need arm_url, an https URL "
		    "such as https://management.azure.com, and arm_scope");
	return check_suffix("vault_suffix", options->vault_suffix, fault) &&
	    check_suffix("managed_hsm_suffix", options->managed_hsm_suffix, fault) &&
	    check_suffix("health_suffix", options->health_suffix, fault);
}

bool
azure_open(const struct azure_options *options, struct http *http,
    const struct clock *clock, struct azure **ret_azure, struct fault *fault)
{
	SCOPE(azure) struct azure *azure = NULL;
	struct url arm;

	if (!check_options(options, &arm, fault))
		return false;
	if ((azure = calloc(1, sizeof *azure)) == NULL)
		return fault_system(fault, "Memory for the Azure client");
	azure->options = *options;
	azure->http = http;
	azure->clock = clock;
	strcpy(azure->arm_authority, arm.authority);
	if (!entra_open(&azure->options, http, clock, &azure->entra, fault))
		return false;
	*ret_azure = scope_move(azure);
	return true;
}

void
azure_close(struct azure *azure)
{
	if (azure == NULL)
		return;
	entra_close(azure->entra);
	free(azure);
}

const char *
azure_object_id(const struct azure *azure)
{
	return entra_object_id(azure->entra);
}

const char *
azure_last_request_id(const struct azure *azure)
{
	return azure->last_request_id;
}

void
azure_set_correlation(struct azure *azure, const char *uuid)
{
	snprintf(azure->correlation, sizeof azure->correlation, "%s", uuid);
}
