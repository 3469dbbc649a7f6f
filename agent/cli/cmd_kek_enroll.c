#include "call.h"
#include "commands.h"
#include "digest.h"
#include "encode.h"
#include "member.h"
#include "notice.h"
#include "scope.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* Take a fingerprint as people write them: either case, blanks, colons or dashes between the digits. */
static bool
read_fingerprint(const char *text, char ret_hex[static DIGEST_HEX_SIZE], struct fault *fault)
{
	uint8_t bytes[DIGEST_SIZE];
	char digits[DIGEST_HEX_SIZE];
	size_t count = 0;

	for (; *text != '\0'; text++) {
		if (strchr(" :-", *text) != NULL)
			continue;
		if (!isxdigit((unsigned char)*text) || count + 1 >= sizeof digits)
			return fault_set(fault, FAULT_USAGE, "--fingerprint wants the 64 hex digits of a SHA-256");
		digits[count++] = *text;
	}
	digits[count] = '\0';
	if (count != DIGEST_HEX_SIZE - 1 || !encode_parse_hex(digits, bytes, sizeof bytes, fault))
		return fault_set(fault, FAULT_USAGE, "--fingerprint wants the 64 hex digits of a SHA-256, and has %zu",
		    count);
	encode_hex(bytes, sizeof bytes, ret_hex);
	return true;
}

/* Groups of four digits, eight a line: what can be read out over a telephone. */
static void
show_hex(struct call *call, const char *hex)
{
	for (size_t i = 0; hex[i] != '\0'; i += 4) {
		char group[5];

		snprintf(group, sizeof group, "%s", hex + i);
		fprintf(call->out.file, "%s", i % 32 == 0 ? "    " : " ");
		terminal_put(&call->out, STYLE_STRONG, group);
		if (i % 32 == 28 || strlen(hex + i) <= 4)
			putc('\n', call->out.file);
	}
}

static void
show(struct call *call, const json_t *document)
{
	bool enrolled = json_is_true(json_object_get(document, "enrolled"));

	/* The KEK itself was shown before the question. */
	if (json_object_get(document, "fingerprint") == NULL)
		return;
	terminal_line(&call->out, enrolled ? STYLE_GOOD : STYLE_WARNING, "%s: the KEK is %s",
	    member_text(document, "/policy", ""), enrolled ? "enrolled" : "not enrolled");
}

static void
show_kek(struct call *call, const json_t *document)
{
	terminal_line(&call->out, STYLE_STRONG, "%s: the vault's KEK%s", member_text(document, "/policy", ""),
	    json_is_true(json_object_get(document, "created")) ? ", created just now" : "");
	terminal_line(&call->out, STYLE_PLAIN, "  %s", member_text(document, "/kid", ""));
	terminal_line(&call->out, STYLE_PLAIN, "  RSA %lld, SHA-256 of its public key (SubjectPublicKeyInfo):",
	    (long long)json_integer_value(json_object_get(document, "bits")));
	show_hex(call, member_text(document, "/fingerprint", ""));
	terminal_line(&call->out, STYLE_PLAIN, "  the same in words:");
	terminal_paragraph(&call->out, 4, "%s", member_text(document, "/words", ""));
	notice_print_open(&call->out, json_object_get(document, "findings"));
}

/* Ask the person at the terminal. Anything but "yes" is a no, also the end of the input. */
static bool
person_agrees(struct call *call)
{
	char answer[16] = "";

	terminal_paragraph(&call->out, 0, "Keys will leave the HSM under this KEK. Compare the fingerprint with what the "
	    "vault's owner reads to you, by another way than this one.");
	fprintf(call->out.file, "Type yes to enroll it: ");
	fflush(call->out.file);
	if (fgets(answer, sizeof answer, call->in) == NULL)
		return false;
	answer[strcspn(answer, "\r\n")] = '\0';
	return strcasecmp(answer, "yes") == 0;
}

/* What is agreed to: the fingerprint on the command line, or the one that a person saw. */
static bool
agree(struct call *call, const json_t *document, const char **ret_fingerprint, struct fault *fault)
{
	const char *seen = member_text(document, "/fingerprint", "");
	bool terminal = isatty(fileno(call->in)) && call->out.interactive && !call->json;

	if (!terminal)
		return fault_set(fault, FAULT_USAGE, "There is no terminal to ask on; check the KEK's fingerprint with the "
		    "vault's owner, then give it: --fingerprint %s", seen);
	if (!arguments_have(call->arguments, OPTION_YES) && !person_agrees(call))
		return fault_set(fault, FAULT_REFUSED, "Not enrolled, as you did not type yes");
	*ret_fingerprint = seen;
	return true;
}

static bool
ask(struct call *call, const struct policy *policy, json_t **ret_document, struct fault *fault)
{
	const char *given = call->arguments->value[OPTION_FINGERPRINT], *fingerprint = NULL;
	SCOPE(json) json_t *seen = NULL;
	char hex[DIGEST_HEX_SIZE];

	/* Look first: a KEK that is unsound is shown, and not asked about. */
	if (given != NULL && !read_fingerprint(given, hex, fault))
		return false;
	if (!enroll_policy(&call->world.engine, policy, true, NULL, &seen, fault)) {
		*ret_document = scope_move(seen);
		return false;
	}
	progress_pause(call->progress);
	if (!call->json)
		show_kek(call, seen);
	bool settled = json_is_true(json_object_get(seen, "enrolled"));
	bool sound = json_is_true(json_object_get(seen, "sound"));
	if (settled || !sound) {
		*ret_document = scope_move(seen);
		return sound || fault_set(fault, FAULT_REFUSED, "This KEK is not fit for transfer, so it is not enrolled; "
		    "see the findings");
	}

	/* Enroll exactly what was agreed to; the room compares it with the vault once more. */
	fingerprint = hex;
	if (given == NULL && !agree(call, seen, &fingerprint, fault)) {
		*ret_document = scope_move(seen);
		return false;
	}
	return enroll_policy(&call->world.engine, policy, false, fingerprint, ret_document, fault);
}

bool
cmd_kek_enroll(struct call *call, struct fault *fault)
{
	static const struct call_each each = { .ask = ask, .show = show, .judge = call_judge };

	return call_each(call, &each, fault);
}
