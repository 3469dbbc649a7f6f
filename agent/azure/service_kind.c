#include "service.h"

#include "url.h"

#include <string.h>
#include <strings.h>

/*
 * What a PUT must not carry back (definitions of Microsoft.HealthcareApis 2024-03-31, and
 * azure-resource-manager-rpc on provisioningState).  publicNetworkAccess is marked read-only
 * there, but it is writable: it goes back.
 */
#define READ_ONLY_OF_ALL                                                     \
	"/id", "/name", "/type", "/systemData", "/identity/principalId",     \
	"/identity/tenantId", "/identity/userAssignedIdentities/*/*",        \
	"/properties/provisioningState",                                     \
	"/properties/privateEndpointConnections", "/properties/eventState"

static const char *const fhir_read_only[] = { READ_ONLY_OF_ALL, NULL };

static const char *const dicom_read_only[] = {
	READ_ONLY_OF_ALL, "/properties/serviceUrl", "/properties/authenticationConfiguration", NULL
};

#define KEY_URL "/properties/encryption/customerManagedKeyEncryption/keyEncryptionKeyUrl"

static const struct service_kind kinds[] = {
	{
		.name = "fhir",
		.resource_type = "Microsoft.HealthcareApis/workspaces/fhirservices",
		.api_version = "2024-03-31",
		.key_url_pointer = KEY_URL,
		.read_only = fhir_read_only,
		.takes_rsa_only = true,
		.probe_path = "/Patient?_count=1",
		.probe_accept = "application/fhir+json",
		.url_label = "fhir",
		.audience_pointer = "/properties/authenticationConfiguration/audience",
	},
	{
		.name = "dicom",
		.resource_type = "Microsoft.HealthcareApis/workspaces/dicomservices",
		.api_version = "2024-03-31",
		.key_url_pointer = KEY_URL,
		.read_only = dicom_read_only,
		.takes_rsa_only = true,
		.probe_path = "/v2/studies?limit=1",
		.probe_accept = "application/dicom+json",
		.url_label = "dicom",
		.url_pointer = "/properties/serviceUrl",
	},
};

const struct service_kind *
service_kind_at(size_t index)
{
	return index < sizeof kinds / sizeof kinds[0] ? &kinds[index] : NULL;
}

const struct service_kind *
service_kind_find(const char *name)
{
	const struct service_kind *kind;

	for (size_t i = 0; (kind = service_kind_at(i)) != NULL; i++)
		if (strcmp(kind->name, name) == 0)
			return kind;
	return NULL;
}

/* Match the literal ${word} at ${*place}, in any case, and step over it. */
static bool
take_word(const char **place, const char *word, size_t length)
{
	if (strncasecmp(*place, word, length) != 0)
		return false;
	*place += length;
	return true;
}

/* One name of a resource, group or subscription, up to a slash or the end. */
static bool
take_name(const char **place)
{
	char name[100];
	size_t length = strcspn(*place, "/");

	if (length == 0 || length >= sizeof name)
		return false;
	memcpy(name, *place, length);
	name[length] = '\0';
	*place += length;

	/* "." and ".." would lead elsewhere. */
	return url_is_word(name, "-_.()", sizeof name) && strspn(name, ".") != length;
}

/* "Microsoft.X/a/b" names ids of the form …/providers/Microsoft.X/a/NAME/b/NAME. */
static bool
match_type(const char *place, const char *type)
{
	size_t length = strcspn(type, "/");

	if (!take_word(&place, "/providers/", 11) || !take_word(&place, type, length))
		return false;
	for (type += length; *type != '\0'; type += length) {
		length = 1 + strcspn(type + 1, "/");
		if (!take_word(&place, type, length) || *place++ != '/' || !take_name(&place))
			return false;
	}
	return *place == '\0';
}

bool
service_check_id(const struct service_kind *kind, const char *id, struct fault *fault)
{
	const char *place = id;

	if (take_word(&place, "/subscriptions/", 15) && take_name(&place) &&
	    take_word(&place, "/resourceGroups/", 16) && take_name(&place) &&
	    match_type(place, kind->resource_type))
		return true;
	return fault_set(fault, FAULT_DATA, "'%.300s' is no resource id of a %s service; it must be "
	    "/subscriptions/…/resourceGroups/…/providers/… of type %s", id, kind->name,
	    kind->resource_type);
}
