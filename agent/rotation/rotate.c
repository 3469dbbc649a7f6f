#include "commands.h"
#include "finding.h"
#include "invariant.h"
#include "ledger.h"
#include "observe.h"
#include "runner.h"
#include "scope.h"


#include <stdio.h>
#include <string.h>

enum { HSM_IDLE_MS = 60000, BACKOFF_FIRST_MS = 60000, BACKOFF_MAX_MS = 3600000 };

static json_t *
services_document(const struct facts *facts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < facts->service_count; i++) {
		const struct history_service *past = facts_service_history(facts, i);

		json_array_append_new(list, json_pack("{s:s,s:b}", "name", facts->services[i].name,
		    "confirmed", past != NULL && past->confirmed));
	}
	return list;
}

/* How it ended, from a last look: findings of the invariants included. */
static bool
document(struct observer *observer, const char *outcome, json_t **ret_document,
    struct fault *fault)
{
	const struct history_rotation *rotation = &observer->history.rotation;
	struct facts facts __attribute__((cleanup(scope_facts))) = { 0 };
	struct findings findings __attribute__((cleanup(scope_findings))) = { 0 };
	struct invariant_report report __attribute__((cleanup(scope_invariant))) = { 0 };
	const struct version_fact *version;

	finding_init(&findings);
	if (!observe(observer, OBSERVE_VAULT | OBSERVE_SERVICES, &facts, fault) ||
	    !invariant_check(&facts, &report, &findings, fault))
		return false;
	version = rotation->kid[0] == '\0' ? facts_in_use(&facts) :
	    facts_version(&facts, rotation->kid);
	*ret_document = json_pack("{s:s,s:s?,s:s,s:s?,s:s?,s:o,s:o}", "policy",
	    observer->policy->name, "rotation", rotation->id[0] == '\0' ? NULL : rotation->id,
	    "outcome", outcome, "version", version == NULL ? NULL : version->version, "kid",
	    version == NULL ? NULL : version->kid, "services", services_document(&facts),
	    "findings", finding_take(&findings));
	return *ret_document != NULL || fault_system(fault, "Memory for the answer");
}

/* A wait, with the token logged out if it is long. False if somebody asked to stop. */
static bool
wait_for(struct observer *observer, const struct runner_turn *turn, struct fault *fault)
{
	const struct clock *clock = observer->engine->clock;
	int64_t wait = turn->until_ms - clock_wall_ms(clock);

	if (wait <= 0)
		return true;
	if (wait > HSM_IDLE_MS)
		observer_release_hsm(observer);
	return clock_wait_ms(clock, wait) || fault_set(fault, FAULT_STOPPED, "Asked to stop; the "
	    "rotation of %s goes on where it is when keyturn rotate is run again",
	    observer->policy->name);
}

/* What a rotation that stopped halfway leaves: open, and safe to run again. Always false, with ${fault} completed. */
static bool
left_open(const struct observer *observer, struct fault *fault)
{
	char text[FAULT_TEXT_MAX];

	if (!observer->history.rotation.open || strstr(fault->text, "keyturn rotate") != NULL)
		return false;
	snprintf(text, sizeof text, "%s", fault->text);
	return fault_set(fault, fault->code, "%.1700s. The rotation stays open where it is: run "
	    "keyturn rotate %s again when the cause is gone; it looks what took effect before it "
	    "goes on", text, observer->policy->name);
}

/*
 * A turn that failed before anything could be recorded (no token, no vault) is a refusal too: record it, once for each cause.
 */
static bool
take_turn(struct observer *observer, bool force, struct runner_turn *ret_turn,
    struct fault *fault)
{
	struct journal *journal = observer->engine->journal;
	struct journal_head before, after;
	struct fault again;

	journal_head(journal, &before);
	if (runner_turn(observer, force, ret_turn, fault))
		return true;
	journal_head(journal, &after);
	if (after.size != before.size || fault->code == FAULT_RETRY ||
	    fault->code == FAULT_STOPPED || !journal_writable(journal) ||
	    (!force && strcmp(observer->history.refusal, fault->text) == 0))
		return false;
	if (!ledger_write_for(observer, "", STEP_NAME_ROTATE, JOURNAL_FAILED,
	    ledger_failure(observer, fault), &again))
		fault_prefix(fault, "not recorded (%.300s)", again.text);
	return false;
}

bool
rotate_policy(struct engine *engine, const struct policy *policy, bool only_if_due,
    json_t **ret_document, struct fault *fault)
{
	struct observer observer __attribute__((cleanup(scope_observer))) = { 0 };
	struct runner_turn turn;

	observer_init(&observer, engine, policy);
	observer.asked_ms = clock_wall_ms(engine->clock);
	*ret_document = NULL;
	for (;;) {
		if (clock_stopped())
			return fault_set(fault, FAULT_STOPPED, "Asked to stop; run keyturn rotate "
			    "%s again to go on", policy->name);
		if (!take_turn(&observer, !only_if_due, &turn, fault))
			return left_open(&observer, fault);
		if (turn.state == RUNNER_FINISHED)
			return document(&observer, "done", ret_document, fault);
		if (turn.state == RUNNER_IDLE)
			return document(&observer, "nothing-due", ret_document, fault);
		if (turn.state == RUNNER_WAITING && !wait_for(&observer, &turn, fault))
			return false;
	}
}

/* After failures the daemon leaves a policy alone for a while, longer each time. */
static int64_t
backoff_until(const struct history_rotation *rotation, int64_t now_ms)
{
	int64_t wait = BACKOFF_FIRST_MS;

	/* A failure in the future says that the clock was set back: that is no reason to stand still. */
	if (!rotation->open || rotation->failures == 0 || rotation->failed_ms > now_ms)
		return 0;
	for (unsigned i = 1; i < rotation->failures && wait < BACKOFF_MAX_MS; i++)
		wait *= 2;
	return rotation->failed_ms + (wait < BACKOFF_MAX_MS ? wait : BACKOFF_MAX_MS);
}

bool
rotate_once(struct engine *engine, const struct policy *policy, int64_t *ret_next_ms,
    struct fault *fault)
{
	struct observer observer __attribute__((cleanup(scope_observer))) = { 0 };
	int64_t now_ms = clock_wall_ms(engine->clock);
	struct runner_turn turn;
	bool good;

	observer_init(&observer, engine, policy);
	if (!observer_refresh(&observer, fault))
		return false;
	*ret_next_ms = backoff_until(&observer.history.rotation, now_ms);
	if (*ret_next_ms > now_ms)
		return true;
	good = take_turn(&observer, false, &turn, fault);
	now_ms = clock_wall_ms(engine->clock);
	if (!good)
		*ret_next_ms = backoff_until(&observer.history.rotation, now_ms);
	else if (turn.state == RUNNER_WENT_ON)
		*ret_next_ms = now_ms;
	else if (turn.state == RUNNER_FINISHED || turn.until_ms == 0)
		*ret_next_ms = now_ms + BACKOFF_MAX_MS;
	else
		*ret_next_ms = turn.until_ms;
	/* A failure that left no record behind (nothing could be looked at) waits the shortest time. */
	if (!good && *ret_next_ms <= now_ms)
		*ret_next_ms = now_ms + BACKOFF_FIRST_MS;
	return good;
}
