#include "envelope.h"

#include "advice.h"
#include "member.h"
#include "scope.h"
#include "utf8.h"

#include <string.h>
#include <strings.h>

enum { NESTING_MAX = 8 };		/* innererrors followed */

/*
 * Put text that came from outside on one line: white space runs become one space, other control
 * characters go, and bytes that are not UTF-8 become U+FFFD.
 */
static void
copy_line(const char *text, char *ret_line, size_t room)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t length = 0, left = strlen(text), size;
	bool gap = false;

	for (; left > 0; at += size, left -= size) {
		bool good = (size = utf8_size(at, left)) != 0;
		size_t wanted = good ? size : 3;

		size = good ? size : 1;
		gap |= *at <= ' ';
		if (*at <= ' ' || *at == 127)
			continue;

		/* Cut at the beginning of a character, and say that it was cut. */
		if (length + 1 + wanted + strlen("…") >= room) {
			memcpy(ret_line + length, "…", 3);
			length += 3;
			break;
		}
		if (gap && length > 0)
			ret_line[length++] = ' ';
		gap = false;
		memcpy(ret_line + length, good ? (const char *)at : "\xEF\xBF\xBD", wanted);
		length += wanted;
	}
	ret_line[length] = '\0';
}

/* An absent member, or one of another type, is empty text. */
static void
copy_member(const json_t *object, const char *pointer, char *ret_text, size_t room)
{
	copy_line(member_text(object, pointer, ""), ret_text, room);
}

/* The error object of Key Vault's and Resource Manager's definitions. */
void
envelope_parse_error(const json_t *error, struct envelope *ret_envelope)
{
	const json_t *inner = error;

	memset(ret_envelope, 0, sizeof *ret_envelope);
	copy_member(error, "/code", ret_envelope->code, sizeof ret_envelope->code);
	copy_member(error, "/message", ret_envelope->message, sizeof ret_envelope->message);

	/* The innermost code is the precise one; ARM has a list of details instead. */
	for (int depth = 0; depth < NESTING_MAX; depth++) {
		inner = member_find(inner, "/innererror");
		if (!json_is_object(inner))
			break;
		if (member_text(inner, "/code", "")[0] != '\0')
			copy_member(inner, "/code", ret_envelope->inner, sizeof ret_envelope->inner);
	}
	if (ret_envelope->inner[0] == '\0')
		copy_member(error, "/details/0/code", ret_envelope->inner, sizeof ret_envelope->inner);
	if (ret_envelope->message[0] == '\0')
		copy_member(error, "/details/0/message", ret_envelope->message,
		    sizeof ret_envelope->message);
}

/* Entra: "error" is a word, and the number that says more is in a list of its own. */
static void
parse_entra(const json_t *object, struct envelope *envelope)
{
	const json_t *number = member_find(object, "/error_codes/0");

	copy_member(object, "/error", envelope->code, sizeof envelope->code);
	copy_member(object, "/error_description", envelope->message, sizeof envelope->message);
	if (json_is_integer(number))
		snprintf(envelope->inner, sizeof envelope->inner, "AADSTS%lld",
		    (long long)json_integer_value(number));
}

/* Azure's own id first; ours, which is only echoed, where there is no other. */
void
envelope_request_ids(const struct http_response *response, char ret_text[static ENVELOPE_ID_MAX])
{
	static const char *const names[] = {
		"x-ms-request-id", "x-ms-correlation-request-id", "x-ms-client-request-id",
	};
	size_t length = 0;

	ret_text[0] = '\0';
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *value = http_header(response, names[i], 0);
		char line[64];

		if (value == NULL || (i == 2 && length > 0))
			continue;
		copy_line(value, line, sizeof line);
		length += (size_t)snprintf(ret_text + length, ENVELOPE_ID_MAX - length, "%s%s %s",
		    length > 0 ? ", " : "", names[i], line);
		if (length >= ENVELOPE_ID_MAX) {
			utf8_trim(ret_text);
			return;
		}
	}
}

void
envelope_parse(const struct http_response *response, struct envelope *ret_envelope)
{
	SCOPE(json) json_t *object = NULL;
	const json_t *error;
	struct envelope envelope = { 0 };

	/*
	 * A proxy or a load balancer may answer with HTML, a Managed HSM with nothing: then the
	 * status has to do.
	 */
	if (response->body_size == 0 ||
	    !member_parse(response->body, response->body_size, "an error", &object, NULL)) {
		if (!response->sensitive && response->body != NULL)
			copy_line(response->body, envelope.message, sizeof envelope.message / 2);
	} else if (json_is_object(error = member_find(object, "/error")))
		envelope_parse_error(error, &envelope);
	else if (json_is_string(error))
		parse_entra(object, &envelope);
	else if (member_find(object, "/code") != NULL)
		envelope_parse_error(object, &envelope);

	/* Headers of a token answer hold no secrets, its trace id stands in the description. */
	envelope_request_ids(response, envelope.request_id);
	envelope.status = response->status;
	*ret_envelope = envelope;
}

bool
envelope_is(const struct envelope *envelope, const char *code)
{
	return strcasecmp(envelope->code, code) == 0 || strcasecmp(envelope->inner, code) == 0;
}

/* The first range that holds the status decides. */
static enum fault_code
code_of_status(long status)
{
	static const struct {
		long first, last;
		enum fault_code code;
	} ranges[] = {
		{ 401, 401, FAULT_PERMISSION }, { 403, 403, FAULT_PERMISSION },
		{ 404, 404, FAULT_NOT_FOUND }, { 408, 408, FAULT_RETRY },
		{ 409, 409, FAULT_RETRY }, { 429, 429, FAULT_RETRY },
		{ 400, 499, FAULT_REFUSED }, { 500, 599, FAULT_UNAVAILABLE },
	};

	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if (status >= ranges[i].first && status <= ranges[i].last)
			return ranges[i].code;
	return FAULT_PROTOCOL;
}

/* The inner code is more precise than the outer, and both than a number inside the message. */
static const struct advice *
find_advice(const struct envelope *envelope)
{
	const struct advice *advice = advice_find(envelope->inner);

	if (advice == NULL)
		advice = advice_find_in(envelope->message);
	if (advice == NULL)
		advice = advice_find(envelope->code);
	return advice;
}

/* How much of Azure's sentence goes into ours: all but its own full stop. */
static int
message_length(const struct envelope *envelope)
{
	size_t length = strlen(envelope->message);

	while (length > 0 && strchr(". \t\r\n", envelope->message[length - 1]) != NULL)
		length--;
	return (int)length;
}

/* What was tried, what came back, what to do: in one sentence each. */
bool
envelope_fault(const struct envelope *envelope, const char *what, struct fault *fault)
{
	const struct advice *advice = find_advice(envelope);
	bool both = envelope->code[0] != '\0' && envelope->inner[0] != '\0';
	enum fault_code code = code_of_status(envelope->status);
	char status[32] = "";

	/* A 5xx stays one, whatever code it carries: it says nothing about what took effect. */
	if (advice != NULL && envelope->status < 500 && advice->fault != 0)
		code = advice->fault;
	if (envelope->status != 0)
		snprintf(status, sizeof status, "HTTP %ld", envelope->status);
	return fault_set(fault, code, "%s: %s%s%s%s%s%s%.*s%s%s%s%s%s", what, status,
	    status[0] != '\0' && (envelope->code[0] != '\0' || envelope->inner[0] != '\0') ? " " : "",
	    envelope->code, both ? "/" : "", envelope->inner,
	    envelope->message[0] != '\0' ? ": " : "", message_length(envelope), envelope->message,
	    envelope->request_id[0] != '\0' ? " (" : "", envelope->request_id,
	    envelope->request_id[0] != '\0' ? ")" : "",
	    advice != NULL ? ". What to do: " : "", advice != NULL ? advice->text : "");
}
