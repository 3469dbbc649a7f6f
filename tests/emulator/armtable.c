#include "armtable.h"

#include "armhandlers.h"
#include "armid.h"
#include "healthschema.h"
#include "healthservice.h"
#include "operation.h"

#include <string.h>
#include <strings.h>

static const char *const BASE[] = { "2014-04-01-preview", "2014-04-01", "2015-01-01", "2015-11-01", "2016-02-01", "2016-06-01", "2016-07-01", "2016-09-01",
	"2017-03-01", "2017-05-10", "2018-01-01", "2018-02-01", "2018-05-01", "2019-03-01", "2019-05-01", "2019-05-10", "2019-06-01", "2019-07-01", "2019-08-01",
	"2019-09-01", "2019-10-01", "2019-11-01", "2020-01-01", "2020-05-01", "2020-06-01", "2020-08-01", "2020-09-01", "2020-10-01", "2021-01-01",
	"2021-04-01", "2022-01-01", "2022-03-01-preview", "2022-05-01", "2022-06-01", "2022-09-01", "2022-12-01", "2023-07-01", "2024-03-01", "2024-07-01",
	"2024-11-01", "2025-03-01", "2025-04-01", NULL };
static const char *const HEALTH[] = { "2018-08-20-preview", "2019-09-16", "2020-03-15", "2020-03-30", "2021-01-11", "2021-06-01-preview", "2021-11-01",
	"2022-01-31-preview", "2022-05-15", "2022-06-01", "2022-10-01-preview", "2022-12-01", "2023-02-28", "2023-09-06", "2023-11-01", "2023-12-01",
	"2024-03-01", "2024-03-31", "2025-03-01-preview", "2025-04-01-preview", NULL };
static const char *const WORKSPACE[] = { "2021-06-01-preview", "2021-11-01", "2022-01-31-preview", "2022-05-15", "2022-06-01", "2022-10-01-preview",
	"2022-12-01", "2023-02-28", "2023-09-06", "2023-11-01", "2023-12-01", "2024-03-01", "2024-03-31", "2025-03-01-preview", "2025-04-01-preview", NULL };
static const char *const VAULTS[] = { "2015-06-01", "2016-10-01", "2018-02-14-preview", "2018-02-14", "2019-09-01", "2020-04-01-preview", "2021-04-01-preview",
	"2021-06-01-preview", "2021-10-01", "2021-11-01-preview", "2022-02-01-preview", "2022-07-01", "2022-11-01", "2023-02-01", "2023-07-01", "2024-04-01-preview",
	"2024-11-01", "2024-12-01-preview", "2025-05-01", "2026-02-01", NULL };
static const char *const VAULT_KEYS[] = { "2019-09-01", "2020-04-01-preview", "2021-04-01-preview", "2021-06-01-preview", "2021-10-01", "2021-11-01-preview",
	"2022-02-01-preview", "2022-07-01", "2022-11-01", "2023-02-01", "2023-07-01", "2024-04-01-preview", "2024-11-01", "2024-12-01-preview", "2025-05-01",
	"2026-02-01", NULL };
static const char *const ASSIGNMENTS[] = { "2015-07-01", "2017-10-01-preview", "2018-01-01-preview", "2018-07-01", "2018-09-01-preview", "2020-03-01-preview",
	"2020-04-01-preview", "2020-08-01-preview", "2020-10-01-preview", "2021-04-01-preview", "2022-04-01", NULL };
static const char *const DEFINITIONS[] = { "2015-07-01", "2018-01-01-preview", "2018-07-01", "2022-04-01", "2022-05-01-preview", NULL };
static const char *const DENIALS[] = { "2018-07-01-preview", "2022-04-01", "2024-07-01-preview", NULL };
static const char *const LOCKS[] = { "2015-01-01", "2015-06-01", "2016-09-01", "2017-04-01", "2020-05-01", NULL };
static const char *const IDENTITIES[] = { "2015-08-31-preview", "2018-11-30", "2021-09-30-preview", "2022-01-31-preview", "2023-01-31", "2023-07-31-preview",
	"2024-11-30", NULL };
static const char *const HEALTH_STATES[] = { "2015-01-01", "2017-07-01", "2018-07-01", "2018-08-01-preview", "2020-05-01", "2022-05-01", "2022-10-01",
	"2023-10-01-preview", "2024-02-01", "2025-05-01", NULL };

static const char RESOURCES[] = "Microsoft.Resources";
static const char HEALTHCARE[] = "Microsoft.HealthcareApis";
static const char KEY_VAULT[] = "Microsoft.KeyVault";
static const char AUTHORIZATION[] = "Microsoft.Authorization";
static const char IDENTITY[] = "Microsoft.ManagedIdentity";

static const struct armtable_row ROWS[] = {
	{ RESOURCES, "tenants", BASE, "GET", ARMTABLE_OPEN, armscope_tenants },
	{ RESOURCES, "subscriptions", BASE, "GET", ARMTABLE_OPEN, armscope_subscriptions },
	{ RESOURCES, "subscriptions/resourcegroups", BASE, "GET HEAD", ARMTABLE_OPEN, armscope_groups },
	{ RESOURCES, "subscriptions/resources", BASE, "GET", ARMTABLE_OPEN, armscope_resources },
	{ RESOURCES, "subscriptions/resourcegroups/resources", BASE, "GET", ARMTABLE_OPEN, armscope_resources },
	{ RESOURCES, "subscriptions/providers", BASE, "GET", ARMTABLE_OPEN, armscope_providers },
	{ HEALTHCARE, "workspaces", WORKSPACE, "GET PUT PATCH DELETE", 0, health_handle },
	{ HEALTHCARE, "workspaces/fhirservices", WORKSPACE, "GET PUT PATCH DELETE", 0, health_handle },
	{ HEALTHCARE, "workspaces/dicomservices", WORKSPACE, "GET PUT PATCH DELETE", 0, health_handle },
	{ HEALTHCARE, "services", HEALTH, "GET PUT PATCH DELETE", 0, health_handle },
	{ HEALTHCARE, "locations/operationresults", HEALTH, "GET", ARMTABLE_OPEN, operation_result },
	{ HEALTHCARE, "checknameavailability", HEALTH, "POST", 0, armscope_name_available },
	{ KEY_VAULT, "vaults", VAULTS, "GET", 0, armvault_vaults },
	{ KEY_VAULT, "vaults/keys", VAULT_KEYS, "GET", 0, armvault_keys },
	{ KEY_VAULT, "vaults/keys/versions", VAULT_KEYS, "GET", 0, armvault_versions },
	{ AUTHORIZATION, "roleassignments", ASSIGNMENTS, "GET PUT DELETE", ARMTABLE_EXTENSION, armroles_assignments },
	{ AUTHORIZATION, "roledefinitions", DEFINITIONS, "GET", ARMTABLE_OPEN, armroles_definitions },
	{ AUTHORIZATION, "permissions", DEFINITIONS, "GET", ARMTABLE_OPEN | ARMTABLE_EXTENSION, armroles_permissions },
	{ AUTHORIZATION, "locks", LOCKS, "GET PUT DELETE", ARMTABLE_EXTENSION, armlocks_handle },
	{ AUTHORIZATION, "denyassignments", DENIALS, "GET", ARMTABLE_EXTENSION, armroles_denials },
	{ IDENTITY, "userassignedidentities", IDENTITIES, "GET PUT DELETE", 0, armscope_user_identities },
	{ IDENTITY, "identities", IDENTITIES, "GET", ARMTABLE_EXTENSION, armscope_identity },
	{ "Microsoft.ResourceHealth", "availabilitystatuses", HEALTH_STATES, "GET", ARMTABLE_EXTENSION, armscope_health },
};

const struct armtable_row *
armtable_find(const struct armid *id)
{
	size_t i;

	for (i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
		if (strcasecmp(ROWS[i].provider, id->provider) == 0 && strcmp(ROWS[i].type, id->type) == 0)
			return &ROWS[i];
	return NULL;
}

bool
armtable_supports(const struct armtable_row *row, const char *version)
{
	const char *const *known;

	for (known = row->versions; *known != NULL; known++)
		if (strcasecmp(*known, version) == 0)
			return true;
	return false;
}

/* The versions of a row, newest first, as clients expect them. */
static json_t *
versions_show(const struct armtable_row *row)
{
	json_t *versions = json_array();
	const char *const *known;

	for (known = row->versions; *known != NULL; known++)
		json_array_insert_new(versions, 0, json_string(*known));
	return versions;
}

json_t *
armtable_provider(const char *name)
{
	json_t *types = json_array(), *type;
	const char *spelled = name;
	size_t i;

	/* The types of Microsoft.HealthcareApis are written in lower case anyway. */
	for (i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
		if (strcasecmp(ROWS[i].provider, name) != 0)
			continue;
		spelled = ROWS[i].provider;
		type = json_pack("{s:s, s:[s, s], s:o, s:s}", "resourceType", ROWS[i].type, "locations", "West Europe", "West US 3",
		    "apiVersions", versions_show(&ROWS[i]), "capabilities", "SupportsTags, SupportsLocation");
		json_array_append_new(types, type);
	}
	if (json_array_size(types) == 0) {
		json_decref(types);
		return NULL;
	}
	return json_pack("{s:s, s:s, s:o, s:s}", "namespace", spelled, "registrationState", "Registered", "resourceTypes", types, "registrationPolicy",
	    "RegistrationRequired");
}
