#include "armhandlers.h"

#include "armid.h"
#include "armtext.h"
#include "exchange.h"
#include "release.h"
#include "resource.h"
#include "roles.h"
#include "text.h"
#include "world.h"

#include <regex.h>
#include <string.h>
#include <strings.h>

/* Whether a scope is ${above} or lies below it. */
static bool
within(const char *scope, const char *above)
{
	size_t length = strlen(above);

	while (length > 0 && above[length - 1] == '/')
		length--;
	return strncasecmp(scope, above, length) == 0 && (scope[length] == '/' || scope[length] == '\0');
}

/* Take the value out of "principalId eq 'GUID'" and "assignedTo('GUID')". */
static bool
filter_principal(const char *filter, char out[static WORLD_GUID_SIZE])
{
	static const char FORM[] = "^ *(principalId +eq +|assignedTo\\()'([0-9a-fA-F-]{36})'\\)? *$";
	regmatch_t at[3];
	regex_t form;
	bool match;

	if (regcomp(&form, FORM, REG_EXTENDED | REG_ICASE) != 0)
		return false;
	match = regexec(&form, filter, 3, at, 0) == 0;
	regfree(&form);
	if (match) {
		memcpy(out, filter + at[2].rm_so, WORLD_GUID_SIZE - 1);
		out[WORLD_GUID_SIZE - 1] = '\0';
	}
	return match;
}

/* At the scope, above it, and without atScope() also below it; with a principal only that one's. */
static void
assignments_list(struct exchange *x, const struct armid *id)
{
	const char *filter = exchange_query(x, "$filter"), *scope, *owner;
	char principal[WORLD_GUID_SIZE] = "";
	bool at_scope = filter != NULL && strcasecmp(filter, "atScope()") == 0;
	json_t *value, *assignment;
	size_t i;

	if (filter != NULL && *filter != '\0' && !at_scope && !filter_principal(filter, principal)) {
		exchange_error(x, 400, "InvalidFilter", "The filter '%s' is not supported.", filter);
		return;
	}
	value = json_array();
	json_array_foreach(json_object_get(x->world->root, "role_assignments"), i, assignment) {
		scope = resource_text(assignment, "properties.scope");
		owner = resource_text(assignment, "properties.principalId");
		if ((within(id->scope, scope) || (!at_scope && within(scope, id->scope))) && (*principal == '\0' || strcasecmp(owner, principal) == 0))
			json_array_append(value, assignment);
	}
	exchange_answer(x, 200, json_pack("{s:o}", "value", value));
}

/* The place of the assignment with the id of the request, or the length of the array. */
static size_t
assignment_find(const json_t *assignments, const struct armid *id)
{
	json_t *assignment;
	size_t i;

	json_array_foreach(assignments, i, assignment)
		if (strcasecmp(resource_text(assignment, "id"), id->text) == 0)
			return i;
	return json_array_size(assignments);
}

/* Whether the role at the end of ${definition} is one that is known. */
static bool
role_known(struct world *w, const char *definition)
{
	RELEASE(json) json_t *roles = roles_definitions(w);
	const char *slash = strrchr(definition, '/');
	json_t *role;
	size_t i;

	json_array_foreach(roles, i, role)
		if (slash != NULL && strcasecmp(resource_text(role, "name"), slash + 1) == 0)
			return true;
	return false;
}

/* Names of assignments, and principals, are GUIDs. */
static bool
is_guid(const char *text)
{
	static const char FORM[] = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";
	regex_t form;
	bool match;

	if (text == NULL || regcomp(&form, FORM, REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
		return false;
	match = regexec(&form, text, 0, NULL, 0) == 0;
	regfree(&form);
	return match;
}

/* Whether the same role is assigned to the same principal at the same scope already. */
static const char *
assignment_twin(const json_t *assignments, const json_t *wanted, const char *scope)
{
	const char *role = strrchr(resource_text(wanted, "roleDefinitionId"), '/'), *other;
	json_t *assignment;
	size_t i;

	json_array_foreach(assignments, i, assignment) {
		other = strrchr(resource_text(assignment, "properties.roleDefinitionId"), '/');
		if (other != NULL && role != NULL && strcasecmp(other, role) == 0 && strcasecmp(resource_text(assignment, "properties.scope"), scope) == 0 &&
		    strcasecmp(resource_text(assignment, "properties.principalId"), resource_text(wanted, "principalId")) == 0)
			return resource_text(assignment, "name");
	}
	return NULL;
}

static void
assignment_put(struct exchange *x, const struct armid *id)
{
	json_t *assignments = json_object_get(x->world->root, "role_assignments"), *wanted = json_object_get(x->body_json, "properties"), *made, *now;
	const char *definition = resource_text(wanted, "roleDefinitionId"), *principal = resource_text(wanted, "principalId"), *twin;
	const char *kind = resource_text(wanted, "principalType");

	/* Everything that can be wrong, in Azure's words. */
	if (!is_guid(armid_name(id)))
		exchange_error(x, 400, "InvalidRoleAssignmentId", "The role assignment ID '%s' is not valid. It must be a GUID.", armid_name(id));
	else if (definition == NULL || !is_guid(principal))
		exchange_error(x, 400, "InvalidCreateRoleAssignmentRequest", "The request needs properties.roleDefinitionId and properties.principalId.");
	else if (!role_known(x->world, definition))
		exchange_error(x, 404, "RoleDefinitionDoesNotExist", "The specified role definition '%s' does not exist.", definition);
	else if ((twin = assignment_twin(assignments, wanted, id->scope)) != NULL && strcasecmp(twin, armid_name(id)) != 0)
		exchange_error(x, 409, "RoleAssignmentExists", "The role assignment already exists. The ID of the existing role assignment is %s.", twin);
	else if (twin == NULL && assignment_find(assignments, id) < json_array_size(assignments))
		exchange_error(x, 409, "RoleAssignmentUpdateNotPermitted", "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.");
	else if (twin != NULL)
		exchange_answer(x, 200, json_incref(json_array_get(assignments, assignment_find(assignments, id))));
	else {
		now = armtext_time(world_now_ms(x->world));
		made = json_pack("{s:s, s:s, s:s, s:{s:s, s:s, s:s, s:s, s:O, s:o, s:s, s:s}}", "id", id->text, "name", armid_name(id),
		    "type", "Microsoft.Authorization/roleAssignments", "properties", "scope", id->scope, "principalId", principal,
		    "principalType", kind == NULL ? "ServicePrincipal" : kind, "roleDefinitionId", definition, "createdOn", now, "updatedOn", now,
		    "createdBy", x->principal, "updatedBy", x->principal);
		json_array_append(assignments, made);
		world_changed(x->world);
		exchange_answer(x, 201, made);
	}
}

void
armroles_assignments(struct exchange *x, const struct armid *id)
{
	json_t *assignments = json_object_get(x->world->root, "role_assignments");
	size_t place;

	if (armid_is_collection(id)) {
		assignments_list(x, id);
		return;
	}
	if (strcmp(x->method, "PUT") == 0) {
		assignment_put(x, id);
		return;
	}
	place = assignment_find(assignments, id);
	if (place == json_array_size(assignments)) {
		if (strcmp(x->method, "DELETE") == 0)
			exchange_answer(x, 204, NULL);
		else
			exchange_error(x, 404, "RoleAssignmentNotFound", "The role assignment '%s' is not found.", armid_name(id));
		return;
	}
	exchange_answer(x, 200, json_incref(json_array_get(assignments, place)));
	if (strcmp(x->method, "DELETE") == 0) {
		json_array_remove(assignments, place);
		world_changed(x->world);
	}
}

/* One definition, or those with the name that a filter asks for. */
void
armroles_definitions(struct exchange *x, const struct armid *id)
{
	RELEASE(json) json_t *all = roles_definitions(x->world);
	RELEASE(text) char *wanted = NULL;
	const char *filter = exchange_query(x, "$filter");
	json_t *value, *role;
	size_t i;

	json_array_foreach(all, i, role)
		if (!armid_is_collection(id) && strcasecmp(resource_text(role, "name"), armid_name(id)) == 0) {
			exchange_answer(x, 200, json_incref(role));
			return;
		}
	if (!armid_is_collection(id)) {
		exchange_error(x, 404, "RoleDefinitionDoesNotExist", "The specified role definition '%s' does not exist.", armid_name(id));
		return;
	}
	value = json_array();
	json_array_foreach(all, i, role) {
		free(wanted);
		wanted = text_format("roleName eq '%s'", resource_text(role, "properties.roleName"));
		if (filter == NULL || *filter == '\0' || strcasecmp(filter, "atScopeAndBelow()") == 0 || strcasecmp(filter, wanted) == 0)
			json_array_append(value, role);
	}
	exchange_answer(x, 200, json_pack("{s:o}", "value", value));
}

/* What the caller's own roles allow at a scope: one entry for each assignment at or above it. */
void
armroles_permissions(struct exchange *x, const struct armid *id)
{
	RELEASE(json) json_t *roles = roles_definitions(x->world);
	json_t *value = json_array(), *assignment, *role;
	const char *guid;
	size_t i, k;

	json_array_foreach(json_object_get(x->world->root, "role_assignments"), i, assignment) {
		guid = strrchr(resource_text(assignment, "properties.roleDefinitionId"), '/');
		if (guid == NULL || strcasecmp(resource_text(assignment, "properties.principalId"), x->principal) != 0 ||
		    !within(id->scope, resource_text(assignment, "properties.scope")))
			continue;
		json_array_foreach(roles, k, role)
			if (strcasecmp(resource_text(role, "name"), guid + 1) == 0)
				json_array_append(value, json_array_get(resource_at(role, "properties.permissions"), 0));
	}
	exchange_answer(x, 200, json_pack("{s:o}", "value", value));
}

void
armroles_denials(struct exchange *x, const struct armid *id)
{
	if (armid_is_collection(id))
		exchange_answer(x, 200, json_pack("{s:[]}", "value"));
	else
		exchange_error(x, 404, "DenyAssignmentNotFound", "The deny assignment '%s' is not found.", armid_name(id));
}
