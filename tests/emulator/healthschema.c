#include "healthschema.h"

#include <string.h>
#include <strings.h>

/* Rows for this file's tables. */
#define END { .name = NULL }
#define TEXT(n) { .name = n, .kind = SCHEMA_STRING }
#define FLAG(n) { .name = n, .kind = SCHEMA_BOOLEAN }
#define ENUM(n, v) { .name = n, .kind = SCHEMA_STRING, .values = v }
#define OBJECT(n, m) { .name = n, .kind = SCHEMA_OBJECT, .members = m }
#define ARRAY(n, m) { .name = n, .kind = SCHEMA_ARRAY, .members = m }
#define MAP(n, m) { .name = n, .kind = SCHEMA_MAP, .members = m }
#define SHOWN(n) { .name = n, .kind = SCHEMA_STRING, .flags = SCHEMA_READ_ONLY }
#define SHOWN_NO_CASE(n) { .name = n, .kind = SCHEMA_STRING, .flags = SCHEMA_READ_ONLY | SCHEMA_NO_CASE }
#define SHOWN_TIME(n) { .name = n, .kind = SCHEMA_STRING, .flags = SCHEMA_READ_ONLY | SCHEMA_TIME }
#define SHOWN_LIST(n) { .name = n, .kind = SCHEMA_ARRAY, .flags = SCHEMA_READ_ONLY, .members = any_item }
#define OBJECT_SINCE(n, s, m) { .name = n, .kind = SCHEMA_OBJECT, .since = s, .members = m }

/* Where a property first appeared (the published type index of each version). */
#define SINCE_USER_IDENTITIES "2022-01-31-preview"
#define SINCE_DICOM_CORS "2022-05-15"
#define SINCE_IMPORT "2022-10-01-preview"
#define SINCE_DICOM_EVENTS "2022-10-01-preview"
#define SINCE_CROSS_TENANT_KEY "2023-02-28"
#define SINCE_ENCRYPTION "2023-11-01"
#define SINCE_SMART_PROVIDERS "2023-12-01"
#define SINCE_DICOM_STORAGE "2024-03-01"
#define SINCE_PARTITIONS "2024-03-31"
#define ONLY_STORAGE_MONITOR "2025-03-01-preview"
#define SINCE_STORAGE_INDEXING "2025-04-01-preview"
#define UNTIL_FHIR_ACCESS_POLICIES "2023-02-28"

static const char GUID_PATTERN[] = "^[0-9A-Fa-f]{8}-?([0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}$";
static const char ORIGIN_PATTERN[] = "^([hH][tT][tT][pP][sS]?://([a-zA-Z0-9-]+[.]?)+(:[0-9]{1,5})?|[*])$";

static const char *const WORKSPACE_VERSIONS[] = { "2021-06-01-preview", "2021-11-01", "2022-01-31-preview", "2022-05-15", "2022-06-01",
	"2022-10-01-preview", "2022-12-01", "2023-02-28", "2023-09-06", "2023-11-01", "2023-12-01", "2024-03-01", "2024-03-31",
	"2025-03-01-preview", "2025-04-01-preview", NULL };
static const char *const SERVICE_VERSIONS[] = { "2018-08-20-preview", "2019-09-16", "2020-03-15", "2020-03-30", "2021-01-11",
	"2021-06-01-preview", "2021-11-01", "2022-01-31-preview", "2022-05-15", "2022-06-01", "2022-10-01-preview", "2022-12-01", "2023-02-28",
	"2023-09-06", "2023-11-01", "2023-12-01", "2024-03-01", "2024-03-31", "2025-03-01-preview", "2025-04-01-preview", NULL };

static const char *const ENABLED_DISABLED[] = { "Enabled", "Disabled", NULL };
static const char *const FHIR_KINDS[] = { "fhir-Stu3", "fhir-R4", NULL };
static const char *const LEGACY_KINDS[] = { "fhir", "fhir-Stu3", "fhir-R4", NULL };
static const char *const IDENTITY_OLD[] = { "None", "SystemAssigned", NULL };
static const char *const IDENTITY_NEW[] = { "None", "SystemAssigned", "UserAssigned", "SystemAssigned,UserAssigned", NULL };
static const char *const VERSION_POLICIES[] = { "no-version", "versioned", "versioned-update", NULL };
static const char *const SMART_ACTIONS[] = { "Read", NULL };

/* Items of lists and values of maps. */
static const struct schema any_text[] = { TEXT(""), END };
static const struct schema any_item[] = { { .name = "", .kind = SCHEMA_STRING }, END };
static const struct schema any_origin[] = { { .name = "", .kind = SCHEMA_STRING, .pattern = ORIGIN_PATTERN }, END };
static const struct schema any_version_policy[] = { ENUM("", VERSION_POLICIES), END };
static const struct schema any_smart_action[] = { ENUM("", SMART_ACTIONS), END };

static const struct schema system_data[] = { SHOWN("createdBy"), SHOWN("createdByType"), SHOWN_TIME("createdAt"), SHOWN("lastModifiedBy"),
	SHOWN("lastModifiedByType"), SHOWN_TIME("lastModifiedAt"), END };

static const struct schema user_identity[] = { SHOWN("principalId"), SHOWN("clientId"), END };
static const struct schema user_identities[] = { OBJECT("", user_identity), END };
static const struct schema identity[] = {
	{ .name = "type", .kind = SCHEMA_STRING, .flags = SCHEMA_REQUIRED, .until = "2021-11-01", .values = IDENTITY_OLD },
	{ .name = "type", .kind = SCHEMA_STRING, .flags = SCHEMA_REQUIRED, .since = SINCE_USER_IDENTITIES, .values = IDENTITY_NEW },
	SHOWN("principalId"), SHOWN("tenantId"),
	{ .name = "userAssignedIdentities", .kind = SCHEMA_MAP, .since = SINCE_USER_IDENTITIES, .members = user_identities },
	END
};
static const struct schema legacy_identity[] = { ENUM("type", IDENTITY_OLD), SHOWN("principalId"), SHOWN("tenantId"), END };

static const struct schema cors[] = {
	ARRAY("origins", any_origin), ARRAY("headers", any_text), ARRAY("methods", any_text),
	{ .name = "maxAge", .kind = SCHEMA_INTEGER, .minimum = 0, .maximum = 99999 },
	FLAG("allowCredentials"), END
};

static const struct schema oci_artifact[] = { TEXT("loginServer"), TEXT("imageName"), TEXT("digest"), END };
static const struct schema oci_artifacts[] = { OBJECT("", oci_artifact), END };
static const struct schema acr[] = { ARRAY("loginServers", any_text), ARRAY("ociArtifacts", oci_artifacts), END };

static const struct schema export_configuration[] = { TEXT("storageAccountName"), END };
static const struct schema import_configuration[] = { TEXT("integrationDataStore"), FLAG("initialImportMode"), FLAG("enabled"), END };
static const struct schema guides[] = { FLAG("usCoreMissingData"), END };
static const struct schema version_policy[] = { ENUM("default", VERSION_POLICIES), MAP("resourceTypeOverrides", any_version_policy), END };

static const struct schema access_policy[] = {
	{ .name = "objectId", .kind = SCHEMA_STRING, .flags = SCHEMA_REQUIRED, .pattern = GUID_PATTERN }, END
};
static const struct schema access_policies[] = { OBJECT("", access_policy), END };

static const struct schema customer_key[] = { TEXT("keyEncryptionKeyUrl"), END };
static const struct schema encryption[] = { OBJECT("customerManagedKeyEncryption", customer_key), END };

static const struct schema smart_application[] = { TEXT("clientId"), TEXT("audience"), ARRAY("allowedDataActions", any_smart_action), END };
static const struct schema smart_applications[] = { OBJECT("", smart_application), END };
static const struct schema smart_provider[] = { TEXT("authority"), ARRAY("applications", smart_applications), END };
static const struct schema smart_providers[] = { OBJECT("", smart_provider), END };

static const struct schema fhir_authentication[] = {
	TEXT("authority"), TEXT("audience"), FLAG("smartProxyEnabled"),
	{ .name = "smartIdentityProviders", .kind = SCHEMA_ARRAY, .since = SINCE_SMART_PROVIDERS, .members = smart_providers },
	END
};

static const struct schema fhir_properties[] = {
	SHOWN("provisioningState"), SHOWN("eventState"), SHOWN_LIST("privateEndpointConnections"),
	{ .name = "accessPolicies", .kind = SCHEMA_ARRAY, .until = UNTIL_FHIR_ACCESS_POLICIES, .members = access_policies },
	OBJECT("acrConfiguration", acr),
	OBJECT("authenticationConfiguration", fhir_authentication),
	OBJECT("corsConfiguration", cors),
	OBJECT("exportConfiguration", export_configuration),
	OBJECT_SINCE("importConfiguration", SINCE_IMPORT, import_configuration),
	OBJECT_SINCE("implementationGuidesConfiguration", SINCE_IMPORT, guides),
	OBJECT("resourceVersionPolicyConfiguration", version_policy),
	OBJECT_SINCE("encryption", SINCE_ENCRYPTION, encryption),
	ENUM("publicNetworkAccess", ENABLED_DISABLED),
	END
};

static const struct schema dicom_authentication[] = { SHOWN("authority"), SHOWN_LIST("audiences"), END };
static const struct schema storage_indexing[] = { TEXT("storageEventQueueName"), END };
static const struct schema storage_monitor[] = { TEXT("eventSubscriptionName"), TEXT("namespaceResourceId"), TEXT("topicName"), END };
static const struct schema storage[] = {
	TEXT("storageResourceId"), TEXT("fileSystemName"),
	{ .name = "storageMonitorConfiguration", .kind = SCHEMA_OBJECT, .since = ONLY_STORAGE_MONITOR, .until = ONLY_STORAGE_MONITOR,
	  .members = storage_monitor },
	OBJECT_SINCE("storageIndexingConfiguration", SINCE_STORAGE_INDEXING, storage_indexing),
	END
};

static const struct schema dicom_properties[] = {
	SHOWN("provisioningState"), SHOWN("serviceUrl"), SHOWN_LIST("privateEndpointConnections"),
	{ .name = "eventState", .kind = SCHEMA_STRING, .flags = SCHEMA_READ_ONLY, .since = SINCE_DICOM_EVENTS },
	OBJECT("authenticationConfiguration", dicom_authentication),
	OBJECT_SINCE("corsConfiguration", SINCE_DICOM_CORS, cors),
	OBJECT_SINCE("encryption", SINCE_ENCRYPTION, encryption),
	OBJECT_SINCE("storageConfiguration", SINCE_DICOM_STORAGE, storage),
	{ .name = "enableDataPartitions", .kind = SCHEMA_BOOLEAN, .since = SINCE_PARTITIONS },
	ENUM("publicNetworkAccess", ENABLED_DISABLED),
	END
};

static const struct schema cosmos[] = {
	{ .name = "offerThroughput", .kind = SCHEMA_INTEGER, .minimum = 400 },
	{ .name = "keyVaultKeyUri", .kind = SCHEMA_STRING, .since = "2020-03-15" },
	{ .name = "crossTenantCmkApplicationId", .kind = SCHEMA_STRING, .since = SINCE_CROSS_TENANT_KEY, .pattern = GUID_PATTERN },
	END
};
static const struct schema legacy_authentication[] = { TEXT("authority"), TEXT("audience"), FLAG("smartProxyEnabled"), END };

static const struct schema legacy_properties[] = {
	SHOWN("provisioningState"), SHOWN_LIST("privateEndpointConnections"),
	ARRAY("accessPolicies", access_policies),
	OBJECT("cosmosDbConfiguration", cosmos),
	OBJECT("authenticationConfiguration", legacy_authentication),
	OBJECT("corsConfiguration", cors),
	OBJECT("exportConfiguration", export_configuration),
	OBJECT_SINCE("acrConfiguration", "2021-06-01-preview", acr),
	OBJECT_SINCE("importConfiguration", SINCE_IMPORT, import_configuration),
	ENUM("publicNetworkAccess", ENABLED_DISABLED),
	END
};

static const struct schema workspace_properties[] = {
	SHOWN("provisioningState"), SHOWN_LIST("privateEndpointConnections"), ENUM("publicNetworkAccess", ENABLED_DISABLED), END
};

/* What every resource has around its properties. */
#define ENVELOPE SHOWN_NO_CASE("id"), SHOWN_NO_CASE("name"), SHOWN_NO_CASE("type"), TEXT("etag"), TEXT("location"), MAP("tags", any_text), \
	OBJECT("systemData", system_data)

static const struct schema fhir_body[] = { ENVELOPE, ENUM("kind", FHIR_KINDS), OBJECT("identity", identity), OBJECT("properties", fhir_properties), END };
static const struct schema dicom_body[] = { ENVELOPE, OBJECT("identity", identity), OBJECT("properties", dicom_properties), END };
static const struct schema workspace_body[] = { ENVELOPE, OBJECT("properties", workspace_properties), END };
static const struct schema legacy_body[] = {
	ENVELOPE,
	{ .name = "kind", .kind = SCHEMA_STRING, .flags = SCHEMA_REQUIRED, .values = LEGACY_KINDS },
	OBJECT("identity", legacy_identity), OBJECT("properties", legacy_properties), END
};

/* A PATCH takes very little; above all, it cannot change the key. */
static const struct schema identity_patch[] = { MAP("tags", any_text), OBJECT("identity", identity), END };
static const struct schema tags_patch[] = { MAP("tags", any_text), END };
static const struct schema legacy_patch_properties[] = { ENUM("publicNetworkAccess", ENABLED_DISABLED), END };
static const struct schema legacy_patch[] = { MAP("tags", any_text), OBJECT("properties", legacy_patch_properties), END };

static const struct health_kind KINDS[] = {
	{ .type = "Microsoft.HealthcareApis/workspaces", .lower = "workspaces", .body = workspace_body, .patch = tags_patch,
	  .versions = WORKSPACE_VERSIONS },
	{ .type = "Microsoft.HealthcareApis/workspaces/fhirservices", .lower = "workspaces/fhirservices", .body = fhir_body,
	  .patch = identity_patch, .versions = WORKSPACE_VERSIONS, .default_kind = "fhir-R4", .host_suffix = "fhir.azurehealthcareapis.com" },
	{ .type = "Microsoft.HealthcareApis/workspaces/dicomservices", .lower = "workspaces/dicomservices", .body = dicom_body,
	  .patch = identity_patch, .versions = WORKSPACE_VERSIONS, .host_suffix = "dicom.azurehealthcareapis.com" },
	{ .type = "Microsoft.HealthcareApis/services", .lower = "services", .body = legacy_body, .patch = legacy_patch,
	  .versions = SERVICE_VERSIONS, .host_suffix = "azurehealthcareapis.com", .put_at_once = true },
};

const struct health_kind *
health_kind_find(const char *lower)
{
	size_t i;

	for (i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
		if (strcmp(KINDS[i].lower, lower) == 0)
			return &KINDS[i];
	return NULL;
}

const struct health_kind *
health_kind_of(const char *resource_type)
{
	size_t i;

	for (i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
		if (strcasecmp(KINDS[i].type, resource_type) == 0)
			return &KINDS[i];
	return NULL;
}
