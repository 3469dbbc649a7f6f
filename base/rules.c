#include "rules.h"

#include "document.h"
#include "scope.h"
#include "suggest.h"

#include <regex.h>
#include <string.h>

enum { QUOTED_MAX = 120 };	/* bytes of a value that a message repeats */

static_assert(sizeof (int) == sizeof (enum rule_kind), "enums must be as wide as int for RULE_CHOICE");

/* Where a value is: in which document, at which pointer, under which row, into which struct. */
struct spot {
	struct document *document;
	const char *pointer;
	const struct rule *rule;
	char *target;
};

static void read_object(const struct rules *rules, const struct spot *spot, const json_t *object);

static void *
at(const struct spot *spot, size_t offset)
{
	return spot->target + offset;
}

/* How messages call the value: by its name, or as an element where it has none of its own. */
static void
print_label(const struct spot *spot, char *text, size_t size)
{
	const char *last = strrchr(spot->pointer, '/');
	bool element = last != NULL && strcmp(last + 1, spot->rule->name) != 0;

	if (last == NULL)
		snprintf(text, size, "the file");
	else
		snprintf(text, size, element ? "this element of \"%s\"" : "\"%s\"", spot->rule->name);
}

static const char *const type_names[] = {
	[JSON_OBJECT] = "an object",
	[JSON_ARRAY] = "a list",
	[JSON_STRING] = "a string",
	[JSON_INTEGER] = "a number",
	[JSON_REAL] = "a number",
	[JSON_TRUE] = "true",
	[JSON_FALSE] = "false",
	[JSON_NULL] = "null",
};

/* The value as JSON in ASCII, cut where it gets long; only its type if it may be a secret or has an inside. */
static void
print_value(const struct spot *spot, const json_t *value, char *text, size_t size)
{
	SCOPE(free) char *printed = NULL;

	if (!spot->rule->quiet && !json_is_object(value) && !json_is_array(value))
		printed = json_dumps(value, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
	if (printed == NULL)
		snprintf(text, size, "%s", type_names[json_typeof(value)]);
	else if (strlen(printed) >= size)
		snprintf(text, size, "%.*s...", (int)size - 4, printed);
	else
		snprintf(text, size, "%s", printed);
}

/* The value is not what its row wants: say what was found and what would be right. */
static void
report(const struct spot *spot, const json_t *value)
{
	char label[80], found[QUOTED_MAX];

	print_label(spot, label, sizeof label);
	print_value(spot, value, found, sizeof found);
	if (spot->rule->quiet && json_is_string(value))
		document_problem(spot->document, spot->pointer,
		    "%s is not right (it is not repeated here, since it may hold a secret); it must be %s",
		    label, spot->rule->right);
	else
		document_problem(spot->document, spot->pointer, "%s is %s; it must be %s",
		    label, found, spot->rule->right);
}

/* Whether ${text} matches the POSIX extended expression; one that does not compile matches nothing. */
static bool
matches(const char *expression, const char *text)
{
	regex_t regex;
	bool result;

	if (regcomp(&regex, expression, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	result = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return result;
}

/* Whether no C0 or C1 control character and no DEL is in it, and at most ${max} characters. */
static bool
is_plain(const char *text, unsigned max)
{
	size_t count = 0;

	for (const unsigned char *at_byte = (const unsigned char *)text; *at_byte != '\0'; at_byte++) {
		if (*at_byte < 0x20 || *at_byte == 0x7f || (*at_byte == 0xc2 && at_byte[1] < 0xa0))
			return false;
		count += (*at_byte & 0xc0) != 0x80;
	}
	return max == 0 || count <= max;
}

/* Whether a string fits the row; what does not is reported. */
static bool
check_text(const struct spot *spot, const json_t *value)
{
	const struct rule *rule = spot->rule;
	const char *text = json_string_value(value);

	if (text == NULL || !is_plain(text, rule->max)
	    || (rule->pattern != NULL && !matches(rule->pattern, text))
	    || (rule->never != NULL && matches(rule->never, text))) {
		report(spot, value);
		return false;
	}
	return true;
}

static void
read_text(const struct spot *spot, const json_t *value)
{
	char *copy;

	if (!check_text(spot, value))
		return;
	if ((copy = strdup(json_string_value(value))) == NULL)
		document_out_of_memory(spot->document);
	memcpy(at(spot, spot->rule->offset), &copy, sizeof copy);
}

/* The pointer of element ${index}; NULL, and noted, without memory. */
static char *
element_pointer(const struct spot *spot, size_t index)
{
	char *pointer;

	if (asprintf(&pointer, "%s/%zu", spot->pointer, index) >= 0)
		return pointer;
	document_out_of_memory(spot->document);
	return NULL;
}

/* One string, or a list of strings, each of which must fit. */
static void
read_texts(const struct spot *spot, const json_t *value)
{
	size_t count = json_is_array(value) ? json_array_size(value) : 1;
	char **texts = calloc(count + 1, sizeof *texts);

	memcpy(at(spot, spot->rule->offset), &texts, sizeof texts);
	if (texts == NULL) {
		document_out_of_memory(spot->document);
		return;
	}
	for (size_t i = 0, filled = 0; i < count; i++) {
		SCOPE(free) char *pointer = NULL;
		const json_t *element = json_is_array(value) ? json_array_get(value, i) : value;
		struct spot inner = *spot;
		if (json_is_array(value)) {
			if ((pointer = element_pointer(spot, i)) == NULL)
				return;
			inner.pointer = pointer;
		}
		if (!check_text(&inner, element))
			continue;
		if ((texts[filled++] = strdup(json_string_value(element))) == NULL)
			document_out_of_memory(spot->document);
	}
}

/* 3072.0 is 3072, as in JSON Schema. */
static void
read_number(const struct spot *spot, const json_t *value)
{
	double found = json_number_value(value);

	for (const unsigned *number = spot->rule->numbers; json_is_number(value) && *number != 0; number++) {
		if (found >= *number && found <= *number) {
			memcpy(at(spot, spot->rule->offset), number, sizeof *number);
			return;
		}
	}
	report(spot, value);
}

static void
read_boolean(const struct spot *spot, const json_t *value)
{
	bool found = json_is_true(value);

	if (!json_is_boolean(value)) {
		report(spot, value);
		return;
	}
	memcpy(at(spot, spot->rule->offset), &found, sizeof found);
}

static void
read_choice(const struct spot *spot, const json_t *value)
{
	const struct rule_choice *choice = spot->rule->choices;
	const char *text = json_string_value(value);

	while (text != NULL && choice->name != NULL && strcmp(choice->name, text) != 0)
		choice++;
	if (text == NULL || choice->name == NULL)
		report(spot, value);
	else if (choice->refused != NULL)
		document_problem(spot->document, spot->pointer, "\"%s\" is \"%s\"; %s",
		    spot->rule->name, choice->name, choice->refused);
	else
		memcpy(at(spot, spot->rule->offset), &choice->value, sizeof choice->value);
}

static void
read_inner(const struct spot *spot, const json_t *value)
{
	if (json_is_object(value))
		read_object(spot->rule->members, spot, value);
	else
		report(spot, value);
}

/* A list of objects into an array of structs, each starting as the defaults. */
static void
read_list(const struct spot *spot, const json_t *value)
{
	const struct rules *members = spot->rule->members;
	size_t count = json_array_size(value);
	char *list;

	if (!json_is_array(value)) {
		report(spot, value);
		return;
	}
	if ((list = calloc(count + 1, members->size)) == NULL) {
		document_out_of_memory(spot->document);
		return;
	}
	memcpy(at(spot, spot->rule->offset), &list, sizeof list);
	memcpy(at(spot, spot->rule->count_offset), &count, sizeof count);
	for (size_t i = 0; i < count; i++) {
		SCOPE(free) char *pointer = element_pointer(spot, i);
		struct spot inner = *spot;
		if (pointer == NULL)
			return;
		inner.pointer = pointer;
		inner.target = list + i * members->size;
		if (members->defaults != NULL)
			memcpy(inner.target, members->defaults, members->size);
		read_inner(&inner, json_array_get(value, i));
	}
}

static void
read_ignored(const struct spot *spot, const json_t *value)
{
	if (!json_is_string(value))
		report(spot, value);
}

static void
read_refused(const struct spot *spot, const json_t *value)
{
	(void)value;
	document_problem(spot->document, spot->pointer, "\"%s\" is not taken by this version: %s",
	    spot->rule->name, spot->rule->right);
}

static void (*const readers[])(const struct spot *spot, const json_t *value) = {
	[RULE_TEXT] = read_text,
	[RULE_TEXTS] = read_texts,
	[RULE_NUMBER] = read_number,
	[RULE_BOOLEAN] = read_boolean,
	[RULE_CHOICE] = read_choice,
	[RULE_OBJECT] = read_inner,
	[RULE_LIST] = read_list,
	[RULE_IGNORED] = read_ignored,
	[RULE_REFUSED] = read_refused,
};

static_assert(sizeof readers / sizeof readers[0] == RULE_REFUSED + 1, "every kind of rule has a reader");
