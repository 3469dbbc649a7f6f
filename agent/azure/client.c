#include "client.h"

#include "encode.h"
#include "member.h"
#include "retry.h"
#include "scope.h"

#include <string.h>
#include <strings.h>

enum {
	VAULT_ANSWER_MAX = 1 << 20,	/* bytes */
	ARM_ANSWER_MAX = 8 << 20
};

/* One call on its way: where it goes, and as whom. */
struct passage {
	struct url url;
	char scope[CHALLENGE_TEXT_MAX];
	char request_id[37];
};

/* "https://vault.azure.net/.default" for everything below ".vault.azure.net". */
static bool
scope_of_suffix(const char *authority, const char *suffix, char ret_scope[static CHALLENGE_TEXT_MAX])
{
	const char *port = strchr(authority, ':');

	if (!url_is_below(authority, suffix))
		return false;
	if (port == NULL || strchr(suffix, ':') != NULL)
		port = "";
	snprintf(ret_scope, CHALLENGE_TEXT_MAX, "https://%s%s/.default", suffix + 1, port);
	return true;
}

/*
 * A vault's audience is the domain below which it lies, unless its own challenge named another.
 */
static bool
find_vault_scope(const struct azure *azure, struct passage *passage)
{
	const struct azure_options *options = &azure->options;

	if (!scope_of_suffix(passage->url.authority, options->vault_suffix, passage->scope) &&
	    !scope_of_suffix(passage->url.authority, options->managed_hsm_suffix, passage->scope))
		return false;
	if (strcmp(azure->learned.authority, passage->url.authority) == 0)
		strcpy(passage->scope, azure->learned.scope);
	return true;
}

/* Resource Manager is one host, and its audience is a setting. */
static bool
find_arm_scope(const struct azure *azure, struct passage *passage)
{
	snprintf(passage->scope, sizeof passage->scope, "%s", azure->options.arm_scope);
	return strcmp(passage->url.authority, azure->arm_authority) == 0;
}

/* Whether ${authority} is the domain of ${suffix} or lies below it. */
static bool
is_in(const char *authority, const char *suffix)
{
	char below[URL_AUTHORITY_MAX + 3];

	snprintf(below, sizeof below, "x.%s", authority);
	return url_is_below(below, suffix);
}

/*
 * The scope of a data plane comes from a resource that others may write: it must not buy a
 * token for a vault or for ARM.
 */
static bool
find_data_scope(const struct azure *azure, struct passage *passage)
{
	const struct azure_options *options = &azure->options;
	struct url audience;

	if (!url_is_below(passage->url.authority, options->health_suffix) ||
	    strcmp(passage->scope, options->arm_scope) == 0)
		return false;
	if (!url_parse(passage->scope, &audience, NULL))
		return true;
	return strcmp(audience.authority, azure->arm_authority) != 0 &&
	    !is_in(audience.authority, options->vault_suffix) &&
	    !is_in(audience.authority, options->managed_hsm_suffix);
}

/* The guard: which scope a call carries, and whether its host may see such a token at all. */
static bool
find_passage(const struct azure *azure, const struct client_call *call,
    struct passage *ret_passage, struct fault *fault)
{
	static bool (*const finders[])(const struct azure *, struct passage *) = {
		[CLIENT_VAULT] = find_vault_scope,
		[CLIENT_ARM] = find_arm_scope,
		[CLIENT_DATA] = find_data_scope,
	};

	if (!url_parse(call->url, &ret_passage->url, fault))
		return fault_prefix(fault, "%s", call->what);
	if (call->scope != NULL)
		snprintf(ret_passage->scope, sizeof ret_passage->scope, "%s", call->scope);
	if (!finders[call->audience](azure, ret_passage))
		return fault_set(fault, FAULT_REFUSED, "%s: no token is sent to %s, since that host "
		    "does not belong to the cloud in the settings (check the URL, and the suffixes "
		    "in the settings)", call->what, ret_passage->url.authority);
	return random_uuid(ret_passage->request_id, fault);
}

/* What must not go out twice is never repeated; a vault has a rhythm of its own. */
static const struct retry_policy *
policy_of(const struct client_call *call)
{
	if (call->once)
		return &retry_never;
	return call->audience == CLIENT_VAULT ? &retry_vault : &retry_default;
}

/*
 * What only reads may be lost without harm; what changes something may have done so, also
 * behind an answer that cannot be read.
 */
static bool
judge_silence(const struct client_call *call, struct fault *fault)
{
	if (fault == NULL)
		return false;
	if (!call->once && fault->code == FAULT_UNKNOWN)
		fault->code = FAULT_UNAVAILABLE;
	if (call->once && fault->code == FAULT_PROTOCOL)
		fault->code = FAULT_UNKNOWN;
	return false;
}

/* One token, and as many tries as the call allows. */
static bool
send_with_token(struct azure *azure, const struct client_call *call,
    const struct passage *passage, struct http_response *ret_response, struct fault *fault)
{
	SCOPE(free) char *body = NULL;
	const struct secret *token;
	const struct retry retry = { policy_of(call), azure->http, azure->clock };
	size_t last = 0;
	struct http_header headers[8] = {
		{ "Accept", call->accept != NULL ? call->accept : "application/json" },
		{ "x-ms-client-request-id", passage->request_id },
		{ "x-ms-return-client-request-id", "true" },
	};

	while (headers[last].name != NULL)
		last++;
	if (call->audience == CLIENT_ARM && azure->correlation[0] != '\0')
		headers[last++] = (struct http_header){ "x-ms-correlation-request-id", azure->correlation };
	if (call->body != NULL)
		headers[last++] = (struct http_header){ "Content-Type", "application/json" };
	if (call->body != NULL && (body = member_print(call->body)) == NULL)
		return fault_system(fault, "Memory for a request");
	if (!entra_token(azure->entra, passage->scope, &token, fault))
		return false;

	const struct http_request request = {
		.method = call->method, .url = call->url, .headers = headers, .bearer = token,
		.body = body, .body_size = body != NULL ? strlen(body) : 0,
		.response_max = call->audience == CLIENT_ARM ? ARM_ANSWER_MAX : VAULT_ANSWER_MAX,
		.once = call->once, .sensitive = call->sensitive,
	};
	bool answered = retry_exchange(&retry, &request, ret_response, fault);

	if (answered)
		envelope_request_ids(ret_response, azure->last_request_id);
	else
		snprintf(azure->last_request_id, sizeof azure->last_request_id,
		    "x-ms-client-request-id %s", passage->request_id);
	if (body != NULL && call->sensitive)
		explicit_bzero(body, strlen(body));
	return answered || judge_silence(call, fault);
}

/*
 * Take another audience from a vault's challenge, if it is that of a domain in the settings;
 * the authority is never taken.
 */
static void
learn_scope(struct azure *azure, const struct client_call *call, struct passage *passage,
    const struct http_response *response)
{
	struct challenge challenge;

	if (call->audience != CLIENT_VAULT || !challenge_find(response, &challenge) ||
	    !challenge_fits(&challenge, passage->url.authority))
		return;
	if (!is_in(challenge.authority, azure->options.vault_suffix) &&
	    !is_in(challenge.authority, azure->options.managed_hsm_suffix))
		return;
	strcpy(azure->learned.authority, passage->url.authority);
	strcpy(azure->learned.scope, challenge.scope);
	strcpy(passage->scope, challenge.scope);
}

/* The one way out of this room: guard, token, retries, and one new token after a 401. */
bool
client_send(struct azure *azure, const struct client_call *call,
    struct http_response *ret_response, struct fault *fault)
{
	struct passage passage = { .scope = "" };
	bool answered;

	if (!find_passage(azure, call, &passage, fault))
		return false;
	answered = send_with_token(azure, call, &passage, ret_response, fault);

	/*
	 * A token may have been revoked, or be for another audience: get one more, once. What
	 * must not go out twice is left to its caller.
	 */
	if (answered && ret_response->status == 401) {
		entra_drop(azure->entra, passage.scope);
		learn_scope(azure, call, &passage, ret_response);
		if (!call->once) {
			http_response_clear(ret_response);
			answered = send_with_token(azure, call, &passage, ret_response, fault);
		}
	}
	return answered || fault_prefix(fault, "%s", call->what);
}

bool
client_prepare(struct azure *azure, const struct client_call *call, struct fault *fault)
{
	struct passage passage = { .scope = "" };
	const struct secret *token;

	return find_passage(azure, call, &passage, fault) &&
	    entra_token(azure->entra, passage.scope, &token, fault);
}

/* Tell an answer that is none, in the caller's words and in Azure's. */
bool
client_fault(const struct azure *azure, const struct client_call *call,
    const struct http_response *response, struct fault *fault)
{
	struct envelope envelope;
	struct challenge challenge;
	struct fault failure = { 0 };
	int64_t wait_ms = 0;

	envelope_parse(response, &envelope);
	envelope_fault(&envelope, call->what, &failure);
	if (call->once && (response->status == 408 || response->status >= 500))
		return fault_set(fault, FAULT_UNKNOWN, "%s. Whether it took effect is not known",
		    failure.text);
	if (retry_after(response, clock_wall_ms(azure->clock), &wait_ms) && wait_ms > 0)
		return fault_set(fault, failure.code, "%s. Azure asks to wait %lld s", failure.text,
		    (long long)(wait_ms + 999) / 1000);

	if (response->status != 401 || !challenge_find(response, &challenge))
		return fault_set(fault, failure.code, "%s", failure.text);
	if (strcmp(challenge.error, "insufficient_claims") == 0)
		return fault_set(fault, failure.code, "%s. A Conditional Access policy wants more than "
		    "a token of keyturn's identity: ask the tenant's administrator", failure.text);

	/*
	 * Of two tenants the challenge names the right one; a domain in the settings cannot be
	 * compared with its GUID.
	 */
	if (challenge.tenant[0] != '\0' && strchr(azure->options.tenant, '.') == NULL &&
	    strcasecmp(challenge.tenant, azure->options.tenant) != 0)
		return fault_set(fault, failure.code, "%s. It belongs to tenant %s, and the settings "
		    "name %s", failure.text, challenge.tenant, azure->options.tenant);
	return fault_set(fault, failure.code, "%s", failure.text);
}

/* Some successes have no body; a body that is there must be JSON. */
bool
client_parse(const struct client_call *call, const struct http_response *response,
    json_t **ret_json, struct fault *fault)
{
	*ret_json = NULL;
	if (response->body_size == 0)
		return true;
	if (member_parse(response->body, response->body_size, "the answer", ret_json, fault))
		return true;
	if (call->once && fault != NULL)
		fault->code = FAULT_UNKNOWN;
	return fault_prefix(fault, "%s: HTTP %ld", call->what, response->status);
}

/* Ask, want a success, and read it. */
bool
client_json(struct azure *azure, const struct client_call *call, json_t **ret_json,
    struct fault *fault)
{
	SCOPE(http_response) struct http_response response = { 0 };

	if (!client_send(azure, call, &response, fault))
		return false;
	if (response.status < 200 || response.status > 299)
		return client_fault(azure, call, &response, fault);
	return client_parse(call, &response, ret_json, fault);
}
