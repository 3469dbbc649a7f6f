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
	return plan_policy(&call->world.engine, policy, ret_document, fault);
}

/* How the state of a step looks. */
static enum terminal_style
step_style(const char *state)
{
	static const struct { const char *state; enum terminal_style style; } styles[] = {
		{ "done", STYLE_GOOD }, { "next", STYLE_STRONG }, { "waiting", STYLE_WARNING },
		{ "blocked", STYLE_BAD }, { "later", STYLE_FAINT },
	};

	for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++)
		if (strcmp(styles[i].state, state) == 0)
			return styles[i].style;
	return STYLE_PLAIN;
}

static void
show_steps(struct call *call, const json_t *steps)
{
	static const struct table_column columns[] = {
		{ "STEP", TABLE_PLAIN }, { "SERVICE", TABLE_NAME }, { "STATE", TABLE_PLAIN }, { "WHAT", TABLE_FLOW },
	};
	SCOPE(table) struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
	size_t index;
	json_t *step;

	json_array_foreach(steps, index, step) {
		const char *state = member_text(step, "/state", "");

		table_add(table, (struct table_cell[]){
			{ member_text(step, "/step", ""), STYLE_PLAIN },
			{ member_text(step, "/service", ""), STYLE_PLAIN },
			{ state, step_style(state) },
			{ member_text(step, "/text", ""), STYLE_PLAIN },
		});
	}
	table_print(table, &call->out, 2);
}

static void
show(struct call *call, const json_t *document)
{
	bool due = json_is_true(json_object_get(document, "due"));
	bool blocked = json_is_true(json_object_get(document, "blocked")), idle;
	const char *next = member_text(document, "/next", ""), *rotation = member_text(document, "/rotation", "");
	char time[32];

	/* An open rotation goes on, due or not. */
	idle = !due && rotation[0] == '\0';
	terminal_line(&call->out, STYLE_STRONG, "%s: %s", member_text(document, "/policy", ""),
	    blocked ? "blocked" : due ? "due" : idle ? "nothing is due" : "nothing to do now");
	terminal_paragraph(&call->out, 2, "%s", member_text(document, "/reason", ""));
	if (rotation[0] != '\0')
		terminal_paragraph(&call->out, 2, "Rotation %s is under way.", rotation);
	if (next[0] != '\0')
		terminal_paragraph(&call->out, 2, "%s: %s UTC.", idle ? "Nothing is due before" : "Next",
		    notice_time(next, true, time));
	else if (idle)
		terminal_paragraph(&call->out, 2, "Nothing is due, and no time is set for the next rotation.");

	/* Steps that nothing would start must not look as if they were about to run. */
	if (!idle)
		show_steps(call, json_object_get(document, "steps"));
	notice_print_open(&call->out, json_object_get(document, "findings"));
	putc('\n', call->out.file);
}

static int
judge(struct call *call, const json_t *document)
{
	int status = call_judge(call, document);

	if (arguments_have(call->arguments, OPTION_EXIT_CODE) && json_is_true(json_object_get(document, "due")))
		status = exitstatus_worse(status, EXITSTATUS_DUE);
	return status;
}

bool
cmd_plan(struct call *call, struct fault *fault)
{
	static const struct call_each each = { .ask = ask, .show = show, .judge = judge };

	return call_each(call, &each, fault);
}
