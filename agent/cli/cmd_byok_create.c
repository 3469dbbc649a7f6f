#include "cmd.h"

#include "commands.h"
#include "member.h"

bool
cmd_byok_create(struct call *call, struct fault *fault)
{
	const char *const *value = call->arguments->value;
	struct byok_request request = {
		.key_uri = value[OPTION_KEY], .kek_file = value[OPTION_KEK], .kek_sha256 = value[OPTION_KEK_SHA256],
		.kid = value[OPTION_KID], .out_file = value[OPTION_OUT],
	};

	if (!byok_create(&call->world.engine, &request, &call->document, fault))
		return false;
	if (call->json)
		return true;
	terminal_line(&call->out, STYLE_STRONG, "%s: %s, %lld bytes", member_text(call->document, "/file", ""),
	    member_text(call->document, "/key", ""),
	    (long long)json_integer_value(json_object_get(call->document, "size")));
	terminal_paragraph(&call->out, 2, "key fingerprint %s", member_text(call->document, "/fingerprint", ""));
	terminal_paragraph(&call->out, 2, "KEK fingerprint %s", member_text(call->document, "/kek_fingerprint", ""));
	terminal_paragraph(&call->out, 2, "KEK %s", member_text(call->document, "/kid", ""));
	terminal_paragraph(&call->out, 2, "wrapped by %s", member_text(call->document, "/route", ""));
	if (json_is_true(json_object_get(call->document, "zero_padded")))
		terminal_paragraph(&call->out, 0, "%s The token zero-padded the key before it wrapped it. Whether Azure "
		    "takes that is not known.", terminal_sign(&call->out, SIGN_WARNING));
	return true;
}
