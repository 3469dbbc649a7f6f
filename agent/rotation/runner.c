#include "runner.h"

#include "begin.h"
#include "invariant.h"
#include "ledger.h"
#include "look.h"
#include "scope.h"
#include "step.h"
#include "tell.h"

#include <stdio.h>
#include <string.h>

enum { UNSEEN_POLL_MS = 5000 };

/* A turn under way. */
struct turn {
	struct observer *observer;
	struct facts *facts;
	const struct decision *decision;
	int64_t started_ms;		/* monotonic */
};

static const char *
step_name(const struct turn *turn)
{
	return stepname_print(turn->decision->step);
}

static void
tell_step(const struct turn *turn, enum engine_event_kind kind, const char *text)
{
	const struct stage stage = { .facts = turn->facts, .service = turn->decision->service };
	const struct engine_event event = {
		.kind = kind,
		.step = step_name(turn),
		.service = step_service_name(&stage, turn->decision->step),
		.until_ms = kind == ENGINE_WAITING ? turn->decision->until_ms : 0,
	};

	tell_timed(turn->observer, event, text, turn->started_ms);
}

enum failing {
	FAILING_ACT,			/* the act itself: its fault tells what happened */
	FAILING_AFTER,			/* a look or record after it: it may well have taken effect */
	FAILING_BLOCKED,		/* nothing was done: somebody else has to do something */
	FAILING_SERVICE			/* a look at a service: Azure ended it, put it back */
};

static json_t *
failure_detail(const struct turn *turn, enum failing failing, const struct fault *failure)
{
	json_t *detail = ledger_failure(turn->observer, failure);
	enum step_id step = turn->decision->step;

	json_object_set_new(detail, "no_effect", json_boolean(failing == FAILING_ACT &&
	    ledger_no_effect(failure)));
	if (step == STEP_REPOINT || step == STEP_CONFIRM || step == STEP_UNDO) {
		const struct service_fact *service =
		    &turn->facts->services[turn->decision->service];

		json_object_set_new(detail, "service", json_string(service->policy->id));
		json_object_set_new(detail, "undo", json_boolean(failing == FAILING_SERVICE ||
		    step == STEP_UNDO));
		json_object_set_new(detail, "over", json_boolean(failing == FAILING_SERVICE));
	}
	return detail;
}

/* Record that the step failed, and tell. False if even that cannot be written: then ${fault} tells both. */
static bool
record_failure(const struct turn *turn, enum failing failing, struct fault *fault)
{
	struct fault again;

	tell_step(turn, ENGINE_STEP_FAILED, fault->text);
	return ledger_write(turn->observer, step_name(turn), JOURNAL_FAILED,
	    failure_detail(turn, failing, fault), &again) ||
	    fault_set(fault, fault->code, "%.900s; and this could not be recorded: %.900s",
	    fault->text, again.text);
}

/* The same as the end of a turn: always false. */
static bool
fail(const struct turn *turn, enum failing failing, struct fault *fault)
{
	return record_failure(turn, failing, fault) && false;
}

/* The outcome of a step, from the look after it and what the act had to add. */
static bool
record_outcome(const struct turn *turn, const struct facts *after, const json_t *result,
    bool found, struct fault *fault)
{
	const struct stage stage = {
		.observer = turn->observer,
		.facts = after,
		.service = turn->decision->service,
	};
	json_t *detail = step_row(turn->decision->step)->outcome(&stage);

	if (detail != NULL && result != NULL)
		json_object_update(detail, (json_t *)result);
	if (detail != NULL && found)
		json_object_set_new(detail, "found_done", json_true());
	return ledger_write(turn->observer, step_name(turn), JOURNAL_DONE, detail, fault);
}

/* A step that would newly break an invariant is refused; one that did is recorded and stops everything. */
static bool
check_after(const struct turn *turn, const struct facts *after, struct fault *fault)
{
	struct invariant_report before_report __attribute__((cleanup(scope_invariant))) = { 0 };
	struct invariant_report after_report __attribute__((cleanup(scope_invariant))) = { 0 };
	const struct invariant_breach *breach;

	if (!invariant_check(turn->facts, &before_report, NULL, fault) ||
	    !invariant_check(after, &after_report, NULL, fault))
		return false;
	breach = invariant_newly_broken(&before_report, &after_report);
	if (breach == NULL)
		return true;
	return fault_set(fault, FAULT_REFUSED, "After step %s invariant %d no longer holds for "
	    "%s%s%s: stopped here. keyturn status %s tells what to do", step_name(turn),
	    breach->invariant, breach->kid, breach->service[0] == '\0' ? "" : " and service ",
	    breach->service, turn->observer->policy->name);
}

/* A service that was put back ends the run: what failed before must not be tried again at once. */
static bool
end_undone(const struct turn *turn, const char *failure, const char *seen, struct fault *fault)
{
	return fault_set(fault, FAULT_FAILED, "%.900s. Now %.900s; every earlier version stays "
	    "enabled. Run keyturn rotate %s to try again", failure, seen,
	    turn->observer->policy->name);
}

/* Record what a look shows as done, and tell. */
static bool
conclude_step(const struct turn *turn, const struct facts *seen, const json_t *result,
    const char *text, struct fault *fault)
{
	char failure[HISTORY_REASON_MAX];

	snprintf(failure, sizeof failure, "%s", turn->observer->history.rotation.failure);
	if (!record_outcome(turn, seen, result, false, fault))
		return fail(turn, FAILING_AFTER, fault);
	tell_step(turn, ENGINE_STEP_DONE, text);
	return turn->decision->step != STEP_UNDO || end_undone(turn, failure, text, fault);
}

/* The act went well and a look does not show it: reads may lag, so the next look is a while away. */
static bool
conclude_unseen(const struct turn *turn, struct runner_turn *ret_turn, struct fault *fault)
{
	if (turn->decision->step == STEP_GENERATE) {
		fault_set(fault, FAULT_UNAVAILABLE, "The HSM does not show the key that it just "
		    "made; look at the token (keyturn hsm list), then run keyturn rotate %s "
		    "again", turn->observer->policy->name);
		return fail(turn, FAILING_AFTER, fault);
	}
	ret_turn->state = RUNNER_WAITING;
	ret_turn->until_ms = clock_wall_ms(turn->observer->engine->clock) + UNSEEN_POLL_MS;
	return true;
}

/* Look again with fresh eyes, and let only what is seen there count as done. */
static bool
look_after(const struct turn *turn, const json_t *result, struct runner_turn *ret_turn,
    struct fault *fault)
{
	struct facts after __attribute__((cleanup(scope_facts))) = { 0 };
	enum step_id step = turn->decision->step;
	unsigned parts = decide_needs(&turn->observer->history, turn->observer->policy, false);
	struct look look;

	if (!observe(turn->observer, parts, &after, fault) || !check_after(turn, &after, fault))
		return fail(turn, FAILING_AFTER, fault);
	ret_turn->state = RUNNER_WENT_ON;

	/* These prove themselves by their act; the record is what later looks go by. */
	if (step == STEP_PROVE || step == STEP_SEAL || step == STEP_WRAP)
		return conclude_step(turn, &after, result, turn->decision->reason, fault);
	look_at(&after, step, turn->decision->service, &look);
	if (look.state == LOOK_DONE)
		return conclude_step(turn, &after, result, look.text, fault);
	return look.state != LOOK_TODO || conclude_unseen(turn, ret_turn, fault);
}

static bool
act(const struct turn *turn, struct runner_turn *ret_turn, struct fault *fault)
{
	const struct step *row = step_row(turn->decision->step);
	SCOPE(json) json_t *result = json_object();
	struct stage stage = {
		.observer = turn->observer,
		.facts = turn->facts,
		.service = turn->decision->service,
		.result = result,
	};

	if (result == NULL)
		return fault_system(fault, "Memory for step %s", step_name(turn));
	if (row->act == NULL) {
		if (!record_outcome(turn, turn->facts, NULL, false, fault))
			return false;
		tell_step(turn, ENGINE_STEP_DONE, turn->decision->reason);
		ret_turn->state = RUNNER_WENT_ON;
		return true;
	}
	/* No step runs unless its intent is on disk. */
	if (!ledger_write(turn->observer, step_name(turn), JOURNAL_INTENT, row->intent(&stage),
	    fault))
		return false;
	tell_step(turn, ENGINE_STEP_STARTED, turn->decision->reason);
	if (!row->act(&stage, fault))
		return fail(turn, stage.took_effect ? FAILING_AFTER : FAILING_ACT, fault);
	return look_after(turn, result, ret_turn, fault);
}

/* These end by a look in any case: Azure works on them while keyturn waits. */
static bool
waited_for(enum step_id step)
{
	return step >= STEP_REPOINT;
}

/* A look shows it done: record that, with what is seen. An undone service ends this run. */
static bool
record_found(const struct turn *turn, struct runner_turn *ret_turn, struct fault *fault)
{
	char failure[HISTORY_REASON_MAX];

	snprintf(failure, sizeof failure, "%s", turn->observer->history.rotation.failure);
	if (!record_outcome(turn, turn->facts, NULL,
	    !waited_for(turn->decision->step), fault))
		return fault_prefix(fault, "record step %s", step_name(turn));
	tell_step(turn, waited_for(turn->decision->step) ? ENGINE_STEP_DONE :
	    ENGINE_STEP_FOUND, turn->decision->reason);
	if (turn->decision->step == STEP_UNDO)
		return end_undone(turn, failure, turn->decision->reason, fault);
	ret_turn->state = RUNNER_WENT_ON;
	return true;
}

static bool
turn_blocked(const struct turn *turn, struct fault *fault)
{
	const struct history_rotation *rotation = &turn->observer->history.rotation;

	fault_set(fault, FAULT_REFUSED, "%s", turn->decision->reason);
	/* Say it once in the journal, not at every look of a daemon. */
	if (strcmp(rotation->failure, fault->text) == 0 && rotation->failures > 0)
		return false;
	return fail(turn, FAILING_BLOCKED, fault);
}

/*
 * From here on the next look finds the service marked, and puts it back. If that is what failed, the run ends: whoever comes next
 * tries again.
 */
static bool
turn_failed(const struct turn *turn, struct runner_turn *ret_turn, struct fault *fault)
{
	fault_set(fault, FAULT_FAILED, "%s", turn->decision->reason);
	ret_turn->state = RUNNER_WENT_ON;
	return record_failure(turn, FAILING_SERVICE, fault) && turn->decision->step != STEP_UNDO;
}

/* What breaks while a rotation waits is told at once, not when the wait is over; each sentence once. */
static bool
tell_breaches(const struct turn *turn, struct fault *fault)
{
	struct invariant_report report __attribute__((cleanup(scope_invariant))) = { 0 };
	struct findings findings __attribute__((cleanup(scope_findings))) = { 0 };
	struct observer *observer = turn->observer;
	const char *text;

	finding_init(&findings);
	if (!invariant_check(turn->facts, &report, &findings, fault))
		return false;
	text = finding_first(&findings, FINDING_PROBLEM);
	if (text[0] != '\0' && strncmp(text, observer->told, sizeof observer->told - 1) != 0)
		tell(observer, ENGINE_WARNING, step_name(turn), "", "%s. %s", text,
		    finding_first_advice(&findings, FINDING_PROBLEM));
	snprintf(observer->told, sizeof observer->told, "%s", text);
	return true;
}

static bool
turn_waits(const struct turn *turn, struct runner_turn *ret_turn, struct fault *fault)
{
	ret_turn->state = RUNNER_WAITING;
	ret_turn->until_ms = turn->decision->until_ms;
	if (!tell_breaches(turn, fault))
		return false;
	tell_step(turn, ENGINE_WAITING, turn->decision->reason);
	return true;
}

static bool
take(const struct turn *turn, bool force, struct runner_turn *ret_turn, struct fault *fault)
{
	switch (turn->decision->kind) {
	case DECISION_IDLE:
		ret_turn->state = RUNNER_IDLE;
		ret_turn->until_ms = turn->decision->until_ms;
		return true;
	case DECISION_START:
		ret_turn->state = RUNNER_WENT_ON;
		return begin_rotation(turn->observer, force, turn->decision->reason, fault);
	case DECISION_STEP:
		return act(turn, ret_turn, fault);
	case DECISION_RECORD:
		return record_found(turn, ret_turn, fault);
	case DECISION_WAIT:
		return turn_waits(turn, ret_turn, fault);
	case DECISION_BLOCKED:
		return turn_blocked(turn, fault);
	case DECISION_FAIL:
		return turn_failed(turn, ret_turn, fault);
	case DECISION_FINISH:
		ret_turn->state = RUNNER_FINISHED;
		return end_rotation(turn->observer, turn->facts, fault);
	}
	return fault_set(fault, FAULT_INTERNAL, "A decision has no meaning");
}

/*
 * One word of an operator is one rotation: the one that this command began or joined, or one that ended since it was typed. If
 * another process brought that to its end, it is the end here too. Asked under the policy's lock.
 */
static bool
ended_by_another(struct observer *observer)
{
	const struct history_rotation *rotation = &observer->history.rotation;

	if (observer->asked_ms == 0)
		return false;
	if (rotation->open) {
		memcpy(observer->joined, rotation->id, sizeof observer->joined);
		return false;
	}
	return rotation->ended_ms != 0 && (strcmp(rotation->id, observer->joined) == 0 ||
	    (observer->joined[0] == '\0' && rotation->ended_ms > observer->asked_ms));
}

bool
runner_turn(struct observer *observer, bool force, struct runner_turn *ret_turn,
    struct fault *fault)
{
	struct facts facts __attribute__((cleanup(scope_facts))) = { 0 };
	struct decision decision;
	struct turn turn = { observer, &facts, &decision,
		clock_monotonic_ms(observer->engine->clock) };
	SCOPE(lock) struct lock *lock = NULL;

	/* The lock's taker replays the journal first: somebody else may have gone on meanwhile. */
	if (!ledger_lock(observer, "a step of a rotation", &lock, fault) ||
	    !observer_refresh(observer, fault))
		return false;
	*ret_turn = (struct runner_turn){ .state = RUNNER_WENT_ON };
	if (ended_by_another(observer)) {
		ret_turn->state = RUNNER_FINISHED;
		return true;
	}
	if (observer->history.rotation.open)
		begin_correlate(observer, observer->history.rotation.id);
	if (!observe(observer, decide_needs(&observer->history, observer->policy, force), &facts,
	    fault))
		return false;
	decide(&facts, force, &decision);
	snprintf(ret_turn->reason, sizeof ret_turn->reason, "%s", decision.reason);
	return take(&turn, force, ret_turn, fault);
}
