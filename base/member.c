#include "member.h"

#include <stdlib.h>
#include <string.h>

/* Longer steps than this are no member's name of any protocol that keyturn speaks. */
enum { STEP_MAX = 255 };

static const char *const type_names[] = {
	[JSON_OBJECT] = "an object",
	[JSON_ARRAY] = "an array",
	[JSON_STRING] = "a string",
	[JSON_INTEGER] = "a whole number",
	[JSON_REAL] = "a number with a fraction",
	[JSON_TRUE] = "true",
	[JSON_FALSE] = "false",
	[JSON_NULL] = "null",
};

static const char *
found(const json_t *value)
{
	return value == NULL ? "nothing" : type_names[json_typeof(value)];
}

bool
member_parse(const char *text, size_t size, const char *what, json_t **ret_value,
    struct fault *fault)
{
	json_error_t error;
	json_t *value = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);

	/* The parser's words quote the text near the mistake, which may be a secret: leave them out. */
	if (value == NULL)
		return fault_set(fault, FAULT_PROTOCOL,
		    "%s (%zu bytes) is not a JSON object or array: %s in line %d, column %d", what,
		    size, json_error_code(&error) == json_error_duplicate_key ?
		    "a member is repeated" : "it cannot be read on", error.line, error.column);
	*ret_value = value;
	return true;
}

/*
 * Copy one step of a JSON Pointer (RFC 6901, 3), with ~1 and ~0 made / and ~, up to the next
 * slash or the end. Returns where it stopped, or NULL for a step that is too long or malformed.
 */
static const char *
read_step(const char *place, char step[static STEP_MAX + 1])
{
	size_t size = 0;

	for (; *place != 0 && *place != '/'; place++) {
		char character = *place;

		if (character == '~') {
			place++;
			if (*place != '0' && *place != '1')
				return NULL;
			character = *place == '0' ? '~' : '/';
		}
		if (size == STEP_MAX)
			return NULL;
		step[size++] = character;
	}
	step[size] = 0;
	return place;
}

/* An element by its index: digits only, no leading zero (RFC 6901, 4). */
static json_t *
element(const json_t *array, const char *step)
{
	size_t length = strlen(step);

	if (length == 0 || length > 9 || strspn(step, "0123456789") != length ||
	    (step[0] == '0' && length > 1))
		return NULL;
	return json_array_get(array, strtoul(step, NULL, 10));
}

/* Like jansson's own lookups: a constant object still gives out values that can be changed. */
json_t *
member_find(const json_t *object, const char *pointer)
{
	const json_t *value = object;
	char step[STEP_MAX + 1];

	while (value != NULL && *pointer != 0) {
		if (*pointer != '/' || (pointer = read_step(pointer + 1, step)) == NULL)
			return NULL;
		value = json_is_array(value) ? element(value, step) : json_object_get(value, step);
	}
	return (json_t *)(uintptr_t)value;
}

/* The one sentence of all the readers below. */
static bool
wrong(struct fault *fault, const char *pointer, const char *wanted, const json_t *value)
{
	return fault_set(fault, FAULT_PROTOCOL, "%s should be %s; found %s",
	    *pointer == 0 ? "the whole value" : pointer, wanted, found(value));
}

bool
member_string(const json_t *object, const char *pointer, const char **ret_text,
    struct fault *fault)
{
	const json_t *value = member_find(object, pointer);

	if (!json_is_string(value))
		return wrong(fault, pointer, "a string", value);
	*ret_text = json_string_value(value);
	return true;
}

bool
member_integer(const json_t *object, const char *pointer, int64_t *ret_number,
    struct fault *fault)
{
	const json_t *value = member_find(object, pointer);

	if (!json_is_integer(value))
		return wrong(fault, pointer, "a whole number", value);
	*ret_number = json_integer_value(value);
	return true;
}

bool
member_boolean(const json_t *object, const char *pointer, bool *ret_value, struct fault *fault)
{
	const json_t *value = member_find(object, pointer);

	if (!json_is_boolean(value))
		return wrong(fault, pointer, "true or false", value);
	*ret_value = json_is_true(value);
	return true;
}

const char *
member_text(const json_t *object, const char *pointer, const char *fallback)
{
	const char *text = json_string_value(member_find(object, pointer));

	return text == NULL ? fallback : text;
}

char *
member_print(const json_t *value)
{
	return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
}
