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
	/* The option has dropped CLI_AZURE from the needs as well, so there is nothing to ask with. */
	bool recorded = arguments_have(call->arguments, OPTION_RECORDED);

	return status_policy(&call->world.engine, policy, recorded, ret_document, fault);
}

/* One word on a policy; the reasons follow below the table. */
static struct table_cell
judge_cell(const json_t *document)
{
	if (json_object_get(document, "healthy") == NULL)
		return (struct table_cell){ "not known", STYLE_BAD };
	if (!json_is_true(json_object_get(document, "healthy")))
		return (struct table_cell){ "PROBLEM", STYLE_BAD };
	if (member_text(document, "/held", "")[0] != '\0')
		return (struct table_cell){ "held", STYLE_WARNING };
	if (json_is_object(json_object_get(document, "rotation")))
		return (struct table_cell){ "rotating", STYLE_STRONG };
	return (struct table_cell){ "healthy", STYLE_GOOD };
}

static void
add_policy(struct table *table, const json_t *document)
{
	const json_t *age = json_object_get(document, "age_days");
	char next[32], days[32] = "-";

	/* Whole days: nobody plans by the hour. */
	if (json_is_number(age))
		snprintf(days, sizeof days, "%lld d", (long long)json_number_value(age));
	table_add(table, (struct table_cell[]){
		{ member_text(document, "/policy", ""), STYLE_STRONG },
		{ member_text(document, "/key", ""), STYLE_PLAIN },
		{ member_text(document, "/version", ""), STYLE_PLAIN },
		{ days, STYLE_PLAIN },
		{ notice_time(member_text(document, "/next", ""), false, next), STYLE_PLAIN },
		{ member_text(document, "/recovery", ""), STYLE_PLAIN },
		judge_cell(document),
	});
}

static void
show_services(struct call *call, const json_t *document)
{
	static const struct table_column columns[] = {
		{ "SERVICE", TABLE_NAME }, { "KIND", TABLE_PLAIN }, { "VERSION", TABLE_ID },
		{ "STATE", TABLE_PLAIN }, { "PROBE", TABLE_PLAIN },
	};
	static const struct { const char *probe; enum terminal_style style; } styles[] = {
		{ "answers", STYLE_GOOD }, { "key-lost", STYLE_BAD }, { "no-answer", STYLE_WARNING },
		{ "not-allowed", STYLE_WARNING },
	};
	SCOPE(table) struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
	size_t index;
	json_t *service;

	json_array_foreach(json_object_get(document, "services"), index, service) {
		const char *probe = member_text(service, "/probe", "");
		enum terminal_style style = STYLE_PLAIN;

		for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++)
			if (strcmp(styles[i].probe, probe) == 0)
				style = styles[i].style;
		table_add(table, (struct table_cell[]){
			{ member_text(service, "/name", ""), STYLE_PLAIN },
			{ member_text(service, "/kind", ""), STYLE_PLAIN },
			{ member_text(service, "/version", ""), STYLE_PLAIN },
			{ member_text(service, "/state", ""), STYLE_PLAIN },
			{ probe, style },
		});
	}
	table_print(table, &call->out, 2);
}

/* Where a rotation stands, and what the policy gave up on purpose. */
static void
show_course(struct call *call, const json_t *document)
{
	const json_t *rotation = json_object_get(document, "rotation");
	const char *waiting = member_text(rotation, "/waiting_for", ""), *held = member_text(document, "/held", "");
	const char *until = member_text(rotation, "/until", "");
	char since[32], end[32];

	if (json_is_object(rotation))
		terminal_paragraph(&call->out, 2, "Rotation %.8s is at step '%s' since %s UTC%s%s%s%s%s.",
		    member_text(rotation, "/id", ""), member_text(rotation, "/step", ""),
		    notice_time(member_text(rotation, "/since", ""), true, since),
		    waiting[0] != '\0' ? ", waiting for " : "", waiting, until[0] != '\0' ? ", next look at " : "",
		    until[0] != '\0' ? notice_time(until, true, end) : "", until[0] != '\0' ? " UTC" : "");
	if (held[0] != '\0')
		terminal_paragraph(&call->out, 2, "Held: %s", held);
	if (strcmp(member_text(document, "/recovery", ""), "none") == 0 &&
	    strcmp(member_text(document, "/after_import", ""), "keep") != 0)
		terminal_paragraph(&call->out, 2, "No recovery copy, as the policy wants it: the HSM's key can never be "
		    "taken to a second vault, so what the vault loses is lost.");
}

static void
show_details(struct call *call, const json_t *document)
{
	/* Of a policy that could not be asked about, the fault is all there is. */
	if (json_object_get(document, "healthy") == NULL)
		return;
	putc('\n', call->out.file);
	terminal_line(&call->out, STYLE_STRONG, "%s", member_text(document, "/policy", ""));
	show_services(call, document);
	show_course(call, document);
	notice_print_open(&call->out, json_object_get(document, "findings"));
}

static void
show_all(struct call *call, const json_t *documents)
{
	static const struct table_column columns[] = {
		{ "POLICY", TABLE_NAME }, { "KEY", TABLE_PLAIN }, { "VERSION", TABLE_ID }, { "AGE", TABLE_PLAIN },
		{ "NEXT", TABLE_PLAIN }, { "RECOVERY", TABLE_PLAIN }, { "STATE", TABLE_PLAIN },
	};
	SCOPE(table) struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
	size_t index;
	json_t *document;

	if (arguments_have(call->arguments, OPTION_RECORDED))
		terminal_line(&call->out, STYLE_FAINT, "As the journal has it; Azure was not asked.");
	json_array_foreach(documents, index, document)
		add_policy(table, document);
	table_print(table, &call->out, 0);
	json_array_foreach(documents, index, document)
		show_details(call, document);
}

bool
cmd_status(struct call *call, struct fault *fault)
{
	static const struct call_each each = { .ask = ask, .show_all = show_all, .judge = call_judge };

	return call_each(call, &each, fault);
}
