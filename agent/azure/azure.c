#include "azure.h"

#include "challenge.h"
#include "client.h"
#include "encode.h"
#include "entra.h"
#include "envelope.h"
#include "member.h"
#include "retry.h"
#include "scope.h"
#include "url.h"

#include <string.h>
#include <strings.h>

enum {
	VAULT_ANSWER_MAX = 1 << 20,	/* bytes */
	ARM_ANSWER_MAX = 8 << 20
};

struct azure {
	struct azure_options options;
	struct http *http;
	const struct clock *clock;
	struct entra *entra;
	char arm_authority[URL_AUTHORITY_MAX];
	char correlation[37];
	char last_request_id[ENVELOPE_ID_MAX];

	/* What a vault's challenge named, if it was not what its suffix says. */
	struct {
		char authority[URL_AUTHORITY_MAX];
		char scope[CHALLENGE_TEXT_MAX];
	} learned;
};

/* One call on its way: where it goes, and as whom. */
struct passage {
	struct url url;
	char scope[CHALLENGE_TEXT_MAX];
	char request_id[37];
};

static bool
check_suffix(const char *name, const char *suffix, struct fault *fault)
{
	if (suffix == NULL || (suffix[0] == '.' && url_is_word(suffix + 1, "-.:", 200)))
		return true;
	return fault_set(fault, FAULT_SETTINGS, "The setting %s is '%s'; it must begin with a dot, "
	    "such as .vault.azure.net", name, suffix);
}

static bool
check_options(const struct azure_options *options, struct url *ret_arm, struct fault *fault)
{
	struct url authority;

	if (options->tenant == NULL || !url_is_word(options->tenant, "-.", 200))
		return fault_set(fault, FAULT_SETTINGS, "The settings need a tenant: its GUID or domain");
	if (options->authority == NULL || !url_parse(options->authority, &authority, NULL))
		return fault_set(fault, FAULT_SETTINGS, "The settings need an authority: "
		    "an https URL such as https://login.microsoftonline.com");
	if (options->arm_url == NULL || !url_parse(options->arm_url, ret_arm, NULL) ||
	    strcmp(ret_arm->path, "/") != 0 || options->arm_scope == NULL)
		return fault_set(fault, FAULT_SETTINGS, "The settings need arm_url, an https URL "
		    "such as https://management.azure.com, and arm_scope");
	return check_suffix("vault_suffix", options->vault_suffix, fault) &&
	    check_suffix("managed_hsm_suffix", options->managed_hsm_suffix, fault) &&
	    check_suffix("health_suffix", options->health_suffix, fault);
}

bool
azure_open(const struct azure_options *options, struct http *http,
    const struct clock *clock, struct azure **ret_azure, struct fault *fault)
{
	SCOPE(azure) struct azure *azure = NULL;
	struct url arm;

	if (!check_options(options, &arm, fault))
		return false;
	if ((azure = calloc(1, sizeof *azure)) == NULL)
		return fault_system(fault, "Memory for the Azure client");
	azure->options = *options;
	azure->http = http;
	azure->clock = clock;
	strcpy(azure->arm_authority, arm.authority);
	if (!entra_open(&azure->options, http, clock, &azure->entra, fault))
		return false;
	*ret_azure = scope_move(azure);
	return true;
}

void
azure_close(struct azure *azure)
{
	if (azure == NULL)
		return;
	entra_close(azure->entra);
	free(azure);
}

const char *
azure_object_id(const struct azure *azure)
{
	return entra_object_id(azure->entra);
}

const char *
azure_last_request_id(const struct azure *azure)
{
	return azure->last_request_id;
}

void
azure_set_correlation(struct azure *azure, const char *uuid)
{
	snprintf(azure->correlation, sizeof azure->correlation, "%s", uuid);
}

const struct azure_options *
client_options(const struct azure *azure)
{
	return &azure->options;
}

int64_t
client_wall_ms(const struct azure *azure)
{
	return clock_wall_ms(azure->clock);
}

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

/* The scope of a data plane comes from a resource that others may write: it must not buy a token for a vault or for ARM. */
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

static const struct retry_policy *
policy_of(const struct client_call *call)
{
	if (call->once)
		return &retry_never;
	return call->audience == CLIENT_VAULT ? &retry_vault : &retry_default;
}

/* What only reads may be lost without harm; what changes something may have done so, also behind an answer that cannot be read. */
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

/* Take another audience from a vault's challenge, if it is that of a domain in the settings; the authority is never taken. */
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

bool
client_send(struct azure *azure, const struct client_call *call,
    struct http_response *ret_response, struct fault *fault)
{
	struct passage passage = { .scope = "" };
	bool answered;

	if (!find_passage(azure, call, &passage, fault))
		return false;
	answered = send_with_token(azure, call, &passage, ret_response, fault);

	/* A token may have been revoked, or be for another audience: get one more, once. What must not go out twice is left to its caller. */
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
	if (retry_after(response, client_wall_ms(azure), &wait_ms) && wait_ms > 0)
		return fault_set(fault, failure.code, "%s. Azure asks to wait %lld s", failure.text,
		    (long long)(wait_ms + 999) / 1000);

	/* Of two tenants a 401 names the right one; a domain in the settings cannot be compared with a GUID. */
	if (response->status == 401 && challenge_find(response, &challenge) &&
	    challenge.tenant[0] != '\0' && strcasecmp(challenge.tenant, azure->options.tenant) != 0)
		return fault_set(fault, failure.code, "%s. It belongs to tenant %s, and the settings "
		    "name %s", failure.text, challenge.tenant, azure->options.tenant);
	return fault_set(fault, failure.code, "%s", failure.text);
}

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
