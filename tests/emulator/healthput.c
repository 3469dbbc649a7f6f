#include "armid.h"
#include "armtext.h"
#include "encryption.h"
#include "exchange.h"
#include "healthschema.h"
#include "healthservice.h"
#include "operation.h"
#include "release.h"
#include "resource.h"
#include "text.h"
#include "world.h"

#include <ctype.h>
#include <regex.h>
#include <string.h>
#include <strings.h>

/* One PUT on its way. */
struct put {
	struct exchange *x;
	const struct armid *id;
	const struct health_kind *kind;
	const char *version;
	json_t *body;			/* as it came */
	json_t *before;			/* the resource that is there, or NULL (borrowed) */
	json_t *after;			/* the resource that shall be */
};

/* Properties that only the service writes; a PUT carries them over. */
static const char *const CARRIED[] = { "privateEndpointConnections", "eventState" };

/* Order of a region's name: without case and spaces ("West US 2" is "westus2"). */
static bool
same_location(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (*a == ' ')
			a++;
		while (*b == ' ')
			b++;
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
		if (*a == '\0')
			return true;
	}
}

/* If-Match and the etag in the body guard against a lost update, If-None-Match against overwriting. */
static bool
conditions_check(const struct put *put)
{
	const char *match = exchange_request_header(put->x, "if-match"), *none = exchange_request_header(put->x, "if-none-match");
	const char *etag = put->before == NULL ? NULL : resource_text(put->before, "etag"), *sent = resource_text(put->body, "etag");
	RELEASE(text) char *quoted = text_format("\"%s\"", etag == NULL ? "" : etag);
	bool good = true;

	if (match != NULL)
		good = etag != NULL && (strcmp(match, "*") == 0 || strcmp(match, etag) == 0 || strcmp(match, quoted) == 0);
	if (none != NULL && strcmp(none, "*") == 0 && etag != NULL)
		good = false;
	if (sent != NULL && etag != NULL && strcmp(sent, etag) != 0)
		good = false;
	if (!good)
		exchange_error(put->x, 412, "PreconditionFailed", "The resource '%s' has another etag than the request asks for.", put->id->text);
	return good;
}

/* A service needs a workspace that is there, and a name of the right form. */
static bool
place_check(const struct put *put)
{
	RELEASE(text) char *parent = text_copy(put->id->text);
	regex_t form;
	bool right;

	if (regcomp(&form, "^[a-z0-9][a-z0-9-]{1,22}[a-z0-9]$", REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
		return false;
	right = regexec(&form, armid_name(put->id), 0, NULL, 0) == 0;
	regfree(&form);
	if (!right) {
		exchange_error(put->x, 400, "InvalidResourceName", "The resource name '%s' is not valid.", armid_name(put->id));
		return false;
	}
	if (put->id->type_count == 1)
		return true;

	/* The workspace's id ends two words before. */
	*strrchr(parent, '/') = '\0';
	*strrchr(parent, '/') = '\0';
	if (resource_find(put->x->world, parent) != NULL)
		return true;
	exchange_error(put->x, 404, "ParentResourceNotFound", "The parent resource '%s' was not found.", parent);
	return false;
}

/* What Resource Manager itself asks of a body: a location, which never changes; and the service: a kind that never changes. */
static bool
fixed_check(const struct put *put)
{
	const char *location = resource_text(put->body, "location"), *kind = resource_text(put->body, "kind"), *was;

	if (location == NULL || *location == '\0') {
		exchange_error(put->x, 400, "LocationRequired", "The location property is required for this definition.");
		return false;
	}
	if (put->before == NULL)
		return true;
	was = resource_text(put->before, "location");
	if (!same_location(location, was)) {
		exchange_error(put->x, 409, "InvalidResourceLocation", "The resource '%s' already exists in location '%s', not in '%s'.",
		    armid_name(put->id), was, location);
		return false;
	}
	was = resource_text(put->before, "kind");
	if (kind != NULL && was != NULL && strcmp(kind, was) != 0) {
		exchange_error(put->x, 400, "PropertyChangeNotAllowed", "Changing property 'kind' from '%s' to '%s' is not allowed.", was, kind);
		return false;
	}
	return true;
}

/* The read-only values that a body may repeat. */
static json_t *
present_values(const struct put *put)
{
	json_t *present;

	if (put->before != NULL)
		return health_show(put->x, put->before);
	present = json_pack("{s:s, s:s, s:s}", "id", put->id->text, "name", armid_name(put->id), "type", put->kind->type);
	if (put->kind->put_at_once)
		json_object_set_new(present, "properties", json_pack("{s:[]}", "privateEndpointConnections"));
	return present;
}

static bool
body_check(const struct put *put)
{
	RELEASE(json) json_t *present = present_values(put);
	struct schema_problem problem;

	if (!schema_check(put->kind->body, put->body, present, put->version, &problem)) {
		exchange_error(put->x, 400, problem.code, "%s", problem.message);
		return false;
	}

	/* The older account refuses its private endpoint connections, even unchanged. */
	if (put->kind->put_at_once && json_array_size(resource_at(put->body, "properties.privateEndpointConnections")) > 0) {
		exchange_error(put->x, 400, "InvalidRequestContent", "Property 'properties.privateEndpointConnections' cannot be set here.");
		return false;
	}
	return true;
}

/* Fill in what the service decides where a client says nothing. */
static void
defaults_fill(const struct put *put, json_t *properties)
{
	RELEASE(text) char *label = health_host(put->after);
	json_t *authentication = json_object_get(properties, "authenticationConfiguration"), *filled;

	if (json_object_get(properties, "publicNetworkAccess") == NULL)
		json_object_set_new(properties, "publicNetworkAccess", json_string("Enabled"));
	if (put->kind->host_suffix == NULL)
		return;

	/* Of a DICOM service this part is read-only and always the same. */
	filled = json_pack("{s:o}", "authority", armtext_json("https://login.microsoftonline.com/%s", world_tenant(put->x->world)));
	if (text_ends(put->kind->lower, "/dicomservices"))
		json_object_set_new(filled, "audiences",
		    json_pack("[s, s]", "https://dicom.healthcareapis.azure.com/", "https://dicom.healthcareapis.azure.com"));
	else {
		json_object_set_new(filled, "audience", armtext_json("https://%s.%s", label, put->kind->host_suffix));
		json_object_set_new(filled, "smartProxyEnabled", json_false());
		json_object_update(filled, authentication);
	}
	json_object_set_new(properties, "authenticationConfiguration", filled);
}

/* The properties that shall be: what was sent, what only the service writes, what it decides. */
static void
properties_build(const struct put *put, const json_t *taken)
{
	json_t *properties = json_object_get(taken, "properties");
	json_t *was = json_object_get(put->before, "properties");
	size_t i;

	properties = properties == NULL ? json_object() : json_deep_copy(properties);
	json_object_set_new(put->after, "properties", properties);
	if (put->before == NULL) {
		json_object_set_new(properties, "privateEndpointConnections", json_array());
		if (put->kind->host_suffix != NULL && !put->kind->put_at_once)
			json_object_set_new(properties, "eventState", json_string("Disabled"));
	}
	for (i = 0; i < sizeof CARRIED / sizeof CARRIED[0]; i++)
		if (json_object_get(was, CARRIED[i]) != NULL)
			json_object_set(properties, CARRIED[i], json_object_get(was, CARRIED[i]));
	defaults_fill(put, properties);
}

/* Put the new resource together; false if its identity is refused. */
static bool
after_build(struct put *put)
{
	RELEASE(json) json_t *taken = schema_take(put->kind->body, put->body, put->version);
	json_t *identity = NULL, *kind = json_object_get(taken, "kind");

	/* Names keep the letters of their first PUT. */
	put->after = json_object();
	if (put->before != NULL) {
		json_object_set(put->after, "id", json_object_get(put->before, "id"));
		json_object_set(put->after, "name", json_object_get(put->before, "name"));
		json_object_set_new(put->after, "systemData", json_deep_copy(json_object_get(put->before, "systemData")));
	} else {
		json_object_set_new(put->after, "id", json_string(put->id->text));
		json_object_set_new(put->after, "name", json_string(armid_name(put->id)));
	}
	json_object_set_new(put->after, "type", json_string(put->kind->type));
	json_object_set(put->after, "location", json_object_get(put->before != NULL ? put->before : taken, "location"));
	if (json_object_get(taken, "tags") != NULL)
		json_object_set(put->after, "tags", json_object_get(taken, "tags"));

	/* A kind that is not repeated stays; a new service gets the usual one. */
	if (kind == NULL)
		kind = json_object_get(put->before, "kind");
	if (kind != NULL)
		json_object_set(put->after, "kind", kind);
	else if (put->kind->default_kind != NULL)
		json_object_set_new(put->after, "kind", json_string(put->kind->default_kind));

	if (!health_identity(put->x, json_object_get(taken, "identity"), json_object_get(put->before, "identity"), &identity))
		return false;
	if (identity != NULL)
		json_object_set_new(put->after, "identity", identity);
	properties_build(put, taken);
	health_touch(put->x, put->after);
	return true;
}

/* The key's URL must have the right form; an older account decides at its creation whether it has one. */
static bool
key_check(const struct put *put)
{
	struct encryption_refusal refusal;
	bool versionless;

	if (!encryption_url_check(put->after, &refusal)) {
		exchange_error(put->x, 400, refusal.code, "%s", refusal.message);
		return false;
	}
	if (put->before == NULL || !put->kind->put_at_once ||
	    (encryption_key_url(put->before, &versionless) == NULL) == (encryption_key_url(put->after, &versionless) == NULL))
		return true;
	exchange_error(put->x, 400, "PropertyChangeNotAllowed",
	    "Property 'properties.cosmosDbConfiguration.keyVaultKeyUri' is chosen at creation; it can be changed, not added or removed.");
	return false;
}

static bool
put_check(const struct put *put)
{
	if (!conditions_check(put) || !place_check(put))
		return false;
	if (put->before != NULL && operation_running(put->before)) {
		exchange_error(put->x, 409, "AnotherOperationInProgress", "Another operation on '%s' is in progress.", put->id->text);
		return false;
	}
	if (!json_is_object(put->body)) {
		exchange_error(put->x, 400, "InvalidRequestContent", "The request content was invalid and could not be read as a JSON object.");
		return false;
	}
	return fixed_check(put) && body_check(put);
}

void
health_put(struct exchange *x, const struct armid *id, const struct health_kind *kind)
{
	struct put put = { .x = x, .id = id, .kind = kind, .version = exchange_query(x, "api-version"), .body = x->body_json,
		.before = resource_find(x->world, id->text) };
	json_t *before = NULL;

	if (!put_check(&put))
		return;
	if (!after_build(&put) || !key_check(&put)) {
		json_decref(put.after);
		return;
	}

	/* The store stays with the resource, whatever its values become. */
	if (put.before != NULL) {
		before = json_copy(put.before);
		json_object_set(put.after, "store", json_object_get(put.before, "store"));
		json_object_del(before, "store");
	} else if (kind->host_suffix != NULL)
		encryption_seed(put.after, json_array());
	resource_keep(x->world, id->text, put.after);
	operation_begin(x, &(struct operation_start){ .act = before == NULL ? "create" : "update", .resource = id->text, .before = before,
	    .at_once = kind->put_at_once });
}
