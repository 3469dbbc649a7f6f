#include "rulecheck.h"

#include "document.h"
#include "scope.h"

#include <regex.h>
#include <string.h>

enum { QUOTED_MAX = 120 };	/* bytes of a value that a message repeats */

/* Whether the value is one of a list's, and so has no name of its own. */
static bool
is_element(const struct rule_spot *spot)
{
	const char *last = strrchr(spot->pointer, '/');

	return last != NULL && strcmp(last + 1, spot->rule->name) != 0;
}

/* How messages call the value. */
static void
print_label(const struct rule_spot *spot, char *text, size_t size)
{
	if (spot->pointer[0] == '\0')
		snprintf(text, size, "the file");
	else if (is_element(spot))
		snprintf(text, size, "this element of \"%s\"", spot->rule->name);
	else
		snprintf(text, size, "\"%s\"", spot->rule->name);
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
print_value(const struct rule_spot *spot, const json_t *value, char *text, size_t size)
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

void
rulecheck_report(const struct rule_spot *spot, const json_t *value)
{
	const struct rule *rule = spot->rule;
	const char *right = is_element(spot) && rule->each != NULL ? rule->each : rule->right;
	char label[80], found[QUOTED_MAX];

	print_label(spot, label, sizeof label);
	print_value(spot, value, found, sizeof found);
	if (rule->quiet && json_is_string(value))
		document_problem(spot->document, spot->pointer,
		    "%s is not right (it is not repeated here, since it may hold a secret); it must be %s",
		    label, right);
	else
		document_problem(spot->document, spot->pointer, "%s is %s; it must be %s",
		    label, found, right);
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

bool
rulecheck_text(const struct rule_spot *spot, const json_t *value)
{
	const struct rule *rule = spot->rule;
	const char *text = json_string_value(value);

	if (text == NULL || !is_plain(text, rule->max)
	    || (rule->pattern != NULL && !matches(rule->pattern, text))
	    || (rule->never != NULL && matches(rule->never, text))) {
		rulecheck_report(spot, value);
		return false;
	}
	return true;
}
