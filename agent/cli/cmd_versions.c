#include "call.h"
#include "commands.h"
#include "member.h"
#include "notice.h"
#include "scope.h"
#include "table.h"

#include <string.h>

static bool
ask(struct call *call, const struct policy *policy, json_t **ret_document, struct fault *fault)
{
	return versions_policy(&call->world.engine, policy, ret_document, fault);
}

/* "rad-fhir, rad-dicom"; the caller frees it. */
static char *
join(const json_t *names)
{
	char *text = strdup("");
	size_t index;
	json_t *name;

	json_array_foreach(names, index, name) {
		char *longer = NULL;

		if (text == NULL || asprintf(&longer, "%s%s%s", text, index > 0 ? ", " : "",
		    json_is_string(name) ? json_string_value(name) : "?") < 0)
			longer = NULL;
		free(text);
		text = longer;
	}
	return text;
}

static void
add_version(struct table *table, const json_t *version)
{
	bool enabled = json_is_true(json_object_get(version, "enabled"));
	const char *origin = member_text(version, "/provenance", "");
	const char *proven = member_text(version, "/proven", "");
	SCOPE(free) char *services = join(json_object_get(version, "services"));
	char created[32];

	/* A version that is off, or that did not come from our HSM, must catch the eye. */
	table_add(table, (struct table_cell[]){
		{ member_text(version, "/version", ""), STYLE_STRONG },
		{ notice_time(member_text(version, "/created", ""), false, created), STYLE_PLAIN },
		{ enabled ? "yes" : "NO", enabled ? STYLE_GOOD : STYLE_BAD },
		{ member_text(version, "/key", ""), STYLE_PLAIN },
		{ origin, strcmp(origin, "foreign") == 0 ? STYLE_BAD : STYLE_PLAIN },
		{ proven[0] != '\0' ? "yes" : "no", STYLE_PLAIN },
		{ member_text(version, "/hsm", ""), STYLE_PLAIN },
		{ services != NULL ? services : "?", STYLE_PLAIN },
	});
}

static void
show(struct call *call, const json_t *document)
{
	static const struct table_column columns[] = {
		{ "VERSION", TABLE_ID }, { "CREATED", TABLE_PLAIN }, { "ON", TABLE_PLAIN }, { "KEY", TABLE_PLAIN },
		{ "ORIGIN", TABLE_PLAIN }, { "PROVEN", TABLE_PLAIN }, { "IN HSM", TABLE_PLAIN }, { "USED BY", TABLE_FLOW },
	};
	SCOPE(table) struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
	const json_t *versions = json_object_get(document, "versions");
	size_t index;
	json_t *version;

	json_array_foreach(versions, index, version)
		add_version(table, version);
	table_print(table, &call->out, 0);
	if (json_is_array(versions) && json_array_size(versions) == 0)
		terminal_line(&call->out, STYLE_PLAIN, "%s: the vault holds no version of this key yet.",
		    member_text(document, "/policy", ""));
	notice_print_open(&call->out, json_object_get(document, "findings"));
}

bool
cmd_versions(struct call *call, struct fault *fault)
{
	static const struct call_each each = { .ask = ask, .show = show, .judge = call_judge };

	return call_each(call, &each, fault);
}
