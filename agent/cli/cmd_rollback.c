#include "call.h"
#include "commands.h"
#include "member.h"
#include "notice.h"
#include "scope.h"
#include "signals.h"
#include "table.h"

#include <string.h>

static bool
ask(struct call *call, const struct policy *policy, json_t **ret_document, struct fault *fault)
{
	return rollback_policy(&call->world.engine, policy, call->arguments->value[OPTION_TO], ret_document, fault);
}

/* The version at the end of a key URL, which is what differs between two of them. */
static const char *
last_part(const char *url)
{
	const char *slash = strrchr(url, '/');

	return slash != NULL ? slash + 1 : url;
}

static void
show(struct call *call, const json_t *document)
{
	static const struct table_column columns[] = {
		{ "SERVICE", TABLE_NAME }, { "FROM", TABLE_ID }, { "TO", TABLE_ID }, { "STATE", TABLE_PLAIN },
	};
	SCOPE(table) struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
	size_t index;
	json_t *service;

	json_array_foreach(json_object_get(document, "services"), index, service) {
		const char *state = member_text(service, "/state", "");
		bool reached = strcmp(state, "not reached") != 0;

		table_add(table, (struct table_cell[]){
			{ member_text(service, "/name", ""), STYLE_PLAIN },
			{ last_part(member_text(service, "/from", "")), STYLE_PLAIN },
			{ last_part(member_text(service, "/to", "")), STYLE_PLAIN },
			{ state, reached ? STYLE_GOOD : STYLE_BAD },
		});
	}
	if (json_object_get(document, "kid") != NULL)
		terminal_line(&call->out, STYLE_STRONG, "%s: back to %s", member_text(document, "/policy", ""),
		    member_text(document, "/kid", ""));
	table_print(table, &call->out, 2);
	notice_print_open(&call->out, json_object_get(document, "findings"));
}

bool
cmd_rollback(struct call *call, struct fault *fault)
{
	static const struct call_each each = { .ask = ask, .show = show, .judge = call_judge };

	signals_catch();
	return call_each(call, &each, fault);
}
