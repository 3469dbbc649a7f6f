#include "call.h"
#include "commands.h"
#include "member.h"
#include "scope.h"
#include "signals.h"
#include "table.h"

static bool
ask(struct call *call, const struct policy *policy, json_t **ret_document, struct fault *fault)
{
	return adopt_policy(&call->world.engine, policy, ret_document, fault);
}

static void
show_versions(struct call *call, const json_t *versions)
{
	static const struct table_column columns[] = {
		{ "VERSION", TABLE_ID }, { "ON", TABLE_PLAIN }, { "FINGERPRINT", TABLE_ID },
	};
	SCOPE(table) struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
	size_t index;
	json_t *version;

	json_array_foreach(versions, index, version) {
		bool enabled = json_is_true(json_object_get(version, "enabled"));

		table_add(table, (struct table_cell[]){
			{ member_text(version, "/version", ""), STYLE_STRONG },
			{ enabled ? "yes" : "NO", enabled ? STYLE_GOOD : STYLE_BAD },
			{ member_text(version, "/fingerprint", ""), STYLE_PLAIN },
		});
	}
	table_print(table, &call->out, 2);
}

static void
show(struct call *call, const json_t *document)
{
	size_t index;
	json_t *service;

	if (json_object_get(document, "versions") == NULL)
		return;
	terminal_line(&call->out, STYLE_STRONG, "%s: recorded as the baseline", member_text(document, "/policy", ""));
	show_versions(call, json_object_get(document, "versions"));
	json_array_foreach(json_object_get(document, "services"), index, service)
		terminal_line(&call->out, STYLE_PLAIN, "  %s: %s", member_text(service, "/name", ""),
		    member_text(service, "/kid", "no customer-managed key"));
}

bool
cmd_adopt(struct call *call, struct fault *fault)
{
	static const struct call_each each = { .ask = ask, .show = show };

	signals_catch();
	return call_each(call, &each, fault);
}
