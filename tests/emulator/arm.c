#include "armid.h"
#include "armlocks.h"
#include "armroutes.h"
#include "armtable.h"
#include "exchange.h"
#include "operation.h"
#include "release.h"
#include "resource.h"
#include "roles.h"
#include "text.h"
#include "token.h"
#include "world.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What Resource Manager takes, in bytes of a body. */
enum { BODY_MAX = 4 * 1024 * 1024 };

/* Every answer of Resource Manager carries these (resource provider contract). */
static void
headers_set(struct exchange *x)
{
	const char *client = exchange_request_header(x, "x-ms-client-request-id");
	const char *wanted = exchange_request_header(x, "x-ms-return-client-request-id");
	const char *correlation = exchange_request_header(x, "x-ms-correlation-request-id");
	char id[WORLD_GUID_SIZE];

	world_guid(id);
	exchange_header(x, "x-ms-request-id", "%s", id);
	exchange_header(x, "x-ms-correlation-request-id", "%s", correlation != NULL ? correlation : id);
	exchange_header(x, "x-ms-routing-request-id", "WESTEUROPE:%s", id);
	if (strcmp(x->method, "GET") == 0)
		exchange_header(x, "x-ms-ratelimit-remaining-subscription-reads", "249");
	else
		exchange_header(x, "x-ms-ratelimit-remaining-subscription-writes", "199");
	if (client != NULL && wanted != NULL && strcasecmp(wanted, "true") == 0)
		exchange_header(x, "x-ms-client-request-id", "%s", client);
}

static bool
signed_in(struct exchange *x)
{
	RELEASE(text) char *own = text_format("https://%s", x->authority);
	const char *audiences[] = { "https://management.azure.com", "https://management.core.windows.net", "https://management.core.windows.net/", own };

	return token_check(x, audiences, sizeof audiences / sizeof audiences[0]);
}

/* Whether the body is of a size that Resource Manager takes. */
static bool
size_check(struct exchange *x)
{
	if (!x->body_cut && x->body_size <= BODY_MAX)
		return true;
	exchange_error(x, 413, "RequestContentTooLarge", "The request content is larger than %d bytes.", (int)BODY_MAX);
	return false;
}

/* An api-version is a date with an optional word behind it. */
static bool
version_formed(const char *version)
{
	static const char FORM[] = "dddd-dd-dd";
	size_t i;

	for (i = 0; FORM[i] != '\0'; i++)
		if (FORM[i] == 'd' ? !isdigit((unsigned char)version[i]) : version[i] != FORM[i])
			return false;
	return version[i] == '\0' || version[i] == '-';
}

/* List the versions of a row in an error's words. */
static char *
versions_text(const struct armtable_row *row)
{
	char *text = text_copy(""), *longer;
	const char *const *known;

	for (known = row->versions; *known != NULL; known++) {
		longer = text_format("%s%s%s", text, known == row->versions ? "" : ", ", *known);
		free(text);
		text = longer;
	}
	return text;
}

/* The version must be given, be one, and be known for this type. */
static bool
version_check(struct exchange *x, const struct armid *id, const struct armtable_row *row)
{
	const char *version = exchange_query(x, "api-version");
	RELEASE(text) char *known = NULL;

	if (version == NULL || *version == '\0') {
		exchange_error(x, 400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.");
		return false;
	}
	if (!version_formed(version)) {
		exchange_error(x, 400, "InvalidApiVersionParameter", "The api-version '%s' is invalid.", version);
		return false;
	}
	if (row == NULL || armtable_supports(row, version))
		return true;
	known = versions_text(row);
	if (strcasecmp(row->provider, "Microsoft.Resources") == 0)
		exchange_error(x, 400, "InvalidApiVersionParameter", "The api-version '%s' is invalid. The supported versions are '%s'.", version, known);
	else
		exchange_error(x, 400, "NoRegisteredProviderFound",
		    "No registered resource provider found for location '%s' and API version '%s' for type '%s'. The supported api-versions are '%s'.",
		    world_location(x->world), version, id->type, known);
	return false;
}

/* The type must be one that is played here. */
static bool
type_check(struct exchange *x, const struct armid *id, const struct armtable_row *row)
{
	RELEASE(json) json_t *provider = NULL;

	if (row == NULL && (provider = armtable_provider(id->provider)) == NULL)
		exchange_error(x, 404, "InvalidResourceNamespace", "The resource namespace '%s' is invalid.", id->provider);
	else if (row == NULL)
		exchange_error(x, 404, "InvalidResourceType", "The resource type '%s' could not be found in the namespace '%s' for api version '%s'.",
		    id->type, id->provider, exchange_query(x, "api-version"));
	return row != NULL;
}

/* Whether a path names something that is there: a group, a vault, a stored resource. */
static bool
scope_exists(struct exchange *x, const char *scope)
{
	const char *name;
	json_t *vault;
	size_t words = 0;
	const char *c;

	for (c = scope; *c != '\0'; c++)
		words += *c == '/';
	if (words <= 4 || resource_find(x->world, scope) != NULL)
		return true;
	json_object_foreach(json_object_get(x->world->root, "vaults"), name, vault)
		if (strncasecmp(scope, resource_text(vault, "id"), strlen(resource_text(vault, "id"))) == 0)
			return true;
	return false;
}

/* Subscription, group, and for what hangs on a resource that resource, must be there. */
static bool
scope_check(struct exchange *x, const struct armid *id, const struct armtable_row *row)
{
	if (id->subscription != NULL && strcasecmp(id->subscription, world_subscription(x->world)) != 0)
		exchange_error(x, 404, "SubscriptionNotFound", "The subscription '%s' could not be found.", id->subscription);
	else if (id->group != NULL && strcasecmp(id->group, world_resource_group(x->world)) != 0)
		exchange_error(x, 404, "ResourceGroupNotFound", "Resource group '%s' could not be found.", id->group);
	else if ((row->flags & ARMTABLE_EXTENSION) != 0 && !scope_exists(x, id->scope))
		exchange_error(x, 404, "ResourceNotFound", "The Resource '%s' was not found.", id->scope);
	else
		return true;
	return false;
}

static bool
method_check(struct exchange *x, const struct armid *id, const struct armtable_row *row)
{
	RELEASE(text) char *known = text_format(" %s ", row->methods);
	RELEASE(text) char *asked = text_format(" %s ", x->method);

	/* Only reading makes sense where no name is given, but for actions, which are types without a name. */
	if (strstr(known, asked) != NULL && (!armid_is_collection(id) || strcmp(x->method, "GET") == 0 || strcmp(x->method, "POST") == 0))
		return true;
	exchange_error(x, 405, "MethodNotAllowed", "The requested resource does not support http method '%s'.", x->method);
	return false;
}

/* Ask whether a role of the caller covers the action. */
static bool
right_check(struct exchange *x, const struct armid *id, const struct armtable_row *row)
{
	static const struct {
		const char *method, *verb;
	} VERBS[] = { { "GET", "read" }, { "HEAD", "read" }, { "PUT", "write" }, { "PATCH", "write" }, { "DELETE", "delete" }, { "POST", "action" } };
	RELEASE(text) char *action = NULL;
	const char *scope = (row->flags & ARMTABLE_EXTENSION) != 0 || armid_is_collection(id) ? id->scope : id->text;
	size_t i;

	if ((row->flags & ARMTABLE_OPEN) != 0)
		return true;
	for (i = 0; i + 1 < sizeof VERBS / sizeof VERBS[0]; i++)
		if (strcmp(VERBS[i].method, x->method) == 0)
			break;
	action = text_format("%s/%s/%s", row->provider, row->type, VERBS[i].verb);
	if (roles_allow_control(x->world, x->principal, scope, action))
		return true;
	exchange_error(x, 403, "AuthorizationFailed",
	    "The client '%s' with object id '%s' does not have authorization to perform action '%s' over scope '%s' or the scope is invalid. "
	    "If access was recently granted, please refresh your credentials.", world_client_id(x->world), x->principal, action, scope);
	return false;
}

void
arm_handle(struct exchange *x)
{
	const struct armtable_row *row;
	struct armid *id;

	headers_set(x);
	operation_settle(x->world);
	if (!size_check(x) || !signed_in(x))
		return;
	if ((id = malloc(sizeof *id)) == NULL)
		abort();
	if (!armid_parse(id, x->path)) {
		exchange_error(x, 404, "NotFound", "The path '%.200s' names nothing.", x->path);
		free(id);
		return;
	}

	/* The order in which Resource Manager itself refuses. */
	row = armtable_find(id);
	if (version_check(x, id, row) && type_check(x, id, row) && scope_check(x, id, row) && method_check(x, id, row) && right_check(x, id, row) &&
	    armlocks_check(x, id))
		row->handle(x, id);
	free(id);
}
