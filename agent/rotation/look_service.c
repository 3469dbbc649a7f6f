#include "look_service.h"

#include <string.h>
#include <strings.h>

enum {
	POLL_DEFAULT_MS = 10000,
	OPERATION_PATIENCE_MS = 3600000,	/* Azure forgets operations: then the resource's word counts */
	CONFIRM_PATIENCE_MS = 600000,	/* from Succeeded to effective use: not documented */
	CONFIRM_POLL_MS = 5000
};

static bool
one_of(const char *state, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcasecmp(state, *list) == 0)
			return true;
	return false;
}

/* Source: Microsoft.HealthcareApis 2024-03-31, ProvisioningState. */
bool
look_busy(const char *provisioning_state)
{
	static const char *const busy[] = { "Creating", "Accepted", "Verifying", "Updating",
		"Moving", "SystemMaintenance", NULL };

	return one_of(provisioning_state, busy);
}

bool
look_terminal(const char *provisioning_state)
{
	static const char *const terminal[] = { "Succeeded", "Failed", "Canceled", NULL };

	return one_of(provisioning_state, terminal);
}

static int64_t
next_poll(const struct facts *facts, const struct service_fact *service)
{
	int64_t wait = service->retry_after_ms > 0 ? service->retry_after_ms : POLL_DEFAULT_MS;

	return facts->now_ms + wait;
}

static void
set_wait(struct look *look, int64_t until_ms)
{
	look->state = LOOK_WAIT;
	look->until_ms = until_ms;
}

/* At rest with the wanted key: done, whatever was or was not recorded. */
static bool
names(const struct service_fact *service, const char *kid)
{
	return kid[0] == '\0' ? service->state.key_url[0] == '\0' :
	    vault_same_kid(service->state.key_url, kid);
}

/*
 * An operation that is said to run.  A service at rest while its operation runs is lag; if that lasts, the operation has been
 * forgotten by Azure, which answers as if it had not heard of it yet.
 */
static bool
runs(const struct facts *facts, const struct service_fact *service,
    const struct history_service *past)
{
	if (!service->operation_known || service->progress != SERVICE_RUNNING)
		return false;
	return past == NULL || !look_terminal(service->state.provisioning_state) ||
	    facts->now_ms < past->intent_ms + OPERATION_PATIENCE_MS;
}

static void
at_operation(const struct facts *facts, const struct service_fact *service, struct look *look)
{
	switch (service->progress) {
	case SERVICE_RUNNING:
		look_set(look, LOOK_WAIT, "Azure is at work on %s", service->name);
		set_wait(look, next_poll(facts, service));
		return;
	case SERVICE_SUCCEEDED:
		if (look_busy(service->state.provisioning_state)) {
			look_set(look, LOOK_WAIT, "Azure says it is done, but %s is still %s",
			    service->name, service->state.provisioning_state);
			set_wait(look, next_poll(facts, service));
		} else {
			look_set(look, LOOK_FAILED, "Azure says that the update of %s succeeded, "
			    "but it is '%s' and names %s", service->name,
			    service->state.provisioning_state, service->state.key_url);
		}
		return;
	default:
		look_set(look, LOOK_FAILED, "Azure could not update %s: %s", service->name,
		    service->operation_fault.text);
	}
}

/* A version that services need and cannot use: moving services about makes that worse, not better. */
static bool
unusable(const struct facts *facts, struct look *look)
{
	char why[200];

	for (size_t i = 0; i < facts->version_count; i++) {
		const struct version_fact *version = &facts->versions[i];

		if (!version->named || facts_usable(facts, version, why))
			continue;
		look_set(look, LOOK_BLOCKED, "version %s %s, and services need it: no service is "
		    "moved before it is usable again (az keyvault key set-attributes --id %s "
		    "--enabled true)", version->version, why, version->kid);
		return true;
	}
	return false;
}

static void
at_rest(const struct facts *facts, const struct service_fact *service,
    const struct history_service *past, const char *target, struct look *look)
{
	const char *state = service->state.provisioning_state;

	if (past != NULL && past->intent_ms != 0 && names(service, target))
		look_set(look, LOOK_FAILED, "%s names the new version but is %s", service->name,
		    state);
	else if (past != NULL && past->before_known && !names(service, past->before) &&
	    !names(service, target))
		look_set(look, LOOK_BLOCKED, "somebody pointed %s at %s since the rotation "
		    "began; put it back (%s) or adopt it, then run keyturn again",
		    service->name, service->state.key_url, past->before);
	else if (unusable(facts, look))
		return;
	else if (strcasecmp(state, "Succeeded") == 0)
		look_set(look, LOOK_TODO, "point %s at %s", service->name, target);
	else
		look_set(look, LOOK_BLOCKED, "%s is %s; mend it in Azure first", service->name,
		    state);
}

void
look_at_repoint(const struct facts *facts, size_t index, struct look *look)
{
	const struct service_fact *service = &facts->services[index];
	const struct history_service *past = facts_service_history(facts, index);
	const char *target = facts->history->rotation.kid;
	const char *state = service->state.provisioning_state;

	if (!service->read)
		look_set(look, LOOK_BLOCKED, "%s cannot be read: %s", service->name,
		    service->why.text);
	else if (names(service, target) && strcasecmp(state, "Succeeded") == 0)
		look_set(look, LOOK_DONE, "%s names the new version and is Succeeded",
		    service->name);
	else if (service->operation_known && (service->progress != SERVICE_RUNNING ||
	    runs(facts, service, past)))
		at_operation(facts, service, look);
	else if (look_busy(state)) {
		look_set(look, LOOK_WAIT, "%s is %s", service->name, state);
		set_wait(look, next_poll(facts, service));
	} else
		at_rest(facts, service, past, target, look);
}

void
look_at_confirm(const struct facts *facts, size_t index, struct look *look)
{
	const struct service_fact *service = &facts->services[index];
	const struct history_service *past = facts_service_history(facts, index);

	if (past != NULL && past->confirm_done) {
		look_set(look, LOOK_DONE, "%s %s", service->name, past->confirmed ?
		    "answers as before" : "is repointed, unconfirmed");
	} else if (past == NULL || past->baseline != SERVICE_PROBE_ANSWERS) {
		look_set(look, LOOK_DONE, "%s is repointed, unconfirmed: its data plane could not "
		    "be asked before, so it tells nothing now", service->name);
	} else if (!service->probed) {
		look_set(look, LOOK_TODO, "ask the data plane of %s", service->name);
	} else if (service->probe.outcome == SERVICE_PROBE_ANSWERS) {
		look_set(look, LOOK_DONE, "%s answers as before", service->name);
	} else if (facts->now_ms < past->repointed_ms + CONFIRM_PATIENCE_MS &&
	    facts->now_ms > past->repointed_ms - CONFIRM_PATIENCE_MS) {
		look_set(look, LOOK_WAIT, "%s does not answer as before yet: %s", service->name,
		    service->probe.text);
		set_wait(look, facts->now_ms + CONFIRM_POLL_MS);
	} else if (unusable(facts, look)) {
		return;
	} else if (service->probe.outcome == SERVICE_PROBE_KEY_LOST) {
		look_set(look, LOOK_FAILED, "%s lost its key with the new version: %s",
		    service->name, service->probe.text);
	} else {
		/* Unreachable is not unreadable: nothing is undone for a network that is down. */
		look_set(look, LOOK_BLOCKED, "%s answered before and does not now: %s",
		    service->name, service->probe.text);
	}
}

void
look_at_undo(const struct facts *facts, size_t index, struct look *look)
{
	const struct service_fact *service = &facts->services[index];
	const struct history_service *past = facts_service_history(facts, index);
	const char *state = service->state.provisioning_state;
	const char *before = past == NULL ? "" : past->before;

	if (!service->read) {
		look_set(look, LOOK_BLOCKED, "%s cannot be read: %s", service->name,
		    service->why.text);
	} else if (before[0] == '\0') {
		look_set(look, LOOK_DONE, "%s had no customer-managed key before, and there is no "
		    "known way back to that: it is left as it is", service->name);
	} else if (look_busy(state) || runs(facts, service, past)) {
		look_set(look, LOOK_WAIT, "%s is %s: an unfinished update is not undone",
		    service->name, state);
		set_wait(look, next_poll(facts, service));
	} else if (names(service, before) && strcasecmp(state, "Succeeded") == 0) {
		look_set(look, LOOK_DONE, "%s names %s again", service->name, before);
	} else if (service->operation_known && service->progress != SERVICE_SUCCEEDED &&
	    service->progress != SERVICE_RUNNING) {
		look_set(look, LOOK_FAILED, "Azure could not put %s back to %s: %s", service->name,
		    before, service->operation_fault.text);
	} else if (!unusable(facts, look)) {
		look_set(look, LOOK_TODO, "put %s back to %s", service->name, before);
	}
}
