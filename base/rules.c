#include "rules.h"

#include "document.h"
#include "pointer.h"
#include "rulecheck.h"
#include "scope.h"
#include "suggest.h"

#include <assert.h>
#include <string.h>

static_assert(sizeof (int) == sizeof (enum rule_kind), "enums must be as wide as int for RULE_CHOICE");

static void read_object(const struct rules *rules, const struct rule_spot *spot, const json_t *object);

static void *
at(const struct rule_spot *spot, size_t offset)
{
	return spot->target + offset;
}

static void
read_text(const struct rule_spot *spot, const json_t *value)
{
	char *copy;

	if (!rulecheck_text(spot, value))
		return;
	if ((copy = strdup(json_string_value(value))) == NULL)
		document_out_of_memory(spot->document);
	memcpy(at(spot, spot->rule->offset), &copy, sizeof copy);
}

/* A pointer one part longer; NULL, and noted, without memory. */
static char *
noted(const struct rule_spot *spot, char *pointer)
{
	if (pointer == NULL)
		document_out_of_memory(spot->document);
	return pointer;
}

/* One string, or a list of strings, each of which must fit. */
static void
read_texts(const struct rule_spot *spot, const json_t *value)
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
		struct rule_spot inner = *spot;
		if (json_is_array(value)) {
			if ((pointer = noted(spot, pointer_element(spot->pointer, i))) == NULL)
				return;
			inner.pointer = pointer;
		}
		if (!rulecheck_text(&inner, element))
			continue;
		if ((texts[filled++] = strdup(json_string_value(element))) == NULL)
			document_out_of_memory(spot->document);
	}
}

/* 3072.0 is 3072, as in JSON Schema. */
static void
read_number(const struct rule_spot *spot, const json_t *value)
{
	double found = json_number_value(value);

	for (const unsigned *number = spot->rule->numbers; json_is_number(value) && *number != 0; number++) {
		if (found >= *number && found <= *number) {
			memcpy(at(spot, spot->rule->offset), number, sizeof *number);
			return;
		}
	}
	rulecheck_report(spot, value);
}

static void
read_boolean(const struct rule_spot *spot, const json_t *value)
{
	bool found = json_is_true(value);

	if (!json_is_boolean(value)) {
		rulecheck_report(spot, value);
		return;
	}
	memcpy(at(spot, spot->rule->offset), &found, sizeof found);
}

static void
read_choice(const struct rule_spot *spot, const json_t *value)
{
	const struct rule_choice *choice = spot->rule->choices;
	const char *text = json_string_value(value);

	while (text != NULL && choice->name != NULL && strcmp(choice->name, text) != 0)
		choice++;
	if (text == NULL || choice->name == NULL)
		rulecheck_report(spot, value);
	else if (choice->refused != NULL)
		document_problem(spot->document, spot->pointer, "\"%s\" is \"%s\"; %s",
		    spot->rule->name, choice->name, choice->refused);
	else
		memcpy(at(spot, spot->rule->offset), &choice->value, sizeof choice->value);
}

static void
read_inner(const struct rule_spot *spot, const json_t *value)
{
	if (json_is_object(value))
		read_object(spot->rule->members, spot, value);
	else
		rulecheck_report(spot, value);
}

/* A list of objects into an array of structs, each starting as the defaults. */
static void
read_list(const struct rule_spot *spot, const json_t *value)
{
	const struct rules *members = spot->rule->members;
	size_t count = json_array_size(value);
	char *list;

	if (!json_is_array(value)) {
		rulecheck_report(spot, value);
		return;
	}
	if ((list = calloc(count + 1, members->size)) == NULL) {
		document_out_of_memory(spot->document);
		return;
	}
	memcpy(at(spot, spot->rule->offset), &list, sizeof list);
	memcpy(at(spot, spot->rule->count_offset), &count, sizeof count);
	for (size_t i = 0; i < count; i++) {
		SCOPE(free) char *pointer = noted(spot, pointer_element(spot->pointer, i));
		struct rule_spot inner = *spot;
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
read_ignored(const struct rule_spot *spot, const json_t *value)
{
	(void)rulecheck_text(spot, value);
}

static void
read_refused(const struct rule_spot *spot, const json_t *value)
{
	(void)value;
	document_problem(spot->document, spot->pointer, "\"%s\" is not taken: %s",
	    spot->rule->name, spot->rule->right);
}

static void (*const readers[])(const struct rule_spot *spot, const json_t *value) = {
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

static void
read_value(const struct rule_spot *spot, const json_t *value)
{
	readers[spot->rule->kind](spot, value);
}

static const struct rule *
find_rule(const struct rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->count; i++)
		if (strcmp(rules->list[i].name, name) == 0)
			return &rules->list[i];
	return NULL;
}

/* The name that ${found} was probably meant to be, or NULL. */
static const char *
nearest_name(const struct rules *rules, const char *found)
{
	const char *nearest = NULL;
	int best = SUGGEST_TOO_FAR;

	for (size_t i = 0; i < rules->count; i++) {
		int distance = suggest_distance(found, rules->list[i].name);
		if (distance < best && rules->list[i].kind != RULE_REFUSED) {
			best = distance;
			nearest = rules->list[i].name;
		}
	}
	return nearest;
}

/* "a, b, c": the members that may stand here. A list too long is cut. */
static void
print_names(const struct rules *rules, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < rules->count && used < size; i++)
		if (rules->list[i].kind != RULE_REFUSED && rules->list[i].kind != RULE_IGNORED)
			used += (size_t)snprintf(text + used, size - used, "%s%s", used == 0 ? "" : ", ",
			    rules->list[i].name);
}

/* A member without a row. Its value is not looked at, let alone repeated. */
static void
report_unknown(const struct rules *rules, const struct rule_spot *spot, const char *name)
{
	const char *nearest = nearest_name(rules, name);
	char known[300];

	if (nearest != NULL) {
		document_problem(spot->document, spot->pointer, "unknown member; did you mean \"%s\"?", nearest);
		return;
	}
	print_names(rules, known, sizeof known);
	document_problem(spot->document, spot->pointer, "unknown member; what may stand here: %s", known);
}

/* Every row in turn, then whatever no row has taken. */
static void
read_object(const struct rules *rules, const struct rule_spot *spot, const json_t *object)
{
	json_t *value;
	const char *name;

	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->list[i];
		SCOPE(free) char *pointer = noted(spot, pointer_member(spot->pointer, rule->name));
		if (pointer == NULL)
			return;
		value = json_object_get(object, rule->name);
		if (value != NULL)
			read_value(&(struct rule_spot){ spot->document, pointer, rule, spot->target }, value);
		else if (rule->required)
			document_problem(spot->document, spot->pointer, "\"%s\" is missing; it must be %s",
			    rule->name, rule->right);
	}
	json_object_foreach((json_t *)object, name, value) {
		SCOPE(free) char *pointer = noted(spot, pointer_member(spot->pointer, name));
		if (pointer == NULL)
			return;
		if (find_rule(rules, name) == NULL)
			report_unknown(rules, &(struct rule_spot){ spot->document, pointer, NULL, NULL }, name);
	}
}

void
rules_read(const struct rules *rules, struct document *document, void *target)
{
	static const struct rule whole = { .name = "", .kind = RULE_OBJECT, .right = "one object" };
	struct rule_spot spot = { document, "", &whole, target };
	const json_t *root = document_root(document);

	if (json_is_object(root))
		read_object(rules, &spot, root);
	else
		rulecheck_report(&spot, root);
}

static void
free_texts(char **texts)
{
	for (size_t i = 0; texts != NULL && texts[i] != NULL; i++)
		free(texts[i]);
	free(texts);
}

static void
free_list(const struct rule *rule, char *target)
{
	char *list;
	size_t count;

	memcpy(&list, target + rule->offset, sizeof list);
	memcpy(&count, target + rule->count_offset, sizeof count);
	for (size_t i = 0; list != NULL && i < count; i++)
		rules_clear(rule->members, list + i * rule->members->size);
	free(list);
}

void
rules_clear(const struct rules *rules, void *target)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->list[i];
		char *member = (char *)target + rule->offset;
		void *owned;

		/* Only texts and lists own memory; an object's members lie in the same struct. */
		if (rule->kind == RULE_TEXT || rule->kind == RULE_TEXTS)
			memcpy(&owned, member, sizeof owned);
		if (rule->kind == RULE_TEXT)
			free(owned);
		else if (rule->kind == RULE_TEXTS)
			free_texts(owned);
		else if (rule->kind == RULE_OBJECT)
			rules_clear(rule->members, target);
		else if (rule->kind == RULE_LIST)
			free_list(rule, target);
	}
}

int
rules_choice_value(const struct rule_choice *choices, const char *name)
{
	for (; choices->name != NULL; choices++)
		if (strcmp(choices->name, name) == 0)
			return choices->value;
	return 0;
}

const char *
rules_choice_name(const struct rule_choice *choices, int value)
{
	for (; choices->name != NULL; choices++)
		if (choices->value == value)
			return choices->name;
	return NULL;
}
