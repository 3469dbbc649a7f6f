#include "call.h"
#include "commands.h"
#include "member.h"
#include "scope.h"
#include "tokens.h"

#include <string.h>

static bool
ask(struct call *call, const char *token, json_t **ret_document, struct fault *fault)
{
	return hsm_check_token(&call->world.engine, token, ret_document, fault);
}

static enum terminal_style
verdict_style(const char *verdict)
{
	if (strcmp(verdict, "exact") == 0)
		return STYLE_GOOD;
	if (strcmp(verdict, "zero-padded") == 0)
		return STYLE_WARNING;
	return strcmp(verdict, "wrong") == 0 ? STYLE_BAD : STYLE_FAINT;
}

/* A line a route, and below it why; reasons are too long for a column. */
static void
show_routes(struct call *call, const json_t *routes)
{
	size_t index;
	json_t *route;

	json_array_foreach(routes, index, route) {
		const char *verdict = member_text(route, "/verdict", ""), *reason = member_text(route, "/reason", "");

		fprintf(call->out.file, "  ");
		terminal_put(&call->out, verdict_style(verdict), verdict);
		fprintf(call->out.file, "%*s", (int)(13 - strnlen(verdict, 12)), "");
		terminal_line(&call->out, STYLE_PLAIN, "%s", member_text(route, "/route", ""));
		if (reason[0] != '\0')
			terminal_paragraph(&call->out, 15, "%s", reason);
	}
}

/* A claim, whether it holds, and why. */
static void
show_claim(struct call *call, const json_t *document, const char *claim, const char *reason, const char *what)
{
	bool holds = json_is_true(json_object_get(document, claim));
	const char *text = member_text(document, reason, "");
	SCOPE(free) char *sentence = NULL;

	if (asprintf(&sentence, "%s: %s%s%s", what, holds ? "yes" : "NO", text[0] != '\0' ? "; " : "", text) < 0)
		sentence = NULL;
	terminal_paragraph(&call->out, 2, "%s", sentence != NULL ? sentence : what);
}

static void
show(struct call *call, const json_t *document)
{
	const json_t *token = json_object_get(document, "token");
	bool usable = json_is_true(json_object_get(document, "usable"));

	if (!json_is_object(token))
		return;
	terminal_line(&call->out, STYLE_STRONG, "%s: %s", member_text(token, "/label", ""),
	    usable ? "can be used" : "cannot be used for the transfer");
	terminal_paragraph(&call->out, 2, "%s %s, serial %s, firmware %s", member_text(token, "/manufacturer", ""),
	    member_text(token, "/model", ""), member_text(token, "/serial", ""), member_text(token, "/firmware", ""));
	terminal_paragraph(&call->out, 2, "Module %s", member_text(token, "/module", ""));
	show_routes(call, json_object_get(document, "routes"));
	terminal_paragraph(&call->out, 2, "Route taken: %s", member_text(document, "/route", "none"));
	terminal_paragraph(&call->out, 2, "Zero-padded wraps: %s by the settings",
	    json_is_true(json_object_get(document, "accept_zero_padded")) ? "accepted" : "not accepted");
	show_claim(call, document, "seal", "/seal_reason", "A sealed key can no longer be wrapped");
	show_claim(call, document, "attributes", "/attributes_reason", "The attributes asked for came back");
	terminal_paragraph(&call->out, 2, "Key pairs: %lld; enrolled KEKs: %lld",
	    (long long)json_integer_value(json_object_get(document, "key_pairs")),
	    (long long)json_integer_value(json_object_get(document, "enrolled_keks")));
	putc('\n', call->out.file);
}

bool
cmd_hsm_check(struct call *call, struct fault *fault)
{
	return tokens_each(call, ask, show, fault);
}
