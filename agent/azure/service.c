#include "service.h"

#include "arm.h"
#include "envelope.h"
#include "member.h"
#include "scope.h"

#include <string.h>
#include <strings.h>

enum { WHAT_MAX = 1200 };

void
service_state_clear(struct service_state *state)
{
	json_decref(state->resource);
	state->resource = NULL;
}

/* "Read fhir service main" */
static const char *
print_what(char text[static WHAT_MAX], const char *verb, const struct service_kind *kind,
    const char *id)
{
	const char *name = strrchr(id, '/');

	snprintf(text, WHAT_MAX, "%s %s service %s", verb, kind->name, name != NULL ? name + 1 : id);
	return text;
}

/* The few members that decisions need; the resource itself is kept whole. */
static bool
read_state(const struct service_kind *kind, json_t *resource, struct service_state *ret_state,
    struct fault *fault)
{
	const char *key_url = member_text(resource, kind->key_url_pointer, "");
	struct service_state state = { .resource = resource };

	if (!json_is_object(resource) || strlen(key_url) >= sizeof state.key_url)
		return fault_set(fault, FAULT_PROTOCOL, "the answer is no resource");
	strcpy(state.key_url, key_url);
	snprintf(state.provisioning_state, sizeof state.provisioning_state, "%s",
	    member_text(resource, "/properties/provisioningState", ""));
	snprintf(state.identity_type, sizeof state.identity_type, "%s",
	    member_text(resource, "/identity/type", "None"));
	json_incref(resource);
	*ret_state = state;
	return true;
}

/* FhirServices and DicomServices, Get. */
bool
service_read(struct azure *azure, const struct service_kind *kind, const char *id,
    struct service_state *ret_state, struct fault *fault)
{
	SCOPE(json) json_t *resource = NULL;
	char what[WHAT_MAX];
	const struct arm_resource place = {
		id, kind->api_version, print_what(what, "Read", kind, id),
	};

	return service_check_id(kind, id, fault) && arm_get(azure, &place, &resource, fault) &&
	    (read_state(kind, resource, ret_state, fault) || fault_prefix(fault, "%s", what));
}

/* The ends that ARM knows; every other word, known or not, means that it goes on. */
static enum service_progress
progress_of(const char *state)
{
	static const struct {
		const char *state;
		enum service_progress progress;
	} ends[] = {
		{ "Succeeded", SERVICE_SUCCEEDED },
		{ "Failed", SERVICE_FAILED },
		{ "Canceled", SERVICE_CANCELED },
		{ "Cancelled", SERVICE_CANCELED },
	};

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (strcasecmp(ends[i].state, state) == 0)
			return ends[i].progress;
	return SERVICE_RUNNING;
}

/*
 * An answer without a way to follow it and without a state is the end
 * (azure-resource-manager-rpc).
 */
static enum service_progress
progress_of_put(const struct arm_answer *answer)
{
	const char *state = member_text(answer->body, "/properties/provisioningState", NULL);

	if (answer->azure_async[0] != '\0' || answer->location[0] != '\0')
		return SERVICE_RUNNING;
	if (state != NULL)
		return progress_of(state);
	return answer->status == 202 ? SERVICE_RUNNING : SERVICE_SUCCEEDED;
}

/* Why an operation failed: its error object, or at least that it did. Always return false. */
static bool
tell_failure(const char *what, const char *state, const json_t *error, struct fault *fault)
{
	struct envelope envelope;

	envelope_parse_error(error, &envelope);
	if (envelope.code[0] == '\0' && envelope.message[0] == '\0')
		snprintf(envelope.message, sizeof envelope.message, "the operation ended as %s, and Azure "
		    "gives no reason", state);
	envelope_fault(&envelope, what, fault);

	/*
	 * Without an HTTP status the codes of advice.c do not all apply: the operation is over,
	 * not to be waited for.
	 */
	if (fault != NULL)
		fault->code = FAULT_FAILED;
	return false;
}

/* FhirServices and DicomServices, CreateOrUpdate. */
bool
service_write(struct azure *azure, const struct service_kind *kind, const char *id,
    const json_t *body, struct service_operation *ret_operation,
    enum service_progress *ret_progress, struct fault *fault)
{
	SCOPE(arm_answer) struct arm_answer answer = { 0 };
	char what[WHAT_MAX];
	const struct arm_resource place = {
		id, kind->api_version, print_what(what, "Write", kind, id),
	};

	if (!service_check_id(kind, id, fault) || !arm_put(azure, &place, body, &answer, fault))
		return false;
	strcpy(ret_operation->azure_async, answer.azure_async);
	strcpy(ret_operation->location, answer.location);
	ret_operation->retry_after_ms = answer.retry_after_ms;
	*ret_progress = progress_of_put(&answer);
	if (*ret_progress == SERVICE_FAILED || *ret_progress == SERVICE_CANCELED)
		tell_failure(what, "Failed", member_find(answer.body, "/error"), fault);
	return true;
}

/* What one look at an operation needs. */
struct look {
	struct azure *azure;
	const struct service_kind *kind;
	const char *id, *what;
	struct service_operation *operation;
};

/*
 * An answer that failed to say how the operation stands: a 404 comes before Azure's own servers
 * have all heard of it.
 */
static bool
judge_error(const struct look *look, const struct http_response *response,
    enum service_progress *ret_progress, struct fault *fault)
{
	const struct client_call call = { .audience = CLIENT_ARM, .what = look->what };

	if (response->status != 404)
		return client_fault(look->azure, &call, response, fault);
	*ret_progress = SERVICE_RUNNING;
	return true;
}

/*
 * The status document: {"status","error":{…}}; a 4xx or 5xx says that the look failed, not the
 * operation.
 */
static bool
look_at_status(const struct look *look, enum service_progress *ret_progress, struct fault *fault)
{
	SCOPE(http_response) struct http_response response = { 0 };
	SCOPE(json) json_t *document = NULL;
	const struct client_call call = { .audience = CLIENT_ARM, .what = look->what };
	const char *status;

	if (!arm_look(look->azure, look->what, look->operation->azure_async, &response, fault))
		return false;
	look->operation->retry_after_ms = arm_wait_ms(look->azure, &response);
	if (response.status < 200 || response.status > 299)
		return judge_error(look, &response, ret_progress, fault);
	if (!client_parse(&call, &response, &document, fault))
		return false;

	/* An empty 200 is an end, an empty 202 is not; both without words. */
	if (document == NULL) {
		*ret_progress = response.status == 202 ? SERVICE_RUNNING : SERVICE_SUCCEEDED;
		return true;
	}
	if (!member_string(document, "/status", &status, fault))
		return fault_prefix(fault, "%s", look->what);
	*ret_progress = progress_of(status);
	if (*ret_progress == SERVICE_FAILED || *ret_progress == SERVICE_CANCELED)
		tell_failure(look->what, status, member_find(document, "/error"), fault);
	return true;
}

/* 202 while it runs, then what the PUT itself would have answered, refusals included. */
static bool
look_at_location(const struct look *look, enum service_progress *ret_progress, struct fault *fault)
{
	SCOPE(http_response) struct http_response response = { 0 };
	SCOPE(json) json_t *document = NULL;
	const struct client_call call = { .audience = CLIENT_ARM, .what = look->what };
	long status;
	const char *state;

	if (!arm_look(look->azure, look->what, look->operation->location, &response, fault))
		return false;
	look->operation->retry_after_ms = arm_wait_ms(look->azure, &response);
	status = response.status;
	if (status == 400 || status == 409 || status == 412 || status == 422) {
		client_fault(look->azure, &call, &response, fault);
		*ret_progress = SERVICE_FAILED;
		return true;
	}
	if (status < 200 || status > 299)
		return judge_error(look, &response, ret_progress, fault);
	if (!client_parse(&call, &response, &document, fault))
		return false;
	state = member_text(document, "/properties/provisioningState", "Succeeded");
	*ret_progress = status == 202 ? SERVICE_RUNNING : progress_of(state);
	if (*ret_progress == SERVICE_FAILED || *ret_progress == SERVICE_CANCELED)
		tell_failure(look->what, state, member_find(document, "/error"), fault);
	return true;
}

/* The resource itself: its provisioningState, or the end if it has none. */
static bool
look_at_resource(const struct look *look, enum service_progress *ret_progress, struct fault *fault)
{
	SCOPE(service_state) struct service_state state = { .resource = NULL };

	if (!service_read(look->azure, look->kind, look->id, &state, fault))
		return false;
	look->operation->retry_after_ms = ARM_WAIT_DEFAULT_MS;
	*ret_progress = state.provisioning_state[0] == '\0' ? SERVICE_SUCCEEDED :
	    progress_of(state.provisioning_state);
	if (*ret_progress == SERVICE_FAILED || *ret_progress == SERVICE_CANCELED)
		tell_failure(look->what, state.provisioning_state, NULL, fault);
	return true;
}

/*
 * The order of azure-resource-manager-rpc: Azure-AsyncOperation, Location, the resource itself.
 */
bool
service_poll(struct azure *azure, const struct service_kind *kind, const char *id,
    struct service_operation *operation, enum service_progress *ret_progress,
    struct fault *fault)
{
	char what[WHAT_MAX];
	const struct look look = {
		azure, kind, id, print_what(what, "Change of", kind, id), operation,
	};

	if (operation->azure_async[0] != '\0')
		return look_at_status(&look, ret_progress, fault);
	if (operation->location[0] != '\0')
		return look_at_location(&look, ret_progress, fault);
	return look_at_resource(&look, ret_progress, fault);
}
