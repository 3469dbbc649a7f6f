#include "armid.h"
#include "armtext.h"
#include "exchange.h"
#include "healthservice.h"
#include "release.h"
#include "resource.h"
#include "roles.h"
#include "text.h"
#include "world.h"

#include <string.h>
#include <strings.h>

/* A service supports one attached identity. */
enum { USER_IDENTITIES_MAX = 1 };

/* Look one user-assigned identity up, and ask whether the caller may assign it. */
static bool
user_add(struct exchange *x, const char *id, json_t *users)
{
	json_t *identity = resource_find(x->world, id);
	const char *type = resource_text(identity, "type");

	if (type == NULL || strcasecmp(type, "Microsoft.ManagedIdentity/userAssignedIdentities") != 0) {
		exchange_error(x, 400, "FailedIdentityOperation", "The identity '%s' was not found.", id);
		return false;
	}
	if (!roles_allow_control(x->world, x->principal, id, "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action")) {
		exchange_error(x, 403, "LinkedAuthorizationFailed",
		    "The client '%s' has permission to perform the write, but not the action "
		    "'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' on the linked scope '%s'.", x->principal, id);
		return false;
	}
	json_object_set_new(users, id, json_pack("{s:O, s:O}", "principalId", resource_at(identity, "properties.principalId"),
	    "clientId", resource_at(identity, "properties.clientId")));
	return true;
}

/* The user-assigned part: exactly one identity where the type says so, none elsewhere. */
static bool
users_build(struct exchange *x, const json_t *wanted, bool asked, json_t *identity)
{
	json_t *sent = json_object_get(wanted, "userAssignedIdentities"), *value, *users;
	size_t count = json_object_size(sent);
	const char *id;

	if (asked != (count > 0) || count > USER_IDENTITIES_MAX) {
		exchange_error(x, 400, "InvalidRequestContent",
		    "The identity type '%s' does not go with %zu user-assigned identities; at most one can be attached.",
		    resource_text(wanted, "type"), count);
		return false;
	}
	if (!asked)
		return true;
	users = json_object();
	json_object_set_new(identity, "userAssignedIdentities", users);
	json_object_foreach(sent, id, value)
		if (!user_add(x, id, users))
			return false;
	return true;
}

bool
health_identity(struct exchange *x, const json_t *wanted, const json_t *before, json_t **ret_identity)
{
	const char *type = resource_text(wanted, "type"), *principal = resource_text(before, "principalId");
	RELEASE(json) json_t *identity = NULL;

	*ret_identity = NULL;
	if (type == NULL)
		return true;
	identity = json_pack("{s:s}", "type", type);

	/* A system-assigned identity keeps its principal for as long as it is not taken away. */
	if (strncmp(type, "SystemAssigned", strlen("SystemAssigned")) == 0) {
		json_object_set_new(identity, "principalId", principal != NULL ? json_string(principal) : armtext_guid());
		json_object_set_new(identity, "tenantId", json_string(world_tenant(x->world)));
	}
	if (!users_build(x, wanted, text_ends(type, "UserAssigned"), identity))
		return false;
	*ret_identity = json_incref(identity);
	return true;
}
