#include "armhandlers.h"

#include "armid.h"
#include "armlist.h"
#include "armtable.h"
#include "armtext.h"
#include "encryption.h"
#include "exchange.h"
#include "release.h"
#include "resource.h"
#include "text.h"
#include "world.h"

#include <string.h>
#include <strings.h>

void
armscope_tenants(struct exchange *x, const struct armid *id)
{
	const char *tenant = world_tenant(x->world);

	(void)id;
	exchange_answer(x, 200, json_pack("{s:[{s:o, s:s, s:s, s:s, s:s, s:[s], s:s}]}", "value", "id", armtext_json("/tenants/%s", tenant),
	    "tenantId", tenant, "displayName", "Hospital", "countryCode", "DE", "defaultDomain", "hospital.onmicrosoft.com",
	    "domains", "hospital.onmicrosoft.com", "tenantCategory", "Home"));
}

static json_t *
subscription_show(struct world *w)
{
	const char *subscription = world_subscription(w);

	return json_pack("{s:o, s:s, s:s, s:s, s:s, s:{s:s, s:s, s:s}, s:s, s:[]}", "id", armtext_json("/subscriptions/%s", subscription),
	    "subscriptionId", subscription, "tenantId", world_tenant(w), "displayName", "Hospital", "state", "Enabled",
	    "subscriptionPolicies", "locationPlacementId", "Public_2014-09-01", "quotaId", "PayAsYouGo_2014-09-01", "spendingLimit", "Off",
	    "authorizationSource", "RoleBased", "managedByTenants");
}

void
armscope_subscriptions(struct exchange *x, const struct armid *id)
{
	json_t *shown = subscription_show(x->world);

	if (armid_is_collection(id))
		shown = json_pack("{s:[o], s:{s:s, s:i}}", "value", shown, "count", "type", "Total", "value", 1);
	exchange_answer(x, 200, shown);
}

void
armscope_groups(struct exchange *x, const struct armid *id)
{
	struct world *w = x->world;
	const char *group = world_resource_group(w);
	json_t *shown = json_pack("{s:o, s:s, s:s, s:s, s:{}, s:{s:s}}",
	    "id", armtext_json("/subscriptions/%s/resourceGroups/%s", world_subscription(w), group), "name", group,
	    "type", "Microsoft.Resources/resourceGroups", "location", world_location(w), "tags", "properties", "provisioningState", "Succeeded");

	if (armid_is_collection(id))
		shown = json_pack("{s:[o]}", "value", shown);
	if (strcmp(x->method, "HEAD") == 0) {
		json_decref(shown);
		exchange_answer(x, 204, NULL);
		return;
	}
	exchange_answer(x, 200, shown);
}

void
armscope_providers(struct exchange *x, const struct armid *id)
{
	static const char *const PROVIDERS[] = { "Microsoft.HealthcareApis", "Microsoft.KeyVault", "Microsoft.Authorization", "Microsoft.ManagedIdentity",
		"Microsoft.ResourceHealth", "Microsoft.Resources" };
	json_t *provider, *all;
	size_t i;

	if (!armid_is_collection(id)) {
		if ((provider = armtable_provider(armid_name(id))) == NULL) {
			exchange_error(x, 404, "InvalidResourceNamespace", "The resource namespace '%s' is invalid.", armid_name(id));
			return;
		}
		json_object_set_new(provider, "id", json_string(id->text));
		exchange_answer(x, 200, provider);
		return;
	}
	all = json_array();
	for (i = 0; i < sizeof PROVIDERS / sizeof PROVIDERS[0]; i++) {
		provider = armtable_provider(PROVIDERS[i]);
		json_object_set_new(provider, "id", armtext_json("%s/%s", id->text, PROVIDERS[i]));
		json_array_append_new(all, provider);
	}
	exchange_answer(x, 200, json_pack("{s:o}", "value", all));
}

void
armscope_resources(struct exchange *x, const struct armid *id)
{
	RELEASE(text) char *scope = text_part(id->text, (size_t)(strrchr(id->text, '/') - id->text));

	armlist_answer(x, scope);
}

/* Whether a service is up, as its store says. */
void
armscope_health(struct exchange *x, const struct armid *id)
{
	json_t *resource = resource_find(x->world, id->scope), *records = NULL;
	bool available = true;
	const char *why;

	if (json_object_get(resource, "store") != NULL) {
		available = encryption_read(x->world, resource, &records, &why);
		json_decref(records);
	}
	exchange_answer(x, 200, json_pack("{s:s, s:s, s:s, s:s, s:{s:s, s:s, s:s, s:s, s:o}}", "id", id->text, "name", "current",
	    "type", "Microsoft.ResourceHealth/AvailabilityStatuses", "location", world_location(x->world), "properties",
	    "availabilityState", available ? "Available" : "Degraded", "title", available ? "Available" : "Degraded",
	    "summary", available ? "There aren't any known problems affecting this resource" : "Customer-managed key is not properly set.",
	    "reasonType", available ? "" : "Customer Initiated", "reportedTime", armtext_time(world_now_ms(x->world))));
}

/* The system-assigned identity of a resource. */
void
armscope_identity(struct exchange *x, const struct armid *id)
{
	json_t *resource = resource_find(x->world, id->scope);
	const char *principal = resource_text(resource, "identity.principalId");

	if (principal == NULL || armid_name(id) == NULL || strcasecmp(armid_name(id), "default") != 0) {
		exchange_error(x, 404, "IdentityNotFound", "The resource '%s' has no system-assigned identity.", id->scope);
		return;
	}
	exchange_answer(x, 200, json_pack("{s:s, s:s, s:s, s:O, s:{s:s, s:s, s:s}}", "id", id->text, "name", "default",
	    "type", "Microsoft.ManagedIdentity/identities", "location", json_object_get(resource, "location"), "properties",
	    "principalId", principal, "tenantId", world_tenant(x->world), "clientId", principal));
}

/* Make a user-assigned identity, or renew its tags. */
static void
user_identity_put(struct exchange *x, const struct armid *id)
{
	json_t *resource = resource_find(x->world, id->text), *tags = json_object_get(x->body_json, "tags");
	const char *location = resource_text(x->body_json, "location");
	unsigned status = resource == NULL ? 201 : 200;

	if (location == NULL) {
		exchange_error(x, 400, "LocationRequired", "The location property is required for this definition.");
		return;
	}
	if (resource == NULL) {
		resource = json_pack("{s:s, s:s, s:s, s:s, s:{s:s, s:o, s:o}}", "id", id->text, "name", armid_name(id),
		    "type", "Microsoft.ManagedIdentity/userAssignedIdentities", "location", location, "properties",
		    "tenantId", world_tenant(x->world), "principalId", armtext_guid(), "clientId", armtext_guid());
		resource_keep(x->world, id->text, resource);
	}
	if (json_is_object(tags))
		json_object_set(resource, "tags", tags);
	world_changed(x->world);
	exchange_answer(x, status, json_incref(resource));
}

void
armscope_user_identities(struct exchange *x, const struct armid *id)
{
	json_t *resource, *value;
	const char *key;

	if (armid_is_collection(id)) {
		value = json_array();
		json_object_foreach(resource_all(x->world), key, resource)
			if (strcmp(resource_text(resource, "type"), "Microsoft.ManagedIdentity/userAssignedIdentities") == 0)
				json_array_append(value, resource);
		exchange_answer(x, 200, json_pack("{s:o}", "value", value));
		return;
	}
	if (strcmp(x->method, "PUT") == 0) {
		user_identity_put(x, id);
		return;
	}
	resource = resource_find(x->world, id->text);
	if (strcmp(x->method, "DELETE") == 0) {
		exchange_answer(x, resource == NULL ? 204 : 200, NULL);
		resource_remove(x->world, id->text);
	} else if (resource == NULL)
		exchange_error(x, 404, "ResourceNotFound", "The Resource '%s' was not found.", id->text);
	else
		exchange_answer(x, 200, json_incref(resource));
}

/* Names of older accounts are unique in all of Azure. */
void
armscope_name_available(struct exchange *x, const struct armid *id)
{
	const char *name = resource_text(x->body_json, "name"), *type = resource_text(x->body_json, "type"), *key;
	json_t *resource;
	bool taken = false;

	(void)id;
	if (name == NULL || type == NULL) {
		exchange_error(x, 400, "InvalidRequestContent", "The request content needs 'name' and 'type'.");
		return;
	}
	json_object_foreach(resource_all(x->world), key, resource)
		taken = taken || (strcasecmp(resource_text(resource, "type"), type) == 0 && strcasecmp(resource_text(resource, "name"), name) == 0);
	exchange_answer(x, 200, taken ?
	    json_pack("{s:b, s:s, s:s}", "nameAvailable", 0, "reason", "AlreadyExists", "message", "The name is taken.") :
	    json_pack("{s:b}", "nameAvailable", 1));
}
