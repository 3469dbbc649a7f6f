#include "cmd.h"

#include "commands.h"
#include "member.h"
#include "scope.h"
#include "table.h"
#include "tokens.h"

#include <string.h>

static bool
ask(struct call *call, const char *token, json_t **ret_document, struct fault *fault)
{
	return hsm_list_token(&call->world.engine, token, ret_document, fault);
}

/* Which halves there are, and whether the private one may still leave. */
static const char *
state_of(const json_t *key)
{
	bool private = json_is_true(json_object_get(key, "private"));
	bool public = json_is_true(json_object_get(key, "public"));
	const json_t *sealed = json_object_get(key, "sealed");

	if (!private)
		return public ? "public only" : "debris";
	if (json_is_true(sealed))
		return "sealed";
	return json_is_false(sealed) ? "extractable" : "not known";
}

/* What the room says of a key; else which rotation made it, which is explanation enough. The caller frees it. */
static char *
explain(const json_t *key)
{
	const char *text = member_text(key, "/text", ""), *policy = member_text(key, "/policy", "");
	const char *rotation = member_text(key, "/rotation", "");
	char *sentence;

	if (text[0] != '\0')
		return strdup(text);
	if (!json_is_true(json_object_get(key, "explained")))
		return strdup("nothing: no rotation of the journal made it");
	return asprintf(&sentence, "rotation %.8s of %s", rotation, policy) < 0 ? NULL : sentence;
}

static void
show(struct call *call, const json_t *document)
{
	static const struct table_column columns[] = {
		{ "ID", TABLE_ID }, { "LABEL", TABLE_NAME }, { "KEY", TABLE_PLAIN }, { "STATE", TABLE_PLAIN },
		{ "WHAT EXPLAINS IT", TABLE_FLOW },
	};
	SCOPE(table) struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
	const json_t *keys = json_object_get(document, "keys");
	size_t index;
	json_t *key;

	if (!json_is_array(keys))
		return;
	terminal_line(&call->out, STYLE_STRONG, "%s: %zu key%s", member_text(document, "/uri", ""),
	    json_array_size(keys), json_array_size(keys) == 1 ? "" : "s");
	json_array_foreach(keys, index, key) {
		bool explained = json_is_true(json_object_get(key, "explained"));

		SCOPE(free) char *sentence = explain(key);
		table_add(table, (struct table_cell[]){
			{ member_text(key, "/id", ""), STYLE_STRONG },
			{ member_text(key, "/label", ""), STYLE_PLAIN },
			{ member_text(key, "/key", ""), STYLE_PLAIN },
			{ state_of(key), STYLE_PLAIN },
			{ sentence, explained ? STYLE_PLAIN : STYLE_WARNING },
		});
	}
	table_print(table, &call->out, 0);
}

bool
cmd_hsm_list(struct call *call, struct fault *fault)
{
	return tokens_each(call, ask, show, fault);
}
