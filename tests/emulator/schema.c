#include "schema.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* How deep in a body we are; paths are built on the way down. */
struct place {
	const struct place *parent;
	const char *name;
	size_t index;			/* used if there is no name */
};

/* What stays the same while one body is checked. */
struct check {
	const char *version;
	struct schema_problem *problem;
};

static const char *const KIND_NAMES[] = {
	[SCHEMA_STRING] = "string",
	[SCHEMA_BOOLEAN] = "boolean",
	[SCHEMA_INTEGER] = "integer",
	[SCHEMA_OBJECT] = "object",
	[SCHEMA_ARRAY] = "array",
	[SCHEMA_MAP] = "object",
};

static bool check_value(const struct check *check, const struct schema *row,
    const json_t *value, const json_t *current, const struct place *place);

/* Order two api-versions: by date, and a preview before its release. */
static int
version_order(const char *a, const char *b)
{
	int order = strncmp(a, b, 10);

	if (order != 0)
		return order;
	return (int)(strlen(a) <= 10) - (int)(strlen(b) <= 10);
}

bool
schema_knows(const struct schema *row, const char *version)
{

	if (row->since != NULL && version_order(version, row->since) < 0)
		return false;
	return row->until == NULL || version_order(version, row->until) <= 0;
}

/* Write the path of a place, outermost name first. */
static size_t
place_print(const struct place *place, char *out, size_t size)
{
	size_t used = 0;
	int n;

	if (place->parent != NULL)
		used = place_print(place->parent, out, size);
	if (used >= size)
		return used;
	if (place->name == NULL)
		n = snprintf(out + used, size - used, "[%zu]", place->index);
	else
		n = snprintf(out + used, size - used, "%s%s",
		    used > 0 ? "." : "", place->name);
	return n < 0 ? used : used + (size_t)n;
}

/* Note what is wrong with a place; always false. */
static bool
refuse(const struct check *check, const struct place *place, const char *code,
    const char *what)
{
	struct schema_problem *problem = check->problem;

	problem->code = code;
	problem->target[0] = '\0';
	(void)place_print(place, problem->target, sizeof problem->target);
	(void)snprintf(problem->message, sizeof problem->message,
	    "The request content was invalid: %s Path '%s', api-version '%s'.",
	    what, problem->target, check->version);
	return false;
}

/* Look for the row of a property that the version knows. */
static const struct schema *
row_find(const struct schema *rows, const char *name, const char *version)
{
	const struct schema *row;

	for (row = rows; row->name != NULL; row++)
		if (strcmp(row->name, name) == 0 && schema_knows(row, version))
			return row;
	return NULL;
}

/* Texts: one of the listed values, or of the pattern, where there is one. */
static bool
check_text(const struct check *check, const struct schema *row,
    const char *text, const struct place *place)
{
	const char *const *value;
	regex_t pattern;
	bool match;

	for (value = row->values; value != NULL && *value != NULL; value++)
		if (strcmp(*value, text) == 0)
			return true;
	if (row->values != NULL)
		return refuse(check, place, "InvalidRequestContent",
		    "the value is not one of the allowed values.");
	if (row->pattern == NULL)
		return true;
	if (regcomp(&pattern, row->pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return refuse(check, place, "InternalServerError", "bad pattern.");
	match = regexec(&pattern, text, 0, NULL, 0) == 0;
	regfree(&pattern);
	return match || refuse(check, place, "InvalidRequestContent",
	    "the value does not have the form that is asked for.");
}

static bool
check_integer(const struct check *check, const struct schema *row,
    json_int_t value, const struct place *place)
{

	if (row->minimum == 0 && row->maximum == 0)
		return true;
	if (value < row->minimum || (row->maximum != 0 && value > row->maximum))
		return refuse(check, place, "InvalidRequestContent",
		    "the number is out of range.");
	return true;
}

/* Length of a time without the zeros at the end of its fraction, and without the "Z". */
static size_t
time_length(const char *text)
{
	size_t length = strlen(text);

	if (length > 0 && text[length - 1] == 'Z')
		length--;
	if (memchr(text, '.', length) == NULL)
		return length;
	while (text[length - 1] == '0')
		length--;
	return text[length - 1] == '.' ? length - 1 : length;
}

/* Some clients parse times and print them anew with fewer digits. */
static bool
same_time(const char *a, const char *b)
{
	size_t length = time_length(a);

	return length == time_length(b) && strncmp(a, b, length) == 0;
}

/* Whether two read-only texts mean the same, as far as their row allows them to differ. */
static bool
same_text(const struct schema *row, const char *a, const char *b)
{

	if ((row->flags & SCHEMA_NO_CASE) != 0)
		return strcasecmp(a, b) == 0;
	return (row->flags & SCHEMA_TIME) != 0 && same_time(a, b);
}

/* A read-only value may be repeated, never changed. */
static bool
check_read_only(const struct check *check, const struct schema *row,
    const json_t *value, const json_t *current, const struct place *place)
{

	if (json_equal(value, current))
		return true;
	if (json_is_string(value) && json_is_string(current) && same_text(row,
	    json_string_value(value), json_string_value(current)))
		return true;
	return refuse(check, place, "PropertyChangeNotAllowed",
	    "the property is read-only and the value sent differs from the "
	    "present one.");
}

static bool
check_object(const struct check *check, const struct schema *rows,
    const json_t *value, const json_t *current, const struct place *place)
{
	const struct schema *row;
	const char *name;
	json_t *member;

	/* Whatever is sent must be known, and right. */
	json_object_foreach((json_t *)(uintptr_t)value, name, member) {
		struct place here = { .parent = place, .name = name };

		if ((row = row_find(rows, name, check->version)) == NULL)
			return refuse(check, &here, "InvalidRequestContent",
			    "could not find such a member on the object.");
		if (!json_is_null(member) && !check_value(check, row, member,
		    json_object_get(current, name), &here))
			return false;
	}

	/* Whatever is required must have been sent. */
	for (row = rows; row->name != NULL; row++) {
		struct place here = { .parent = place, .name = row->name };

		if ((row->flags & SCHEMA_REQUIRED) == 0 ||
		    !schema_knows(row, check->version))
			continue;
		member = json_object_get(value, row->name);
		if (member == NULL || json_is_null(member))
			return refuse(check, &here, "InvalidRequestContent",
			    "a required property is missing.");
	}
	return true;
}

/* Arrays and maps: every item after the one row. */
static bool
check_items(const struct check *check, const struct schema *row,
    const json_t *value, const json_t *current, const struct place *place)
{
	const char *name;
	json_t *item;
	size_t i;

	json_array_foreach(value, i, item) {
		struct place here = { .parent = place, .index = i };

		if (!check_value(check, row->members, item,
		    json_array_get(current, i), &here))
			return false;
	}
	json_object_foreach((json_t *)(uintptr_t)value, name, item) {
		struct place here = { .parent = place, .name = name };

		if (!check_value(check, row->members, item,
		    json_object_get(current, name), &here))
			return false;
	}
	return true;
}

/* Whether a value has the JSON type of its row. */
static bool
kind_fits(const struct schema *row, const json_t *value)
{

	switch (row->kind) {
	case SCHEMA_STRING:
		return json_is_string(value);
	case SCHEMA_BOOLEAN:
		return json_is_boolean(value);
	case SCHEMA_INTEGER:
		return json_is_integer(value);
	case SCHEMA_ARRAY:
		return json_is_array(value);
	case SCHEMA_OBJECT:
	case SCHEMA_MAP:
		return json_is_object(value);
	}
	return false;
}

static bool
check_value(const struct check *check, const struct schema *row,
    const json_t *value, const json_t *current, const struct place *place)
{
	char what[80];

	if ((row->flags & SCHEMA_READ_ONLY) != 0)
		return check_read_only(check, row, value, current, place);
	if (!kind_fits(row, value)) {
		(void)snprintf(what, sizeof what,
		    "the value is not of the type '%s'.", KIND_NAMES[row->kind]);
		return refuse(check, place, "InvalidRequestContent", what);
	}
	switch (row->kind) {
	case SCHEMA_STRING:
		return check_text(check, row, json_string_value(value), place);
	case SCHEMA_INTEGER:
		return check_integer(check, row, json_integer_value(value), place);
	case SCHEMA_OBJECT:
		return check_object(check, row->members, value, current, place);
	case SCHEMA_ARRAY:
	case SCHEMA_MAP:
		return check_items(check, row, value, current, place);
	case SCHEMA_BOOLEAN:
		break;
	}
	return true;
}

bool
schema_check(const struct schema *rows, const json_t *body,
    const json_t *current, const char *version,
    struct schema_problem *ret_problem)
{
	struct check check = { .version = version, .problem = ret_problem };
	struct place place = { .name = "" };

	if (!json_is_object(body))
		return refuse(&check, &place, "InvalidRequestContent",
		    "the body is not a JSON object.");
	return check_object(&check, rows, body, current, &place);
}

/* Copy what the version knows; without the read-only parts if asked to. */
static json_t *
copy(const struct schema *row, const json_t *value, const char *version,
    bool writable_only)
{
	const struct schema *member_row;
	json_t *result, *member;
	const char *name;
	size_t i;

	/* Plain values, and items of a list, go over as they are. */
	if (row->kind == SCHEMA_ARRAY && json_is_array(value)) {
		result = json_array();
		json_array_foreach(value, i, member)
			(void)json_array_append_new(result, copy(row->members,
			    member, version, writable_only));
		return result;
	}
	if ((row->kind != SCHEMA_OBJECT && row->kind != SCHEMA_MAP) ||
	    !json_is_object(value))
		return json_deep_copy(value);

	/* Of objects, only the rows that count here. */
	result = json_object();
	json_object_foreach((json_t *)(uintptr_t)value, name, member) {
		member_row = row->members;
		if (row->kind == SCHEMA_OBJECT)
			member_row = row_find(row->members, name, version);
		if (member_row == NULL || json_is_null(member) || (writable_only &&
		    (member_row->flags & SCHEMA_READ_ONLY) != 0))
			continue;
		(void)json_object_set_new(result, name, copy(member_row, member,
		    version, writable_only));
	}
	return result;
}

json_t *
schema_take(const struct schema *rows, const json_t *body, const char *version)
{
	struct schema top = { .kind = SCHEMA_OBJECT, .members = rows };

	return copy(&top, body, version, true);
}

json_t *
schema_show(const struct schema *rows, const json_t *stored,
    const char *version)
{
	struct schema top = { .kind = SCHEMA_OBJECT, .members = rows };

	return copy(&top, stored, version, false);
}
