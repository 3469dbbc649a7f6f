#include "armlist.h"

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

enum { TERMS_MAX = 8 };

/* A filter: every term must hold. */
struct filter {
	struct term {
		char field[32];
		char value[256];
	} terms[TERMS_MAX];
	size_t count;
};

static const char *const FIELDS[] = { "resourceType", "name", "resourceGroup", "location" };

static bool
field_known(const char *field)
{
	size_t i;

	for (i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++)
		if (strcasecmp(FIELDS[i], field) == 0)
			return true;
	return false;
}

/* Read "a eq 'x' and b eq 'y'"; false for anything else. */
static bool
filter_parse(const char *text, struct filter *filter)
{
	static const char TERM[] = "^ *([a-zA-Z]+) +eq +'([^']*)' *( and +|$)";
	regmatch_t at[4];
	regex_t form;
	bool right = true;

	filter->count = 0;
	if (regcomp(&form, TERM, REG_EXTENDED) != 0)
		return false;
	while (right && *text != '\0') {
		struct term *term = &filter->terms[filter->count];

		right = filter->count < TERMS_MAX && regexec(&form, text, 4, at, 0) == 0 &&
		    at[1].rm_eo - at[1].rm_so < (int)sizeof term->field && at[2].rm_eo - at[2].rm_so < (int)sizeof term->value;
		if (!right)
			break;
		memcpy(term->field, text + at[1].rm_so, (size_t)(at[1].rm_eo - at[1].rm_so));
		term->field[at[1].rm_eo - at[1].rm_so] = '\0';
		memcpy(term->value, text + at[2].rm_so, (size_t)(at[2].rm_eo - at[2].rm_so));
		term->value[at[2].rm_eo - at[2].rm_so] = '\0';
		right = field_known(term->field);
		filter->count++;
		text += at[0].rm_eo;
	}
	regfree(&form);
	return right;
}

/* Whether a resource passes all terms. */
static bool
filter_passes(const struct filter *filter, const json_t *resource)
{
	char group[128];
	const char *value;
	size_t i;

	for (i = 0; i < filter->count; i++) {
		const struct term *term = &filter->terms[i];

		if (strcasecmp(term->field, "resourceType") == 0)
			value = resource_text(resource, "type");
		else if (strcasecmp(term->field, "resourceGroup") == 0)
			value = resource_part(resource_text(resource, "id"), "resourceGroups", group, sizeof group) ? group : NULL;
		else
			value = resource_text(resource, strcasecmp(term->field, "name") == 0 ? "name" : "location");
		if (value == NULL || strcasecmp(value, term->value) != 0)
			return false;
	}
	return true;
}

/* The short form of a resource. */
static json_t *
short_form(const json_t *resource)
{
	static const char *const MEMBERS[] = { "id", "name", "type", "location", "tags", "kind", "identity" };
	json_t *shown = json_object();
	size_t i;

	for (i = 0; i < sizeof MEMBERS / sizeof MEMBERS[0]; i++)
		if (json_object_get(resource, MEMBERS[i]) != NULL)
			json_object_set(shown, MEMBERS[i], json_object_get(resource, MEMBERS[i]));

	return shown;
}

/* Vaults are kept apart from the other resources; bring them into the same shape. */
static json_t *
everything(struct world *w)
{
	json_t *all = json_array(), *item;
	const char *key;

	json_object_foreach(json_object_get(w->root, "vaults"), key, item)
		json_array_append_new(all, json_pack("{s:O, s:O, s:s, s:O, s:{}}", "id", json_object_get(item, "id"), "name", json_object_get(item, "name"),
		    "type", "Microsoft.KeyVault/vaults", "location", json_object_get(item, "location"), "tags"));
	json_object_foreach(resource_all(w), key, item)
		json_array_append_new(all, short_form(item));
	return all;
}

/* Whether the caller may read a resource, by its own type's read action. */
static bool
may_read(struct exchange *x, const json_t *resource)
{
	RELEASE(text) char *action = text_format("%s/read", resource_text(resource, "type"));

	return roles_allow_control(x->world, x->principal, resource_text(resource, "id"), action);
}

void
armlist_answer(struct exchange *x, const char *scope)
{
	const char *text = exchange_query(x, "$filter");
	RELEASE(json) json_t *all = everything(x->world);
	struct filter filter = { .count = 0 };
	json_t *value, *resource;
	size_t i;

	if (text != NULL && !filter_parse(text, &filter)) {
		exchange_error(x, 400, "InvalidFilterInQueryString", "Invalid $filter '%s' specified in the query string.", text);
		return;
	}
	value = json_array();
	json_array_foreach(all, i, resource)
		if (resource_below(resource, scope) && filter_passes(&filter, resource) && may_read(x, resource))
			json_array_append(value, resource);
	exchange_answer(x, 200, json_pack("{s:o}", "value", value));
}
