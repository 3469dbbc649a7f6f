#include "call.h"
#include "commands.h"
#include "member.h"
#include "signals.h"

bool
cmd_byok_import(struct call *call, struct fault *fault)
{
	const struct arguments *arguments = call->arguments;
	const struct policy *policy;

	signals_catch();
	if (!call_policy(call, arguments->list[0], &policy, fault) ||
	    !byok_import(&call->world.engine, policy, arguments->list[1], arguments->value[OPTION_PUBLIC_KEY],
	    &call->document, fault))
		return false;
	if (call->json)
		return true;
	progress_pause(call->progress);
	terminal_line(&call->out, STYLE_STRONG, "%s: imported as %s", policy->name,
	    member_text(call->document, "/kid", ""));
	terminal_paragraph(&call->out, 2, "key fingerprint %s", member_text(call->document, "/fingerprint", ""));
	return true;
}
