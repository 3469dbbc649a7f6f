#include "healthservice.h"

#include "armid.h"
#include "armtext.h"
#include "exchange.h"
#include "healthschema.h"
#include "operation.h"
#include "release.h"
#include "resource.h"
#include "text.h"
#include "world.h"

#include <string.h>
#include <strings.h>

char *
health_host(const json_t *resource)
{
	const char *id = resource_text(resource, "id"), *name = resource_text(resource, "name");
	RELEASE(text) char *label = NULL;
	char workspace[64];

	/* Only services inside a workspace carry its name. */
	if (resource_part(id, "workspaces", workspace, sizeof workspace))
		label = text_format("%s-%s", workspace, name);
	else
		label = text_copy(name);
	return text_lower(label);
}

json_t *
health_show(struct exchange *x, const json_t *resource)
{
	const struct health_kind *kind = health_kind_of(resource_text(resource, "type"));
	json_t *shown = schema_show(kind->body, resource, exchange_query(x, "api-version"));
	RELEASE(text) char *label = health_host(resource);

	/* The URL of a DICOM service has the family of names that the client came by. */
	if (text_ends(kind->lower, "/dicomservices"))
		json_object_set_new(json_object_get(shown, "properties"), "serviceUrl", text_ends(x->host, ".localhost") ?
		    armtext_json("https://%s.dicom.localhost%s", label, exchange_port(x)) :
		    armtext_json("https://%s.%s", label, kind->host_suffix));
	return shown;
}

void
health_touch(struct exchange *x, json_t *resource)
{
	json_t *data = json_object_get(resource, "systemData"), *now = armtext_time(world_now_ms(x->world));

	if (data == NULL) {
		data = json_pack("{s:s, s:s, s:O}", "createdBy", x->principal, "createdByType", "Application", "createdAt", now);
		json_object_set_new(resource, "systemData", data);
	}
	json_object_set_new(data, "lastModifiedBy", json_string(x->principal));
	json_object_set_new(data, "lastModifiedByType", json_string("Application"));
	json_object_set_new(data, "lastModifiedAt", now);
}

/* The answer for a resource that is not there. */
static void
not_found(struct exchange *x, const struct armid *id)
{
	exchange_error(x, 404, "ResourceNotFound", "The Resource '%s/%s' under resource group '%s' was not found.", id->provider, id->type, id->group);
}

/* The resources of one type below a scope. */
static void
list(struct exchange *x, const struct armid *id, const struct health_kind *kind)
{
	RELEASE(text) char *scope = id->type_count > 1 ? text_part(id->text, (size_t)(strrchr(id->text, '/') - id->text)) : text_copy(id->scope);
	json_t *value, *resource;
	const char *key;

	/* Services are listed in a workspace that exists. */
	if (id->type_count > 1 && resource_find(x->world, scope) == NULL) {
		exchange_error(x, 404, "ParentResourceNotFound", "The parent resource '%s' was not found.", scope);
		return;
	}
	value = json_array();
	json_object_foreach(resource_all(x->world), key, resource)
		if (strcasecmp(resource_text(resource, "type"), kind->type) == 0 && resource_below(resource, scope))
			json_array_append_new(value, health_show(x, resource));
	exchange_answer(x, 200, json_pack("{s:o}", "value", value));
}

static void
get(struct exchange *x, const struct armid *id, const struct health_kind *kind)
{
	json_t *resource = resource_find(x->world, id->text);

	(void)kind;
	if (resource == NULL) {
		not_found(x, id);
		return;
	}
	exchange_header(x, "ETag", "\"%s\"", resource_text(resource, "etag"));
	exchange_answer(x, 200, health_show(x, resource));
}

/* The values that a PATCH names, in place of those that were there. */
static bool
patch_apply(struct exchange *x, json_t *resource, const json_t *taken)
{
	json_t *tags = json_object_get(taken, "tags"), *wanted = json_object_get(taken, "identity"), *identity = NULL;
	json_t *access = resource_at(taken, "properties.publicNetworkAccess");

	if (wanted != NULL && !health_identity(x, wanted, json_object_get(resource, "identity"), &identity))
		return false;
	if (identity != NULL)
		json_object_set_new(resource, "identity", identity);
	if (tags != NULL)
		json_object_set(resource, "tags", tags);
	if (access != NULL)
		json_object_set(json_object_get(resource, "properties"), "publicNetworkAccess", access);
	health_touch(x, resource);
	return true;
}

static void
patch(struct exchange *x, const struct armid *id, const struct health_kind *kind)
{
	json_t *resource = resource_find(x->world, id->text), *before;
	const char *version = exchange_query(x, "api-version");
	RELEASE(json) json_t *taken = NULL, *present = NULL;
	struct schema_problem problem;

	/* The same order as a PUT: there, free, well-formed. */
	if (resource == NULL) {
		not_found(x, id);
		return;
	}
	if (operation_running(resource)) {
		exchange_error(x, 409, "AnotherOperationInProgress", "Another operation on '%s' is in progress.", id->text);
		return;
	}
	present = health_show(x, resource);
	if (!schema_check(kind->patch, x->body_json, present, version, &problem)) {
		exchange_error(x, 400, problem.code, "%s", problem.message);
		return;
	}
	before = json_deep_copy(resource);
	json_object_del(before, "store");
	taken = schema_take(kind->patch, x->body_json, version);
	if (!patch_apply(x, resource, taken)) {
		json_decref(before);
		return;
	}
	world_changed(x->world);

	/* The legacy kind patches at once. */
	if (kind->put_at_once) {
		json_decref(before);
		json_object_set_new(resource, "etag", armtext_guid());
		exchange_answer(x, 200, health_show(x, resource));
		return;
	}
	operation_begin(x, &(struct operation_start){ .act = "patch", .resource = id->text, .before = before });
}

/* Whether another resource lives inside this one. */
static bool
has_children(struct world *w, const json_t *parent)
{
	json_t *resource;
	const char *key;

	json_object_foreach(resource_all(w), key, resource)
		if (resource != parent && resource_below(resource, resource_text(parent, "id")))
			return true;
	return false;
}

static void
delete(struct exchange *x, const struct armid *id, const struct health_kind *kind)
{
	json_t *resource = resource_find(x->world, id->text);

	(void)kind;
	if (resource == NULL)
		exchange_answer(x, 204, NULL);
	else if (operation_running(resource))
		exchange_error(x, 409, "AnotherOperationInProgress", "Another operation on '%s' is in progress.", id->text);
	else if (has_children(x->world, resource))
		exchange_error(x, 409, "CannotDeleteResource", "Cannot delete '%s' while it contains resources.", id->text);
	else
		operation_begin(x, &(struct operation_start){ .act = "delete", .resource = id->text });
}

void
health_handle(struct exchange *x, const struct armid *id)
{
	static const struct {
		const char *method;
		void (*handle)(struct exchange *, const struct armid *, const struct health_kind *);
	} METHODS[] = { { "GET", get }, { "PUT", health_put }, { "PATCH", patch }, { "DELETE", delete } };
	const struct health_kind *kind = health_kind_find(id->type);
	size_t i;

	if (armid_is_collection(id)) {
		list(x, id, kind);
		return;
	}
	for (i = 0; i < sizeof METHODS / sizeof METHODS[0]; i++)
		if (strcmp(METHODS[i].method, x->method) == 0)
			METHODS[i].handle(x, id, kind);
}
