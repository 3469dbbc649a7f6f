#include "roles.h"

#include "release.h"
#include "text.h"
#include "world.h"

#include <string.h>
#include <strings.h>

/*
 * The built-in roles that matter here, each with patterns of what it may do on the control
 * plane, what of that it may not, and what it may do on data, separated by spaces (role-based
 * access control, "Azure built-in roles").
 */
static const struct role {
	const char *role, *name, *actions, *not_actions, *data_actions;
} ROLES[] = {
	{ ROLES_OWNER, "Owner", "*", "", "" },
	{ ROLES_CONTRIBUTOR, "Contributor", "*",
	    "Microsoft.Authorization/*/Delete Microsoft.Authorization/*/Write "
	    "Microsoft.Authorization/elevateAccess/Action", "" },
	{ ROLES_READER, "Reader", "*/read", "", "" },
	{ ROLES_USER_ACCESS_ADMINISTRATOR, "User Access Administrator", "*/read Microsoft.Authorization/*", "", "" },
	{ ROLES_IDENTITY_OPERATOR, "Managed Identity Operator",
	    "Microsoft.ManagedIdentity/userAssignedIdentities/*/read "
	    "Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action "
	    "Microsoft.ManagedIdentity/userAssignedIdentities/read "
	    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", "", "" },
	{ ROLES_CRYPTO_OFFICER, "Key Vault Crypto Officer", "Microsoft.KeyVault/vaults/read", "",
	    "Microsoft.KeyVault/vaults/keys/* Microsoft.KeyVault/vaults/keyrotationpolicies/*" },
	{ ROLES_CRYPTO_USER, "Key Vault Crypto User", "", "",
	    "Microsoft.KeyVault/vaults/keys/read Microsoft.KeyVault/vaults/keys/update/action "
	    "Microsoft.KeyVault/vaults/keys/backup/action "
	    "Microsoft.KeyVault/vaults/keys/encrypt/action Microsoft.KeyVault/vaults/keys/decrypt/action "
	    "Microsoft.KeyVault/vaults/keys/wrap/action "
	    "Microsoft.KeyVault/vaults/keys/unwrap/action Microsoft.KeyVault/vaults/keys/sign/action "
	    "Microsoft.KeyVault/vaults/keys/verify/action" },
	{ ROLES_CRYPTO_SERVICE_ENCRYPTION_USER, "Key Vault Crypto Service Encryption User", "", "",
	    "Microsoft.KeyVault/vaults/keys/read Microsoft.KeyVault/vaults/keys/wrap/action "
	    "Microsoft.KeyVault/vaults/keys/unwrap/action" },
	{ "00482a5a-887f-4fb3-b363-3b7fe8e74483", "Key Vault Administrator",
	    "Microsoft.KeyVault/vaults/read", "", "Microsoft.KeyVault/vaults/*" },
	{ "21090545-7ca7-4776-b22c-e363652d74d2", "Key Vault Reader", "Microsoft.KeyVault/*/read", "",
	    "Microsoft.KeyVault/vaults/*/read" },
	{ ROLES_FHIR_DATA_READER, "FHIR Data Reader", "", "",
	    "Microsoft.HealthcareApis/services/fhir/resources/read "
	    "Microsoft.HealthcareApis/workspaces/fhirservices/resources/read" },
	{ "5a1fc7df-4bf1-4951-a576-89034ee01acd", "FHIR Data Contributor", "", "",
	    "Microsoft.HealthcareApis/services/fhir/resources/* "
	    "Microsoft.HealthcareApis/workspaces/fhirservices/resources/*" },
	{ "3f88fce4-5892-4214-ae73-ba5294559913", "FHIR Data Writer", "", "",
	    "Microsoft.HealthcareApis/services/fhir/resources/* "
	    "Microsoft.HealthcareApis/workspaces/fhirservices/resources/*" },
	{ "3db33094-8700-4567-8da5-1501d4e7e843", "FHIR Data Exporter", "", "",
	    "Microsoft.HealthcareApis/services/fhir/resources/read "
	    "Microsoft.HealthcareApis/workspaces/fhirservices/resources/read "
	    "Microsoft.HealthcareApis/services/fhir/resources/export/action "
	    "Microsoft.HealthcareApis/workspaces/fhirservices/resources/export/action" },
	{ ROLES_DICOM_DATA_READER, "DICOM Data Reader", "", "",
	    "Microsoft.HealthcareApis/workspaces/dicomservices/resources/read" },
	{ "58a3b984-7adf-4c20-983a-32417c86fbc8", "DICOM Data Owner", "", "",
	    "Microsoft.HealthcareApis/workspaces/dicomservices/resources/*" },
};

/* The GUID at the end of a roleDefinitionId. */
static const char *
role_guid(const char *definition)
{
	const char *slash = strrchr(definition, '/');

	return slash != NULL ? slash + 1 : definition;
}

/* Whether one of the space-separated patterns covers an action. */
static bool
covered(const char *patterns, const char *action)
{
	RELEASE(text) char *copy = text_copy(patterns);
	char *rest = NULL;

	for (char *pattern = strtok_r(copy, " ", &rest); pattern != NULL; pattern = strtok_r(NULL, " ", &rest))
		if (text_glob(pattern, action))
			return true;
	return false;
}

/*
 * Whether ${scope} is ${above} or lies below it. Resource ids compare without regard to case;
 * "/" is the root.
 */
static bool
within(const char *scope, const char *above)
{
	size_t length = strlen(above);

	while (length > 0 && above[length - 1] == '/')
		length--;
	return strncasecmp(scope, above, length) == 0 && (scope[length] == '/' || scope[length] == '\0');
}

/* A string among an assignment's properties; "" if it is missing. */
static const char *
property(const json_t *assignment, const char *name)
{
	const char *value = json_string_value(json_object_get(json_object_get(assignment, "properties"), name));

	return value != NULL ? value : "";
}

/* Whether a role grants an action, on data or on the control plane. */
static bool
grants(const char *role, const char *action, bool data)
{
	for (size_t i = 0; i < sizeof ROLES / sizeof ROLES[0]; i++)
		if (strcasecmp(ROLES[i].role, role) == 0)
			return data ? covered(ROLES[i].data_actions, action) :
			    covered(ROLES[i].actions, action) && !covered(ROLES[i].not_actions, action);
	return false;
}

static bool
allow(struct world *w, const char *principal, const char *scope, const char *action, bool data)
{
	const json_t *assignments = json_object_get(w->root, "role_assignments");
	json_t *assignment;
	size_t i;

	json_array_foreach(assignments, i, assignment)
		if (strcasecmp(property(assignment, "principalId"), principal) == 0 &&
		    within(scope, property(assignment, "scope")) &&
		    grants(role_guid(property(assignment, "roleDefinitionId")), action, data))
			return true;
	return false;
}

bool
roles_allow(struct world *w, const char *principal, const char *scope, const char *data_action)
{
	return allow(w, principal, scope, data_action, true);
}

bool
roles_allow_control(struct world *w, const char *principal, const char *scope, const char *action)
{
	return allow(w, principal, scope, action, false);
}

/* The place of an assignment in the array, or its length if there is none. */
static size_t
find(const json_t *assignments, const char *principal, const char *role, const char *scope)
{
	size_t count = json_array_size(assignments);

	for (size_t i = 0; i < count; i++) {
		const json_t *at = json_array_get(assignments, i);

		if (strcasecmp(property(at, "principalId"), principal) == 0 &&
		    strcasecmp(property(at, "scope"), scope) == 0 &&
		    strcasecmp(role_guid(property(at, "roleDefinitionId")), role) == 0)
			return i;
	}
	return count;
}

json_t *
roles_add(struct world *w, const char *principal, const char *role, const char *scope)
{
	json_t *assignments = json_object_get(w->root, "role_assignments");
	RELEASE(text) char *definition = NULL, *id = NULL;
	char name[WORLD_GUID_SIZE], now[TEXT_TIME_SIZE];
	size_t place = find(assignments, principal, role, scope);

	if (place < json_array_size(assignments))
		return json_array_get(assignments, place);

	world_guid(name);
	text_time(world_now(w), 0, now);
	definition = text_format("/subscriptions/%s/providers/Microsoft.Authorization/roleDefinitions/%s",
	    world_subscription(w), role);
	id = text_format("%s/providers/Microsoft.Authorization/roleAssignments/%s", scope, name);
	json_array_append_new(assignments, json_pack("{s:s, s:s, s:s, s:{s:s, s:s, s:s, s:s, s:s, s:s}}",
	    "id", id, "name", name,
	    "type", "Microsoft.Authorization/roleAssignments", "properties", "scope", scope, "principalId", principal,
	    "principalType", "ServicePrincipal", "roleDefinitionId", definition, "createdOn", now, "updatedOn", now));
	world_changed(w);
	return json_array_get(assignments, json_array_size(assignments) - 1);
}

bool
roles_remove(struct world *w, const char *principal, const char *role, const char *scope)
{
	json_t *assignments = json_object_get(w->root, "role_assignments");
	size_t place = find(assignments, principal, role, scope);

	if (place == json_array_size(assignments))
		return false;
	json_array_remove(assignments, place);
	world_changed(w);
	return true;
}

/* Patterns separated by spaces, as an array. */
static json_t *
patterns_show(const char *patterns)
{
	RELEASE(text) char *copy = text_copy(patterns);
	json_t *array = json_array();
	char *rest = NULL;

	for (char *pattern = strtok_r(copy, " ", &rest); pattern != NULL; pattern = strtok_r(NULL, " ", &rest))
		json_array_append_new(array, json_string(pattern));
	return array;
}

json_t *
roles_definitions(struct world *w)
{
	json_t *all = json_array();

	for (size_t i = 0; i < sizeof ROLES / sizeof ROLES[0]; i++) {
		const struct role *role = &ROLES[i];
		RELEASE(text) char *id =
		    text_format("/subscriptions/%s/providers/Microsoft.Authorization/roleDefinitions/%s",
		    world_subscription(w), role->role);

		json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:{s:s, s:s, s:s, s:[s], s:[{s:o, "
		    "s:o, s:o, s:[]}]}}", "id", id, "name", role->role,
		    "type", "Microsoft.Authorization/roleDefinitions", "properties", "roleName",
		    role->name, "type", "BuiltInRole",
		    "description", role->name, "assignableScopes", "/", "permissions", "actions",
		    patterns_show(role->actions),
		    "notActions", patterns_show(role->not_actions), "dataActions",
		    patterns_show(role->data_actions), "notDataActions"));
	}
	return all;
}
