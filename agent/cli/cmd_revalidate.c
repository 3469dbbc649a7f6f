#include "call.h"
#include "commands.h"
#include "member.h"
#include "notice.h"
#include "signals.h"

static bool
ask(struct call *call, const struct policy *policy, json_t **ret_document, struct fault *fault)
{
	return revalidate_policy(&call->world.engine, policy, ret_document, fault);
}

static void
show(struct call *call, const json_t *document)
{
	const json_t *services = json_object_get(document, "services");
	size_t index;
	json_t *service;

	if (services != NULL)
		terminal_line(&call->out, STYLE_STRONG, "%s: references put again", member_text(document, "/policy", ""));
	json_array_foreach(services, index, service)
		terminal_paragraph(&call->out, 2, "%s: %s (%s)", member_text(service, "/name", ""),
		    member_text(service, "/state", ""), member_text(service, "/kid", ""));
	notice_print_open(&call->out, json_object_get(document, "findings"));
}

bool
cmd_revalidate(struct call *call, struct fault *fault)
{
	static const struct call_each each = { .ask = ask, .show = show, .judge = call_judge };

	signals_catch();
	return call_each(call, &each, fault);
}
