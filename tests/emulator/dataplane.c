#include "dataplane.h"

#include "encryption.h"
#include "exchange.h"
#include "healthservice.h"
#include "release.h"
#include "resource.h"
#include "roles.h"
#include "text.h"
#include "token.h"
#include "world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { AUDIENCES_MAX = 8 };

/* Who may read what: by type, the data action and the role-free way of the older accounts. */
static const struct {
	const char *type, *action;
} RIGHTS[] = {
	{ "Microsoft.HealthcareApis/workspaces/fhirservices", "Microsoft.HealthcareApis/workspaces/fhirservices/resources/read" },
	{ "Microsoft.HealthcareApis/workspaces/dicomservices", "Microsoft.HealthcareApis/workspaces/dicomservices/resources/read" },
	{ "Microsoft.HealthcareApis/services", "Microsoft.HealthcareApis/services/fhir/resources/read" },
};

json_t *
dataplane_service(struct exchange *x, const char *type)
{
	RELEASE(text) char *label = text_part(x->host, strcspn(x->host, "."));
	json_t *resource;
	const char *key;

	json_object_foreach(resource_all(x->world), key, resource) {
		RELEASE(text) char *host = NULL;

		if (strcmp(resource_text(resource, "type"), type) != 0)
			continue;
		host = health_host(resource);
		if (strcmp(host, label) == 0)
			return resource;
	}
	return NULL;
}

/* The audiences of a service: what the resource says, and the URL by which the request came. */
static bool
signed_in(struct exchange *x, const json_t *resource)
{
	RELEASE(text) char *own = text_format("https://%s", x->authority);
	const char *audiences[AUDIENCES_MAX], *one = resource_text(resource, "properties.authenticationConfiguration.audience");
	json_t *many = resource_at(resource, "properties.authenticationConfiguration.audiences"), *audience;
	size_t i, count = 0;

	/* A DICOM service takes its fixed audiences only. */
	json_array_foreach(many, i, audience)
		if (count < AUDIENCES_MAX)
			audiences[count++] = json_string_value(audience);
	if (one != NULL)
		audiences[count++] = one;
	if (one != NULL && text_ends(x->host, ".localhost"))
		audiences[count++] = own;
	return token_judge(x, audiences, count) == TOKEN_GOOD;
}

/* A role, or for the older accounts an access policy with the caller's object id. */
static bool
may_read(struct exchange *x, const json_t *resource)
{
	const char *type = resource_text(resource, "type"), *id = resource_text(resource, "id");
	json_t *policy;
	size_t i;

	json_array_foreach(resource_at(resource, "properties.accessPolicies"), i, policy)
		if (strcasecmp(resource_text(policy, "objectId"), x->principal) == 0)
			return true;
	for (i = 0; i < sizeof RIGHTS / sizeof RIGHTS[0]; i++)
		if (strcmp(RIGHTS[i].type, type) == 0)
			return roles_allow(x->world, x->principal, id, RIGHTS[i].action);
	return false;
}

enum dataplane_door
dataplane_enter(struct exchange *x, json_t *resource, json_t **ret_records)
{
	const char *access = resource_text(resource, "properties.publicNetworkAccess"), *why;

	if (!signed_in(x, resource))
		return DATAPLANE_UNAUTHENTICATED;
	if ((access != NULL && strcmp(access, "Disabled") == 0) || !may_read(x, resource))
		return DATAPLANE_FORBIDDEN;
	return encryption_read(x->world, resource, ret_records, &why) ? DATAPLANE_OPEN : DATAPLANE_KEY_LOST;
}

bool
dataplane_number(struct exchange *x, const char *name, long otherwise, long *ret_number)
{
	const char *text = exchange_query(x, name);
	char *end;

	*ret_number = otherwise;
	if (text == NULL)
		return true;
	errno = 0;
	*ret_number = strtol(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && *ret_number >= 0;
}
