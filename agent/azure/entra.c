#include "entra.h"

#include "encode.h"
#include "envelope.h"
#include "member.h"
#include "retry.h"
#include "scope.h"
#include "secret.h"

#include <string.h>

enum {
	EARLY_MS = 300000,		/* a token with less than this left is replaced if possible … */
	LAST_MS = 30000,		/* … and used if not, down to this */
	LONG_LIFE_MS = 7200000,		/* from here on it is replaced at half its life */
	QUIET_MS = 5000,		/* no new question after a failure */
	QUIET_REFUSED_MS = 60000,	/* after a refusal, which will not change by itself */
	QUIET_MAX_MS = 3600000,
	LIFE_MAX_S = 7 * 24 * 3600
};

/* The token of one scope, or what is known instead. */
struct slot {
	struct slot *next;
	char *scope;
	struct secret *token;		/* NULL: none */
	int64_t refresh_ms;		/* monotonic: from here on ask for a new one */
	int64_t expires_ms;		/* monotonic */
	int64_t quiet_ms;		/* monotonic: until here repeat ${refusal} */
	struct fault refusal;
};

struct entra {
	struct credential_context context;
	const struct credential_kind *kind;
	struct slot *slots;
	char object_id[64];
};

bool
entra_open(const struct azure_options *options, struct http *http,
    const struct clock *clock, struct entra **ret_entra, struct fault *fault)
{
	const struct credential_kind *kind;
	struct entra *entra;

	if (!credential_find(options->credential, &kind, fault) || !kind->check(options, fault))
		return false;
	if ((entra = calloc(1, sizeof *entra)) == NULL)
		return fault_system(fault, "Memory for tokens");
	entra->context = (struct credential_context){ options, http, clock };
	entra->kind = kind;
	*ret_entra = entra;
	return true;
}

/* The slot of a scope, made when it is first asked for; there are a handful. */
static struct slot *
find_slot(struct entra *entra, const char *scope)
{
	struct slot *slot;

	for (slot = entra->slots; slot != NULL; slot = slot->next)
		if (strcmp(slot->scope, scope) == 0)
			return slot;
	if ((slot = calloc(1, sizeof *slot)) == NULL)
		return NULL;
	if ((slot->scope = strdup(scope)) == NULL) {
		free(slot);
		return NULL;
	}
	slot->next = entra->slots;
	entra->slots = slot;
	return slot;
}

/* Entra writes numbers, the managed-identity endpoints write them as strings. */
static bool
read_seconds(const json_t *answer, const char *pointer, int64_t *ret_s)
{
	const json_t *value = member_find(answer, pointer);
	int64_t seconds = -1;
	char *end;

	if (json_is_integer(value))
		seconds = json_integer_value(value);
	else if (json_is_string(value) && json_string_length(value) > 0) {
		seconds = strtoll(json_string_value(value), &end, 10);
		if (*end != '\0')
			return false;
	}
	if (seconds < 0)
		return false;
	*ret_s = seconds > LIFE_MAX_S ? LIFE_MAX_S : seconds;
	return true;
}

/*
 * The second part of a JWT (RFC 7519) is readable by everybody. A token of another form has no
 * object id for us.
 */
static void
note_object_id(struct entra *entra, const char *token)
{
	SCOPE(json) json_t *claims = NULL;
	SCOPE(free) char *part = NULL;
	SCOPE(free) uint8_t *bytes = NULL;
	const char *begin = strchr(token, '.'), *end = begin != NULL ? strchr(begin + 1, '.') : NULL;
	size_t size = 0;

	if (end == NULL || (part = strndup(begin + 1, (size_t)(end - begin - 1))) == NULL)
		return;
	if (encode_parse_base64url(part, &bytes, &size, NULL) &&
	    member_parse((const char *)bytes, size, "a token", &claims, NULL))
		snprintf(entra->object_id, sizeof entra->object_id, "%s",
		    member_text(claims, "/oid", ""));
}

/*
 * Life counts from before the question, so that a slow answer makes it shorter and never
 * longer.
 */
static bool
take_token(struct entra *entra, struct slot *slot, const json_t *answer, int64_t asked_ms,
    struct fault *fault)
{
	const char *text = member_text(answer, "/access_token", "");
	struct secret *token;
	int64_t life_s = 0, refresh_s = 0;

	if (text[0] == '\0' || strpbrk(text, "\r\n ") != NULL ||
	    !read_seconds(answer, "/expires_in", &life_s))
		return fault_set(fault, FAULT_PROTOCOL, "Ask %s for a token for %s: the answer "
		    "holds no access_token with expires_in", entra->context.options->authority,
		    slot->scope);
	if (!secret_new(text, strlen(text), &token, fault))
		return false;
	secret_free(slot->token);
	slot->token = token;
	slot->expires_ms = asked_ms + life_s * 1000;
	slot->refresh_ms = slot->expires_ms - EARLY_MS;

	/* The server's own wish comes first; a long-lived token is renewed at half its life. */
	if (read_seconds(answer, "/refresh_in", &refresh_s) && refresh_s < life_s)
		slot->refresh_ms = asked_ms + refresh_s * 1000;
	else if (life_s * 1000 >= LONG_LIFE_MS)
		slot->refresh_ms = asked_ms + life_s * 500;
	slot->quiet_ms = 0;
	note_object_id(entra, text);
	return true;
}

/* Ask no more for a while, and say the same until then. */
static void
keep_quiet(struct entra *entra, struct slot *slot, const struct http_response *response,
    const struct fault *refusal)
{
	const struct clock *clock = entra->context.clock;
	long status = response != NULL ? response->status : 0;
	int64_t wait_ms = status >= 400 && status < 429 ? QUIET_REFUSED_MS : QUIET_MS;

	if (refusal->code == FAULT_STOPPED)
		return;
	if (response != NULL)
		retry_after(response, clock_wall_ms(clock), &wait_ms);
	if (wait_ms > QUIET_MAX_MS)
		wait_ms = QUIET_MAX_MS;
	slot->quiet_ms = clock_monotonic_ms(clock) + wait_ms;
	slot->refusal = *refusal;
}

/* 200 carries a token, everything else an error in Entra's own form. */
static bool
read_answer(struct entra *entra, struct slot *slot, const struct http_response *response,
    int64_t asked_ms, struct fault *fault)
{
	json_t *answer = NULL;
	struct envelope envelope;
	char what[400];
	bool taken;

	snprintf(what, sizeof what, "Ask %s for a token for %s",
	    entra->context.options->authority, slot->scope);
	if (response->status != 200) {
		envelope_parse(response, &envelope);
		return envelope_fault(&envelope, what, fault);
	}
	if (response->body_size == 0 || !member_parse(response->body, response->body_size,
	    "the token answer", &answer, fault))
		return fault_set(fault, FAULT_PROTOCOL, "%s: the answer is no JSON", what);
	taken = take_token(entra, slot, answer, asked_ms, fault);

	/* The parsed copy of the token is wiped in place before it is given back. */
	json_t *token = member_find(answer, "/access_token");
	if (json_is_string(token))
		explicit_bzero((char *)(uintptr_t)json_string_value(token), json_string_length(token));
	json_decref(answer);
	return taken;
}

/* Ask for a new token, unless a fresh refusal says that it would be in vain. */
static bool
renew(struct entra *entra, struct slot *slot, struct fault *fault)
{
	SCOPE(http_response) struct http_response response = { 0 };
	int64_t asked_ms = clock_monotonic_ms(entra->context.clock);
	struct fault refusal = { .code = FAULT_FAILED };
	bool answered;

	if (asked_ms < slot->quiet_ms)
		return fault_set(fault, slot->refusal.code, "%s", slot->refusal.text);
	answered = entra->kind->ask(&entra->context, slot->scope, &response, &refusal);
	if (answered && read_answer(entra, slot, &response, asked_ms, &refusal))
		return true;

	/*
	 * Nobody can have taken effect twice: an unanswered token request is merely no answer.
	 */
	if (refusal.code == FAULT_UNKNOWN)
		refusal.code = FAULT_UNAVAILABLE;
	keep_quiet(entra, slot, answered ? &response : NULL, &refusal);
	return fault_set(fault, refusal.code, "%s", refusal.text);
}

bool
entra_token(struct entra *entra, const char *scope, const struct secret **ret_token,
    struct fault *fault)
{
	struct slot *slot = find_slot(entra, scope);
	int64_t now_ms = clock_monotonic_ms(entra->context.clock);

	if (slot == NULL)
		return fault_system(fault, "Memory for tokens");

	/* A token that still holds bridges an outage of the token endpoint. */
	if (slot->token == NULL || now_ms >= slot->refresh_ms)
		if (!renew(entra, slot, fault) &&
		    (slot->token == NULL || now_ms >= slot->expires_ms - LAST_MS))
			return false;
	*ret_token = slot->token;
	return true;
}

void
entra_drop(struct entra *entra, const char *scope)
{
	for (struct slot *slot = entra->slots; slot != NULL; slot = slot->next) {
		if (strcmp(slot->scope, scope) != 0)
			continue;
		secret_free(slot->token);
		slot->token = NULL;
	}
}

const char *
entra_object_id(const struct entra *entra)
{
	return entra->object_id;
}

/* Tokens are wiped by secret_free. */
void
entra_close(struct entra *entra)
{
	if (entra == NULL)
		return;
	while (entra->slots != NULL) {
		struct slot *slot = entra->slots;

		entra->slots = slot->next;
		secret_free(slot->token);
		free(slot->scope);
		free(slot);
	}
	free(entra);
}
