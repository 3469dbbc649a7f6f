#include "armexamples.h"
#include "armroutes.h"
#include "armtext.h"
#include "encryption.h"
#include "operation.h"
#include "release.h"
#include "resource.h"
#include "roles.h"
#include "text.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

/* Names of the first tenant's things. */
static const char WORKSPACE[] = "hospital";
static const char FHIR[] = "main";
static const char DICOM[] = "pacs";
static const char SERVICE[] = "hospitalfhir";
static const char IDENTITY[] = "pacs-identity";

/* A resource with everything but its properties. */
static json_t *
resource_new(struct world *w, const char *id, const char *type)
{
	json_t *now = armtext_time(world_now_ms(w)), *resource;
	const char *name = strrchr(id, '/') + 1, *who = world_client_object_id(w);

	resource = json_pack("{s:s, s:s, s:s, s:s, s:o, s:{s:s, s:s, s:O, s:s, s:s, s:o}}", "id", id, "name", name, "type", type,
	    "location", world_location(w), "etag", armtext_guid(), "systemData", "createdBy", who, "createdByType", "Application", "createdAt", now,
	    "lastModifiedBy", who, "lastModifiedByType", "Application", "lastModifiedAt", now);
	resource_keep(w, id, resource);
	return resource;
}

/* A service from its example: the writable values as written there, the read-only ones, the first records. */
static json_t *
service_new(struct world *w, const char *id, const struct armexamples_service *example)
{
	json_t *resource = resource_new(w, id, example->type), *properties = armexamples_parse(example->properties);

	json_object_set_new(properties, "provisioningState", json_string("Succeeded"));
	if (json_object_get(properties, "privateEndpointConnections") == NULL)
		json_object_set_new(properties, "privateEndpointConnections", json_array());
	json_object_set_new(resource, "tags", json_pack("{s:s, s:s}", "department", "radiology", "cost-centre", "4711"));
	json_object_set_new(resource, "properties", properties);
	if (example->kind != NULL)
		json_object_set_new(resource, "kind", json_string(example->kind));
	encryption_seed(resource, armexamples_parse(example->records));
	return resource;
}

/* Authority and audience name the tenant and the service, so no example can hold them. */
static void
audience_set(struct world *w, json_t *resource, const char *label, const char *suffix)
{
	json_t *properties = json_object_get(resource, "properties"), *authentication = json_object_get(properties, "authenticationConfiguration");

	if (authentication == NULL) {
		authentication = json_object();
		json_object_set_new(properties, "authenticationConfiguration", authentication);
	}
	json_object_set_new(authentication, "authority", armtext_json("https://login.microsoftonline.com/%s", world_tenant(w)));
	if (suffix != NULL)
		json_object_set_new(authentication, "audience", armtext_json("https://%s.%s", label, suffix));
	else
		json_object_set_new(authentication, "audiences",
		    json_pack("[s, s]", "https://dicom.healthcareapis.azure.com/", "https://dicom.healthcareapis.azure.com"));
}

static const char *
identity_principal(const json_t *identity)
{
	return resource_text(identity, "properties.principalId");
}

/* A user-assigned identity for the DICOM service; the FHIR service has one of its own. */
static json_t *
identity_new(struct world *w, const char *group)
{
	RELEASE(text) char *id = text_format("%s/providers/Microsoft.ManagedIdentity/userAssignedIdentities/%s", group, IDENTITY);
	json_t *identity = json_pack("{s:s, s:s, s:s, s:s, s:{}, s:{s:s, s:o, s:o}}", "id", id, "name", IDENTITY,
	    "type", "Microsoft.ManagedIdentity/userAssignedIdentities", "location", world_location(w), "tags",
	    "properties", "tenantId", world_tenant(w), "principalId", armtext_guid(), "clientId", armtext_guid());

	resource_keep(w, id, identity);
	return identity;
}

static void
fhir_new(struct world *w, const char *workspace, const char *vault)
{
	RELEASE(text) char *id = text_format("%s/fhirservices/%s", workspace, FHIR);
	RELEASE(text) char *label = text_format("%s-%s", WORKSPACE, FHIR);
	json_t *resource = service_new(w, id, &ARMEXAMPLES_FHIR);

	audience_set(w, resource, label, "fhir.azurehealthcareapis.com");
	json_object_set_new(resource, "identity", json_pack("{s:s, s:o, s:s}", "type", "SystemAssigned", "principalId", armtext_guid(),
	    "tenantId", world_tenant(w)));
	json_object_set_new(w->root, "fhir", json_string(id));
	(void)roles_add(w, resource_text(resource, "identity.principalId"), ROLES_CRYPTO_SERVICE_ENCRYPTION_USER, vault);
	(void)roles_add(w, world_client_object_id(w), ROLES_FHIR_DATA_READER, id);
}

static void
dicom_new(struct world *w, const char *workspace, const char *vault, const json_t *identity)
{
	RELEASE(text) char *id = text_format("%s/dicomservices/%s", workspace, DICOM);
	json_t *resource = service_new(w, id, &ARMEXAMPLES_DICOM);

	audience_set(w, resource, NULL, NULL);
	json_object_set_new(resource, "identity", json_pack("{s:s, s:{s:{s:s, s:s}}}", "type", "UserAssigned", "userAssignedIdentities",
	    resource_text(identity, "id"), "principalId", identity_principal(identity), "clientId", resource_text(identity, "properties.clientId")));
	json_object_set_new(w->root, "dicom", json_string(id));
	(void)roles_add(w, identity_principal(identity), ROLES_CRYPTO_SERVICE_ENCRYPTION_USER, vault);
	(void)roles_add(w, world_client_object_id(w), ROLES_DICOM_DATA_READER, id);
}

/* The older account; its database has a principal of its own in the tenant. */
static void
legacy_new(struct world *w, const char *group, const char *vault)
{
	RELEASE(text) char *id = text_format("%s/providers/Microsoft.HealthcareApis/services/%s", group, SERVICE);
	json_t *resource = service_new(w, id, &ARMEXAMPLES_LEGACY), *connection;

	audience_set(w, resource, SERVICE, "azurehealthcareapis.com");
	json_object_set_new(resource, "identity", json_pack("{s:s, s:o, s:s}", "type", "SystemAssigned", "principalId", armtext_guid(),
	    "tenantId", world_tenant(w)));
	connection = json_pack("{s:o, s:s, s:s, s:{s:s, s:{s:o}, s:{s:s, s:s}}}", "id", armtext_json("%s/privateEndpointConnections/clinic", id),
	    "name", "clinic", "type", "Microsoft.HealthcareApis/services/privateEndpointConnections", "properties", "provisioningState", "Succeeded",
	    "privateEndpoint", "id", armtext_json("%s/providers/Microsoft.Network/privateEndpoints/clinic", group),
	    "privateLinkServiceConnectionState", "status", "Approved", "description", "Approved");
	json_array_append_new(resource_at(resource, "properties.privateEndpointConnections"), connection);
	json_object_set_new(w->root, "service", json_string(id));
	json_object_set_new(w->root, "cosmos_object_id", armtext_guid());
	(void)roles_add(w, world_text(w, "cosmos_object_id"), ROLES_CRYPTO_SERVICE_ENCRYPTION_USER, vault);
	(void)roles_add(w, world_client_object_id(w), ROLES_FHIR_DATA_READER, id);
}

/* What the client may do: everything in its group, assign roles there, see the subscription, work with keys. */
static void
client_roles(struct world *w, const char *group, const char *vault)
{
	RELEASE(text) char *subscription = text_format("/subscriptions/%s", world_subscription(w));
	const char *client = world_client_object_id(w);

	(void)roles_add(w, client, ROLES_READER, subscription);
	(void)roles_add(w, client, ROLES_CONTRIBUTOR, group);
	(void)roles_add(w, client, ROLES_USER_ACCESS_ADMINISTRATOR, group);
	(void)roles_add(w, client, ROLES_CRYPTO_OFFICER, vault);
}

void
arm_populate(struct world *w)
{
	RELEASE(text) char *group = text_format("/subscriptions/%s/resourceGroups/%s", world_subscription(w), world_resource_group(w));
	RELEASE(text) char *workspace = text_format("%s/providers/Microsoft.HealthcareApis/workspaces/%s", group, WORKSPACE);
	const char *vault = resource_text(json_object_get(json_object_get(w->root, "vaults"), world_vault_name(w)), "id");
	json_t *resource = resource_new(w, workspace, "Microsoft.HealthcareApis/workspaces");

	json_object_set_new(resource, "properties", json_pack("{s:s, s:[], s:s}", "provisioningState", "Succeeded", "privateEndpointConnections",
	    "publicNetworkAccess", "Enabled"));
	json_object_set_new(w->root, "vault_id", json_string(vault));
	client_roles(w, group, vault);
	fhir_new(w, workspace, vault);
	dicom_new(w, workspace, vault, identity_new(w, group));
	legacy_new(w, group, vault);
	world_changed(w);
}

/* What the world may know of one service: which key it names, which versions its data needs, whether it can be read. */
static json_t *
service_state(struct world *w, json_t *resource)
{
	bool versionless, readable;
	const char *url = encryption_key_url(resource, &versionless), *why = NULL, *id;
	json_t *records = NULL, *stored, *versions = json_array(), *state;

	readable = encryption_read(w, resource, &records, &why);
	json_object_foreach(resource_at(resource, "store.data_keys"), id, stored)
		if (json_object_get(stored, "url") != NULL)
			json_array_append(versions, json_object_get(stored, "url"));
	state = json_pack("{s:O, s:s?, s:O, s:b, s:o, s:i}", "type", json_object_get(resource, "type"), "key_url", url,
	    "provisioning_state", resource_at(resource, "properties.provisioningState"), "readable", readable, "needs", versions,
	    "records", (int)json_array_size(resource_at(resource, "store.records")));
	if (!readable)
		json_object_set_new(state, "why", json_string(why));
	json_decref(records);
	return state;
}

json_t *
arm_public_state(struct world *w)
{
	json_t *services = json_object(), *resource;
	const char *key;

	operation_settle(w);
	json_object_foreach(resource_all(w), key, resource)
		if (json_object_get(resource, "store") != NULL)
			json_object_set_new(services, resource_text(resource, "id"), service_state(w, resource));
	return services;
}
