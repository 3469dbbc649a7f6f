#include "begin.h"

#include "ledger.h"
#include "random.h"
#include "ready.h"
#include "scope.h"
#include "step.h"
#include "tell.h"

#include <stdio.h>

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
	json_t *detail;

	if (!random_bytes(bytes, sizeof bytes, fault))
		return false;
	encode_hex(bytes, sizeof bytes, id);
	begin_correlate(observer, id);
	detail = json_pack("{s:s,s:s,s:s,s:o}", "trigger", by_operator ? "operator" : "schedule",
	    "why", reason, "in_use", in_use == NULL ? "" : in_use->kid, "services",
	    services_detail(facts));
	if (!ledger_write_for(observer, id, STEP_NAME_ROTATE, JOURNAL_INTENT, detail, fault) ||
	    !ledger_write(observer, "ready", JOURNAL_DONE,
	    step_row(STEP_READY)->outcome(&stage), fault))
		return false;
	tell(observer, ENGINE_STEP_DONE, "ready", "", "Rotation %s begins: every check passed", id);
	return true;
}

bool
begin_rotation(struct observer *observer, bool by_operator, const char *reason,
    struct fault *fault)
{
	struct facts facts __attribute__((cleanup(scope_facts))) = { 0 };
	struct findings findings __attribute__((cleanup(scope_findings))) = { 0 };
	char text[FAULT_TEXT_MAX];
	bool ready;
	struct fault why;

	finding_init(&findings);
	if (!observe(observer, EVERYTHING, &facts, fault) ||
	    !ready_look(&facts, &findings, &ready, fault))
		return false;
	if (ready)
		return record_start(observer, &facts, by_operator, reason, fault);

	/* Refusals are records too. */
	ready_reason(&findings, text, sizeof text);
	fault_set(&why, FAULT_REFUSED, "No rotation is started: %s", text);
	if (!ledger_write_for(observer, "", STEP_NAME_ROTATE, JOURNAL_FAILED,
	    ledger_failure(observer, &why), fault))
		return false;
	return fault_set(fault, why.code, "%s", why.text);
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
