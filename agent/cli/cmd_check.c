#include "call.h"
#include "commands.h"
#include "member.h"
#include "notice.h"

static bool
ask(struct call *call, const struct policy *policy, json_t **ret_document, struct fault *fault)
{
	return check_policy(&call->world.engine, policy, ret_document, fault);
}

static void
show(struct call *call, const json_t *document)
{
	bool usable = json_is_true(json_object_get(document, "usable"));

	terminal_line(&call->out, STYLE_STRONG, "%s: %s", member_text(document, "/policy", ""),
	    usable ? "a rotation can run" : "a rotation would fail");
	notice_print_all(&call->out, json_object_get(document, "checks"));
	putc('\n', call->out.file);
}

bool
cmd_check(struct call *call, struct fault *fault)
{
	static const struct call_each each = { .ask = ask, .show = show, .judge = call_judge };

	return call_each(call, &each, fault);
}
