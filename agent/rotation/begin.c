#include "begin.h"

#include "hsmreport.h"
#include "ledger.h"
#include "random.h"
#include "ready.h"
#include "scope.h"
#include "step.h"
#include "tell.h"
#include "traces.h"

#include <stdio.h>
#include <string.h>

enum { REPAIRS_MAX = 50, REFUSAL_AGAIN_MS = 86400000 };

enum { EVERYTHING = OBSERVE_VAULT | OBSERVE_SERVICES | OBSERVE_PROBES | OBSERVE_KEK | OBSERVE_HSM };

/* What an undo and a confirm go back to. */
static json_t *
services_detail(const struct facts *facts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < facts->service_count; i++) {
		const struct service_fact *service = &facts->services[i];

		json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:i}", "id",
		    service->policy->id, "kind", service->policy->kind, "before",
		    service->state.key_url, "baseline",
		    service->probed ? (int)service->probe.outcome : 0));
	}
	return list;
}

void
begin_correlate(struct observer *observer, const char *id)
{
	char uuid[37];

	snprintf(uuid, sizeof uuid, "%.8s-%.4s-%.4s-%.4s-%.12s", id, id + 8, id + 12, id + 16,
	    id + 20);
	azure_set_correlation(observer->engine->azure, uuid);
}

static bool
record_start(struct observer *observer, const struct facts *facts, bool by_operator,
    const char *reason, struct fault *fault)
{
	const struct version_fact *in_use = facts_in_use(facts);
	const struct stage stage = { .observer = observer, .facts = facts };
	uint8_t bytes[16];
	char id[ROTATION_ID_SIZE];
	const struct policy *policy = observer->policy;
	json_t *detail;

	if (!random_bytes(bytes, sizeof bytes, fault))
		return false;
	encode_hex(bytes, sizeof bytes, id);
	begin_correlate(observer, id);
	detail = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:o}", "trigger",
	    by_operator ? "operator" : "schedule", "vault", policy->vault.url, "key_name",
	    policy->vault.key_name, "token", policy->key.token,
	    "why", reason, "in_use", in_use == NULL ? "" : in_use->kid, "services",
	    services_detail(facts));
	if (!ledger_write_for(observer, id, STEP_NAME_ROTATE, JOURNAL_INTENT, detail, fault) ||
	    !ledger_write(observer, "ready", JOURNAL_DONE,
	    step_row(STEP_READY)->outcome(&stage), fault))
		return false;
	tell(observer, ENGINE_STEP_DONE, "ready", "", "Rotation %s begins: every check passed", id);
	return true;
}

/*
 * Refusals are records too. A daemon asks again and again: the same refusal is recorded once in a while, not at every look.
 */
static bool
refuse(struct observer *observer, const struct findings *findings, bool by_operator,
    struct fault *fault)
{
	const struct history *history = &observer->history;
	int64_t age_ms = clock_wall_ms(observer->engine->clock) - history->refused_ms;
	char text[FAULT_TEXT_MAX], recorded[HISTORY_REASON_MAX];
	struct fault why;

	ready_reason(findings, text, sizeof text);
	fault_set(&why, FAULT_REFUSED, "No rotation is started: %s", text);
	snprintf(recorded, sizeof recorded, "%.*s", (int)sizeof recorded - 1, why.text);
	if ((by_operator || history->refused_ms == 0 || age_ms < 0 || age_ms > REFUSAL_AGAIN_MS ||
	    strcmp(recorded, history->refusal) != 0) && !ledger_write_for(observer, "",
	    STEP_NAME_ROTATE, JOURNAL_FAILED, ledger_failure(observer, &why), fault))
		return false;
	return fault_set(fault, why.code, "%s", why.text);
}

/* An earlier version that somebody disabled, where the policy says that keyturn may enable it again. */
static bool
wants_repair(const struct facts *facts)
{
	for (size_t i = 0; i < facts->version_count; i++)
		if (facts->versions[i].named && facts->versions[i].exists &&
		    !facts->versions[i].key.item.enabled)
			return facts->policy->repair_previous;
	return false;
}

/* Guard, ahead of a rotation: intent, act, and the look is the one that comes next. */
static bool
repair(struct observer *observer, const struct facts *facts, struct fault *fault)
{
	const struct step *row = step_row(STEP_GUARD);
	struct stage stage = { .observer = observer, .facts = facts };
	json_t *intent = row->intent(&stage);

	tell(observer, ENGINE_WARNING, "guard", "", "An earlier version was disabled; the policy "
	    "lets keyturn enable it again");
	return ledger_write_for(observer, "", "guard", JOURNAL_INTENT, intent, fault) &&
	    row->act(&stage, fault);
}

/* Look at everything, mending what the policy lets be mended, one version a round. */
static bool
look_and_repair(struct observer *observer, struct facts *ret_facts, struct fault *fault)
{
	bool repaired = false;

	for (size_t round = 0; round <= REPAIRS_MAX; round++) {
		if (!observe(observer, EVERYTHING, ret_facts, fault))
			return false;
		if (!wants_repair(ret_facts) || round == REPAIRS_MAX)
			break;
		if (!repair(observer, ret_facts, fault))
			return false;
		facts_clear(ret_facts);
		repaired = true;
	}
	if (!repaired)
		return true;
	const struct stage stage = { .observer = observer, .facts = ret_facts };
	return ledger_write_for(observer, "", "guard", JOURNAL_DONE,
	    step_row(STEP_GUARD)->outcome(&stage), fault);
}

/* Whether the token can carry a key out and seal it is proved before a key is made that could not leave. */
static bool
look_at_token(struct observer *observer, struct findings *findings, bool *ret_able,
    struct fault *fault)
{
	SCOPE(free) struct hsm_report *report = calloc(1, sizeof *report);
	unsigned before = findings->problems;
	struct hsm *hsm;

	if (report == NULL)
		return fault_system(fault, "Memory for the HSM's report");
	if (!observer_hsm(observer, &hsm, fault) || !hsm_check(hsm, report, fault))
		return false;
	hsmreport_judge(report, observer->policy->key.token, observer->policy, findings);
	*ret_able = findings->problems == before;
	return true;
}

bool
begin_rotation(struct observer *observer, bool by_operator, const char *reason,
    struct fault *fault)
{
	struct facts facts __attribute__((cleanup(scope_facts))) = { 0 };
	struct findings findings __attribute__((cleanup(scope_findings))) = { 0 };
	const struct version_fact *trace;
	bool ready, able;

	finding_init(&findings);
	if (!look_and_repair(observer, &facts, fault) ||
	    !traces_find(observer->engine->journal, &facts, &trace, fault))
		return false;
	/* First, since it explains all that comes after it. */
	if (trace != NULL)
		traces_tell(trace, &findings);
	if (!ready_look(&facts, &findings, &ready, fault) ||
	    !look_at_token(observer, &findings, &able, fault))
		return false;
	if (ready && able && trace == NULL)
		return record_start(observer, &facts, by_operator, reason, fault);
	return refuse(observer, &findings, by_operator, fault);
}

bool
end_rotation(struct observer *observer, const struct facts *facts, struct fault *fault)
{
	const struct history_rotation *rotation = &observer->history.rotation;
	json_t *services = json_array();

	for (size_t i = 0; i < facts->service_count; i++) {
		const struct history_service *past = facts_service_history(facts, i);

		json_array_append_new(services, json_pack("{s:s,s:b}", "service",
		    facts->services[i].policy->id, "confirmed",
		    past != NULL && past->confirmed));
	}
	if (!ledger_write(observer, STEP_NAME_ROTATE, JOURNAL_DONE, json_pack("{s:s,s:s,s:o}",
	    "kid", rotation->kid, "fingerprint", rotation->fingerprint, "services", services),
	    fault))
		return false;
	return journal_write_head(observer->engine->journal, fault);
}
