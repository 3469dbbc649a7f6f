#include "call.h"
#include "commands.h"
#include "member.h"
#include "notice.h"
#include "signals.h"

#include <string.h>

static bool
ask(struct call *call, const struct policy *policy, json_t **ret_document, struct fault *fault)
{
	return rotate_policy(&call->world.engine, policy, false, ret_document, fault);
}

/* A service without a probe is "repointed, unconfirmed", and is called that here too. */
static void
show_services(struct call *call, const json_t *services)
{
	size_t index;
	json_t *service;

	json_array_foreach(services, index, service) {
		bool confirmed = json_is_true(json_object_get(service, "confirmed"));

		terminal_line(&call->out, STYLE_PLAIN, "  %s: %s", member_text(service, "/name", ""),
		    confirmed ? "repointed and confirmed" : "repointed, unconfirmed");
	}
}

static void
show(struct call *call, const json_t *document)
{
	static const struct { const char *outcome, *text; } texts[] = {
		{ "done", "rotated" }, { "nothing-due", "nothing is due" }, { "failed", "the rotation failed" },
		{ "stopped", "stopped on request; run it again to go on" },
	};
	const char *outcome = member_text(document, "/outcome", ""), *text = outcome;
	const char *kid = member_text(document, "/kid", "");

	/* Without an outcome there is only the fault, which is told elsewhere. */
	if (outcome[0] == '\0')
		return;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (strcmp(texts[i].outcome, outcome) == 0)
			text = texts[i].text;
	terminal_line(&call->out, STYLE_STRONG, "%s: %s", member_text(document, "/policy", ""), text);
	if (kid[0] != '\0')
		terminal_line(&call->out, STYLE_PLAIN, "  now %s", kid);
	show_services(call, json_object_get(document, "services"));
	notice_print_open(&call->out, json_object_get(document, "findings"));
}

static int
judge(struct call *call, const json_t *document)
{
	if (strcmp(member_text(document, "/outcome", ""), "failed") == 0)
		return EXITSTATUS_FAILED;
	return call_judge(call, document);
}

bool
cmd_rotate(struct call *call, struct fault *fault)
{
	static const struct call_each each = { .ask = ask, .show = show, .judge = judge };

	/* The first signal ends the rotation at a step boundary, a second one ends keyturn; either way it can be resumed. */
	signals_catch();
	return call_each(call, &each, fault);
}
