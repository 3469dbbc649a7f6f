#include "cmd.h"

#include "commands.h"
#include "member.h"

bool
cmd_byok_inspect(struct call *call, struct fault *fault)
{
	static const char *const members[] = { "kid", "enc", "alg", "schema_version", "generator", "size", "kek_bits",
		"wrapped_size", "sha256" };

	if (!byok_inspect(call->arguments->list[0], &call->document, fault))
		return false;
	if (call->json)
		return true;

	/* Texts and numbers alike, in the order of the file. */
	terminal_line(&call->out, STYLE_STRONG, "%s", member_text(call->document, "/file", call->arguments->list[0]));
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		const json_t *value = json_object_get(call->document, members[i]);

		if (json_is_string(value))
			terminal_line(&call->out, STYLE_PLAIN, "  %-14s %s", members[i], json_string_value(value));
		else if (json_is_integer(value))
			terminal_line(&call->out, STYLE_PLAIN, "  %-14s %lld", members[i],
			    (long long)json_integer_value(value));
	}
	return true;
}
