#include "service.h"

#include "client.h"
#include "envelope.h"
#include "member.h"
#include "scope.h"
#include "url.h"
#include "utf8.h"

#include <string.h>

enum { NAMES_MAX = 200 };

/*
 * The names in an id, joined as in a data plane's host name: "WORKSPACE-NAME". Type and name
 * take turns after the provider.
 */
static void
join_names(const struct service_kind *kind, const char *id, char names[static NAMES_MAX])
{
	const char *place = strcasestr(id, "/providers/");
	size_t length = 0;
	bool name = false;

	names[0] = '\0';
	if (place == NULL)
		return;
	place += strlen("/providers/") + strcspn(kind->resource_type, "/");
	for (; *place == '/'; place += strcspn(place, "/")) {
		place++;
		if (name)
			length += (size_t)snprintf(names + length, NAMES_MAX - length, "%s%.*s",
			    length > 0 ? "-" : "", (int)strcspn(place, "/"), place);
		if (length >= NAMES_MAX)
			return;
		name = !name;
	}
}

/* What a probe asks, and as whom. */
struct question {
	char *url;
	char *scope;
};

static void
scope_question(struct question *question)
{
	free(question->url);
	free(question->scope);
}

/* The URL that the resource names, or the one that Azure builds from its names. */
static bool
print_base(const struct azure *azure, const struct service_kind *kind, const char *id,
    const json_t *resource, char **ret_base)
{
	const char *suffix = azure->options.health_suffix;
	const char *said = kind->url_pointer != NULL ? member_text(resource, kind->url_pointer, "") : "";
	char names[NAMES_MAX];

	if (said[0] != '\0')
		return (*ret_base = strndup(said, strlen(said) - (said[strlen(said) - 1] == '/'))) != NULL;
	join_names(kind, id, names);
	if (asprintf(ret_base, "https://%s%s%s%s", names, kind->url_label != NULL ? "." : "",
	    kind->url_label != NULL ? kind->url_label : "", suffix != NULL ? suffix : "") >= 0)
		return true;
	*ret_base = NULL;
	return false;
}

/* Where to ask, and for which audience the token must be. */
static bool
print_question(const struct azure *azure, const struct service_kind *kind, const char *id,
    const json_t *resource, struct question *question)
{
	SCOPE(free) char *base = NULL;
	const char *audience = azure->options.dicom_audience;

	if (!print_base(azure, kind, id, resource, &base))
		return false;

	/* The resource names its audience; one that does not is its own. */
	if (kind->audience_pointer != NULL)
		audience = member_text(resource, kind->audience_pointer, base);
	if (audience == NULL || audience[0] == '\0')
		audience = base;
	if (asprintf(&question->scope, "%s/.default", audience) < 0) {
		question->scope = NULL;
		return false;
	}
	if (asprintf(&question->url, "%s%s", base, kind->probe_path) < 0) {
		question->url = NULL;
		return false;
	}
	return true;
}

/*
 * What the documentation and the servers' own sources know as answers of a store whose key is
 * lost: 500, 424, or 403 with a certain text.
 */
static enum service_probe
classify(const struct http_response *response)
{
	static const struct {
		long status;
		enum service_probe outcome;
	} outcomes[] = {
		{ 200, SERVICE_PROBE_ANSWERS },
		{ 204, SERVICE_PROBE_ANSWERS },
		{ 401, SERVICE_PROBE_NOT_ALLOWED },
		{ 403, SERVICE_PROBE_NOT_ALLOWED },
		{ 424, SERVICE_PROBE_KEY_LOST },
		{ 500, SERVICE_PROBE_KEY_LOST },
	};

	if (response->status == 403 && response->body != NULL &&
	    strcasestr(response->body, "customer-managed key") != NULL)
		return SERVICE_PROBE_KEY_LOST;
	for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
		if (outcomes[i].status == response->status)
			return outcomes[i].outcome;
	return SERVICE_PROBE_NO_ANSWER;
}

/*
 * Only refusals are quoted, and of these only the reason: an answer that is none may hold
 * health records.
 */
static void
describe(const struct http_response *response, struct service_probe_result *result)
{
	SCOPE(json) json_t *body = NULL;
	struct envelope envelope;
	const char *reason;

	snprintf(result->text, sizeof result->text, "HTTP %ld", response->status);
	if (response->status < 400 || response->body_size == 0)
		return;
	envelope_parse(response, &envelope);
	if (!member_parse(response->body, response->body_size, "the answer", &body, NULL))
		return;
	reason = member_text(body, "/issue/0/diagnostics", envelope.message);
	snprintf(result->text, sizeof result->text, "HTTP %ld%s%.400s", response->status,
	    reason[0] != '\0' ? ": " : "", reason);
	utf8_trim(result->text);
}

/* Ask once and sort the answer. */
static bool
ask(struct azure *azure, const struct client_call *call, struct service_probe_result *ret_result,
    struct fault *fault)
{
	SCOPE(http_response) struct http_response response = { 0 };
	struct service_probe_result result = { .outcome = SERVICE_PROBE_NO_ANSWER };
	struct fault failure = { 0 };

	/*
	 * Without a token nothing can be learnt about the service: that is a fault, not a
	 * finding.
	 */
	if (!client_prepare(azure, call, fault))
		return false;
	if (client_send(azure, call, &response, &failure)) {
		result.outcome = classify(&response);
		result.status = response.status;
		describe(&response, &result);
	} else if (failure.code == FAULT_UNAVAILABLE || failure.code == FAULT_PROTOCOL) {
		snprintf(result.text, sizeof result.text, "%.500s", failure.text);
		utf8_trim(result.text);
	} else
		return fault_set(fault, failure.code, "%s", failure.text);
	*ret_result = result;
	return true;
}

bool
service_probe(struct azure *azure, const struct service_kind *kind, const char *id,
    const struct service_state *state, struct service_probe_result *ret_result,
    struct fault *fault)
{
	SCOPE(question) struct question question = { NULL, NULL };
	char what[NAMES_MAX + 50], names[NAMES_MAX];

	if (!service_check_id(kind, id, fault))
		return false;
	if (!print_question(azure, kind, id, state->resource, &question))
		return fault_system(fault, "Memory for a probe");
	join_names(kind, id, names);
	snprintf(what, sizeof what, "Query %s service %s", kind->name, names);
	const struct client_call call = {
		.audience = CLIENT_DATA, .what = what, .method = "GET", .url = question.url,
		.scope = question.scope, .accept = kind->probe_accept, .sensitive = true,
	};

	return ask(azure, &call, ret_result, fault);
}
