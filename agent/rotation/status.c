#include "commands.h"
#include "decide.h"
#include "finding.h"
#include "invariant.h"
#include "observe.h"
#include "schedule.h"
#include "scope.h"
#include "timejson.h"

#include <string.h>

enum { DAY_MS = 86400000 };

static const char *const probe_names[] = {
	[SERVICE_PROBE_ANSWERS] = "answers",
	[SERVICE_PROBE_KEY_LOST] = "key-lost",
	[SERVICE_PROBE_NOT_ALLOWED] = "not-allowed",
	[SERVICE_PROBE_NO_ANSWER] = "no-answer",
};

/* The version part of a key URL, NULL if it names none. */
static const char *
version_part(const char *kid)
{
	struct vault_name name;
	struct fault fault;
	const char *slash = strrchr(kid, '/');

	return vault_parse_kid(kid, &name, &fault) && name.version[0] != '\0' ? slash + 1 : NULL;
}

static json_t *
service_document(const struct facts *facts, size_t index)
{
	const struct service_fact *service = &facts->services[index];
	const struct history_service *past = facts_service_history(facts, index);
	const char *kid = service->read ? service->state.key_url :
	    past != NULL ? past->last_kid : "";
	const char *text = !service->read ? service->why.text :
	    service->probed ? service->probe.text : "";

	return json_pack("{s:s,s:s,s:s,s:s?,s:s?,s:s,s:s,s:s}", "kind", service->policy->kind,
	    "name", service->name, "id", service->policy->id, "version", version_part(kid), "kid",
	    kid[0] == '\0' ? NULL : kid, "state", service->read ?
	    service->state.provisioning_state : "not read", "probe",
	    service->probed ? probe_names[service->probe.outcome] : "off", "text", text);
}

/* What stands against health beside the invariants: services that cannot be read or have lost their key. */
static void
judge_services(const struct facts *facts, struct findings *findings)
{
	for (size_t i = 0; i < facts->service_count; i++) {
		const struct service_fact *service = &facts->services[i];

		if (!service->read)
			finding_add(findings, FINDING_PROBLEM, service->name, "", "The %s service "
			    "'%s' cannot be read: %s", service->policy->kind, service->name,
			    service->why.text);
		else if (service->probed && service->probe.outcome == SERVICE_PROBE_KEY_LOST)
			finding_add(findings, FINDING_PROBLEM, service->name, "See the findings on "
			    "versions; if every version is fine, look at the service identity's role "
			    "on the vault, then run keyturn revalidate", "Data of the %s service "
			    "'%s' is unreadable now: %s", service->policy->kind, service->name,
			    service->probe.text);
		else if (service->probed && service->probe.outcome == SERVICE_PROBE_NO_ANSWER)
			finding_add(findings, FINDING_WARNING, service->name, "", "The %s service "
			    "'%s' does not answer: %s", service->policy->kind, service->name,
			    service->probe.text);
	}
}

/* A rotation that stopped is nobody's healthy state, even while every service can be read. */
static void
judge_rotation(const struct facts *facts, struct findings *findings)
{
	const struct history_rotation *rotation = &facts->history->rotation;
	char advice[300];

	if (!rotation->open || rotation->failures == 0)
		return;
	snprintf(advice, sizeof advice, "Mend that, then run keyturn rotate %s: it goes on where it "
	    "is", facts->policy->name);
	finding_add(findings, FINDING_PROBLEM, rotation->id, advice, "The rotation stopped at step "
	    "%s: %s", rotation->failed_step, rotation->failure);
}

static json_t *
rotation_document(const struct facts *facts)
{
	const struct history_rotation *rotation = &facts->history->rotation;
	enum step_id step = STEP_READY;
	struct decision decision;
	char failed[HISTORY_REASON_MAX + 100];

	if (!rotation->open)
		return json_null();
	if (rotation->failures > 0 && rotation->failure[0] != '\0') {
		snprintf(failed, sizeof failed, "failed at step %s: %s", rotation->failed_step,
		    rotation->failure);
		return json_pack("{s:s,s:s,s:o,s:s,s:o}", "id", rotation->id, "step",
		    rotation->failed_step, "since", timejson_ms(rotation->started_ms),
		    "waiting_for", failed, "until", json_null());
	}

	/* Up to seal a decision needs a look at the HSM, which status does not take; later ones need Azure. */
	while (step < STEP_SEAL && rotation->done[step])
		step++;
	if (!rotation->done[step] || !facts->vault_read) {
		snprintf(failed, sizeof failed, "keyturn rotate %s to go on%s%s",
		    facts->policy->name, rotation->done[step] ? "" : " with step ",
		    rotation->done[step] ? "" : stepname_print(step));
		return json_pack("{s:s,s:s,s:o,s:s,s:o}", "id", rotation->id, "step",
		    rotation->done[step] ? "repoint" : stepname_print(step), "since",
		    timejson_ms(rotation->started_ms), "waiting_for", failed, "until",
		    json_null());
	}
	decide(facts, false, &decision);
	return json_pack("{s:s,s:s,s:o,s:s,s:o}", "id", rotation->id, "step",
	    stepname_print(decision.step), "since", timejson_ms(rotation->started_ms),
	    "waiting_for", decision.reason, "until", timejson_ms(decision.until_ms));
}

static int64_t
since_ms(const struct facts *facts, const struct version_fact *in_use)
{
	const struct history_rotation *rotation = &facts->history->rotation;

	if (in_use == NULL)
		return 0;
	if (rotation->ended_ms != 0 && vault_same_kid(rotation->kid, in_use->kid))
		return rotation->ended_ms;
	return in_use->key.item.created * 1000;
}

static json_t *
document(const struct facts *facts, struct findings *findings, const char *looked)
{
	const struct policy *policy = facts->policy;
	const struct version_fact *in_use = facts_in_use(facts);
	int64_t since = since_ms(facts, in_use), due_ms = 0;
	char shape[KEY_SHAPE_TEXT], reason[SCHEDULE_REASON];
	bool scheduled = schedule_next(facts, &due_ms, reason);
	json_t *services = json_array();

	for (size_t i = 0; i < facts->service_count; i++)
		json_array_append_new(services, service_document(facts, i));
	return json_pack("{s:s,s:b,s:s?,s:s?,s:o,s:o,s:o,s:s,s:o,s:s?,s:s,s:s,s:s,s:o,s:o,s:s}",
	    "policy", policy->name, "healthy", findings->problems == 0, "version",
	    in_use == NULL ? NULL : in_use->version, "kid",
	    in_use == NULL ? NULL : in_use->kid, "since", timejson_ms(since), "age_days",
	    since == 0 ? json_null() : json_integer((facts->now_ms - since) / DAY_MS), "next",
	    scheduled ? timejson_ms(due_ms) : json_null(), "schedule", reason, "rotation",
	    rotation_document(facts), "held", facts->history->rolled_back_ms == 0 ? NULL : reason,
	    "key", keyshape_print(policy->key.shape, shape), "after_import",
	    policy_after_import_name(policy->key.after_import), "recovery",
	    policy_recovery_name(policy->key.recovery), "services", services, "findings",
	    finding_take(findings), "looked", looked);
}

/* From the journal alone: what was last set, and no word on what is. */
static bool
recorded_facts(struct observer *observer, struct facts *facts, struct fault *fault)
{
	const struct policy *policy = observer->policy;

	*facts = (struct facts){
		.policy = policy,
		.now_ms = clock_wall_ms(observer->engine->clock),
		.history = &observer->history,
	};
	if (policy->service_count == 0)
		return true;
	facts->services = calloc(policy->service_count, sizeof *facts->services);
	if (facts->services == NULL)
		return fault_system(fault, "Memory for services");
	facts->service_count = policy->service_count;
	for (size_t i = 0; i < policy->service_count; i++) {
		const char *slash = strrchr(policy->services[i].id, '/');

		facts->services[i].policy = &policy->services[i];
		snprintf(facts->services[i].name, sizeof facts->services[i].name, "%s",
		    slash == NULL ? policy->services[i].id : slash + 1);
		fault_set(&facts->services[i].why, FAULT_UNKNOWN, "as recorded");
	}
	return true;
}

static bool
status_recorded(struct observer *observer, json_t **ret_document, struct fault *fault)
{
	struct facts facts __attribute__((cleanup(scope_facts))) = { 0 };
	struct findings findings __attribute__((cleanup(scope_findings))) = { 0 };
	const struct history_rotation *rotation = &observer->history.rotation;

	finding_init(&findings);
	if (!recorded_facts(observer, &facts, fault))
		return false;
	judge_rotation(&facts, &findings);
	*ret_document = document(&facts, &findings, "recorded");
	if (*ret_document == NULL)
		return fault_system(fault, "Memory for the answer");

	/* Without a look at the vault, the version in use is what the last rotation made. */
	if (!rotation->open && rotation->kid[0] != '\0') {
		const char *version = version_part(rotation->kid);

		json_object_set_new(*ret_document, "kid", json_string(rotation->kid));
		json_object_set_new(*ret_document, "version",
		    version == NULL ? json_null() : json_string(version));
		json_object_set_new(*ret_document, "since", timejson_ms(rotation->ended_ms));
		json_object_set_new(*ret_document, "age_days",
		    json_integer((facts.now_ms - rotation->ended_ms) / DAY_MS));
	}
	return true;
}

bool
status_policy(struct engine *engine, const struct policy *policy, bool recorded,
    json_t **ret_document, struct fault *fault)
{
	struct observer observer __attribute__((cleanup(scope_observer))) = { 0 };
	struct facts facts __attribute__((cleanup(scope_facts))) = { 0 };
	struct findings findings __attribute__((cleanup(scope_findings))) = { 0 };
	struct invariant_report report __attribute__((cleanup(scope_invariant))) = { 0 };

	observer_init(&observer, engine, policy);
	*ret_document = NULL;
	if (!observer_refresh(&observer, fault))
		return false;
	if (recorded)
		return status_recorded(&observer, ret_document, fault);
	finding_init(&findings);
	if (!observe(&observer, OBSERVE_VAULT | OBSERVE_SERVICES | OBSERVE_PROBES, &facts, fault) ||
	    !invariant_check(&facts, &report, &findings, fault))
		return false;
	judge_services(&facts, &findings);
	judge_rotation(&facts, &findings);
	*ret_document = document(&facts, &findings, "azure");
	return *ret_document != NULL || fault_system(fault, "Memory for the answer");
}
