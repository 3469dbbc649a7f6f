#include "repoint.h"

#include "look_service.h"
#include "scope.h"
#include "tell.h"

#include <string.h>
#include <strings.h>

enum { SETTLE_POLL_MS = 5000 };

bool
repoint_body_digest(const struct service_fact *service, const char *kid,
    char ret_hex[static DIGEST_HEX_SIZE], struct fault *fault)
{
	SCOPE(json) json_t *body = NULL;
	SCOPE(free) char *text = NULL;
	uint8_t digest[DIGEST_SIZE];

	if (!service_body(service->kind, service->state.resource, kid, &body, fault))
		return false;
	/* The one writable member that the server changes by itself, at each update. */
	json_object_del(body, "etag");
	if ((text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS)) == NULL)
		return fault_system(fault, "Memory for the body of %s", service->name);
	if (!digest_sha256(text, strlen(text), digest, fault))
		return false;
	encode_hex(digest, sizeof digest, ret_hex);
	return true;
}

static bool
same_reference(const char *a, const char *b)
{
	return a[0] == '\0' ? b[0] == '\0' : vault_same_kid(a, b);
}

/* The last look before the act: refuse if anything moved since the plan was made. */
static bool
check_unmoved(const struct service_fact *service, const struct service_state *now,
    const struct repoint *request, struct fault *fault)
{
	SCOPE(free) char *difference = NULL;

	if (!same_reference(now->key_url, request->from))
		return fault_set(fault, FAULT_REFUSED, "%s named %s a moment ago and names %s now: "
		    "somebody else is changing it; nothing was written", service->name,
		    request->from, now->key_url);
	if (!look_terminal(now->provisioning_state))
		return fault_set(fault, FAULT_RETRY, "%s is %s now; nothing was written",
		    service->name, now->provisioning_state);
	if (!service_difference(service->kind, service->state.resource, now->resource,
	    &difference, fault))
		return false;
	if (difference[0] != '\0')
		return fault_set(fault, FAULT_REFUSED, "%s changed since it was looked at (%s); "
		    "nothing was written", service->name, difference);
	return true;
}

/* Where to ask for the operation must survive a crash. */
static bool
record_operation(struct observer *observer, const struct service_fact *service,
    const struct repoint *request, const struct service_operation *operation,
    struct fault *fault)
{
	SCOPE(json) json_t *detail = json_pack("{s:s,s:s,s:s,s:s,s:s}", "service",
	    service->policy->id, "after", request->to, "azure_async", operation->azure_async,
	    "location", operation->location, "request_id",
	    azure_last_request_id(observer->engine->azure));
	const struct journal_entry entry = {
		.policy = observer->policy->name,
		.rotation = request->rotation,
		.step = request->step,
		.phase = JOURNAL_NOTE,
		.policy_sha256 = observer->policy->sha256,
		.detail = detail,
	};

	return journal_append(observer->engine->journal, &entry, NULL, fault);
}

bool
repoint_write(struct observer *observer, const struct service_fact *service,
    const struct repoint *request, struct fault *fault)
{
	struct azure *azure = observer->engine->azure;
	struct service_state now __attribute__((cleanup(scope_service_state))) = { 0 };
	SCOPE(json) json_t *body = NULL;
	SCOPE(free) struct service_operation *operation = calloc(1, sizeof *operation);
	enum service_progress progress;

	if (operation == NULL)
		return fault_system(fault, "Memory for an operation");
	if (!service_read(azure, service->kind, service->policy->id, &now, fault) ||
	    !check_unmoved(service, &now, request, fault) ||
	    !service_body(service->kind, now.resource, request->to, &body, fault) ||
	    !service_write(azure, service->kind, service->policy->id, body, operation, &progress,
	    fault))
		return fault_prefix(fault, "point %s at %s", service->name, request->to);

	/* An answer may say at once that it failed; service_write has told why. */
	if (progress == SERVICE_FAILED || progress == SERVICE_CANCELED)
		return fault_prefix(fault, "point %s at %s", service->name, request->to);
	if (progress != SERVICE_RUNNING)
		return true;
	return record_operation(observer, service, request, operation, fault);
}

/* One look of the wait: settled, failed, or not yet. */
static bool
settled(const struct service_fact *service, const char *kid, bool *ret_settled,
    struct fault *fault)
{
	const char *state = service->state.provisioning_state;

	*ret_settled = false;
	if (!service->read)
		return fault_set(fault, service->why.code, "%s", service->why.text);
	if (service->operation_known && (service->progress == SERVICE_FAILED ||
	    service->progress == SERVICE_CANCELED))
		return fault_set(fault, FAULT_FAILED, "Azure could not update %s: %s",
		    service->name, service->operation_fault.text);
	if (service->operation_known && service->progress == SERVICE_RUNNING)
		return true;
	if (!look_terminal(state))
		return true;
	if (strcasecmp(state, "Succeeded") != 0 || !vault_same_kid(service->state.key_url, kid))
		return fault_set(fault, FAULT_FAILED, "%s is %s and names %s", service->name, state,
		    service->state.key_url);
	*ret_settled = true;
	return true;
}

bool
repoint_settle(struct observer *observer, size_t index, const char *kid, struct fault *fault)
{
	const struct clock *clock = observer->engine->clock;
	int64_t started_ms = clock_monotonic_ms(clock);

	for (;;) {
		struct facts facts __attribute__((cleanup(scope_facts))) = { 0 };
		struct engine_event event = { .kind = ENGINE_WAITING, .step = "repoint" };
		bool done;
		int64_t wait;

		if (!observe(observer, OBSERVE_SERVICES, &facts, fault) ||
		    !settled(&facts.services[index], kid, &done, fault))
			return false;
		if (done)
			return true;
		wait = facts.services[index].retry_after_ms > 0 ?
		    facts.services[index].retry_after_ms : SETTLE_POLL_MS;
		event.service = facts.services[index].name;
		event.until_ms = facts.now_ms + wait;
		tell_timed(observer, event, "Azure is at work on it", started_ms);
		if (!clock_wait_ms(clock, wait))
			return fault_set(fault, FAULT_STOPPED, "Asked to stop while Azure was at "
			    "work on %s; keyturn status tells how it ended",
			    facts.services[index].name);
	}
}
