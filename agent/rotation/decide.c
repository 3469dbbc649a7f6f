#include "decide.h"

#include "look.h"
#include "observe.h"
#include "schedule.h"

#include <stdio.h>
#include <string.h>

static void
conclude(struct decision *decision, enum decision_kind kind, enum step_id step,
    size_t service, const char *reason)
{
	*decision = (struct decision){ .kind = kind, .step = step, .service = service };
	snprintf(decision->reason, sizeof decision->reason, "%s", reason);
}

bool
decide_recorded(const struct facts *facts, enum step_id step, size_t service)
{
	const struct history_rotation *rotation = &facts->history->rotation;
	const struct history_service *past;

	switch (step) {
	case STEP_REPOINT:
		past = facts_service_history(facts, service);
		return past != NULL && past->repointed_ms != 0;
	case STEP_CONFIRM:
		past = facts_service_history(facts, service);
		return past != NULL && past->confirm_done;
	case STEP_UNDO:
		past = facts_service_history(facts, service);
		return past == NULL || !past->failed;
	case STEP_KEK:
		/* A KEK that had to be exchanged in the middle is recorded anew. */
		return rotation->done[step] && (rotation->done[STEP_IMPORT] ||
		    (facts->kek.found &&
		    vault_same_kid(rotation->kek_kid, facts->kek.key.item.kid)));
	default:
		return rotation->done[step];
	}
}

static const enum decision_kind kinds[] = {
	[LOOK_TODO] = DECISION_STEP,
	[LOOK_WAIT] = DECISION_WAIT,
	[LOOK_BLOCKED] = DECISION_BLOCKED,
	[LOOK_FAILED] = DECISION_FAIL,
};

/* Look at one row; true if it is done and recorded, so that the next row is to be looked at. */
static bool
passed(const struct facts *facts, enum step_id step, size_t service,
    struct decision *decision)
{
	struct look look;

	look_at(facts, step, service, &look);
	if (look.state == LOOK_DONE && decide_recorded(facts, step, service))
		return true;
	if (look.state == LOOK_DONE) {
		conclude(decision, DECISION_RECORD, step, service, look.text);
		return false;
	}
	conclude(decision, kinds[look.state], step, service, look.text);
	decision->until_ms = look.until_ms;
	return false;
}

/* One service: put back what failed; else repoint, then confirm. */
static bool
service_passed(const struct facts *facts, size_t service, bool force, struct decision *decision)
{
	const struct history_service *past = facts_service_history(facts, service);
	char text[HISTORY_REASON_MAX];

	/* Not looked at when the rotation began, so not touched by it: the next one takes it along. */
	if (past == NULL || !past->before_known)
		return true;

	if (past->undone && !past->failed && !force) {
		snprintf(text, sizeof text, "%s was put back after a failure (%.500s); nobody tries "
		    "it again by himself: keyturn rotate %s", facts->services[service].name,
		    facts->history->rotation.failure, facts->policy->name);
		conclude(decision, DECISION_BLOCKED, STEP_REPOINT, service, text);
		return false;
	}
	if (past->failed) {
		if (passed(facts, STEP_UNDO, service, decision))
			conclude(decision, DECISION_RECORD, STEP_UNDO, service, "it is back");
		return false;
	}
	/* A confirmed service is left alone: if it was moved since, the invariants tell. */
	if (past->confirm_done)
		return true;
	return passed(facts, STEP_REPOINT, service, decision) &&
	    passed(facts, STEP_CONFIRM, service, decision);
}

/* An import that was sent is looked for before anything is mended or made anew for it. */
static bool
import_seen(const struct facts *facts, struct decision *decision)
{
	const struct history_rotation *rotation = &facts->history->rotation;
	struct look look;

	if (rotation->intent_ms[STEP_IMPORT] == 0 || rotation->done[STEP_IMPORT])
		return false;
	look_at(facts, STEP_IMPORT, 0, &look);
	return look.state != LOOK_TODO && !passed(facts, STEP_IMPORT, 0, decision);
}

/* What a rotation was begun for is what it ends for: its key must not land, or be looked for, elsewhere. */
static bool
same_target(const struct facts *facts, struct decision *decision)
{
	const struct history_rotation *rotation = &facts->history->rotation;
	const struct policy *policy = facts->policy;
	char text[HISTORY_REASON_MAX];

	if (rotation->vault[0] == '\0' || (strcmp(rotation->vault, policy->vault.url) == 0 &&
	    strcmp(rotation->key_name, policy->vault.key_name) == 0 &&
	    strcmp(rotation->token, policy->key.token) == 0))
		return true;
	snprintf(text, sizeof text, "the policy was changed in the middle of rotation %s: it was "
	    "begun for key %s in %.200s with the token %.200s; put that back, run keyturn rotate %s "
	    "to its end, then change it", rotation->id, rotation->key_name, rotation->vault,
	    rotation->token, policy->name);
	conclude(decision, DECISION_BLOCKED, STEP_READY, 0, text);
	return false;
}

static void
decide_open(const struct facts *facts, bool force, struct decision *decision)
{
	if (!same_target(facts, decision))
		return;
	if (import_seen(facts, decision))
		return;
	for (enum step_id step = STEP_READY; step <= STEP_SEAL; step++)
		if (!passed(facts, step, 0, decision))
			return;
	for (size_t i = 0; i < facts->service_count; i++)
		if (!service_passed(facts, i, force, decision))
			return;
	if (!passed(facts, STEP_GUARD, 0, decision))
		return;
	conclude(decision, DECISION_FINISH, STEP_GUARD, 0, "every step is done");
}

void
decide(const struct facts *facts, bool force, struct decision *ret_decision)
{
	char reason[SCHEDULE_REASON];
	int64_t due_ms = 0;
	bool scheduled;

	if (facts->history->rotation.open) {
		decide_open(facts, force, ret_decision);
		return;
	}
	scheduled = schedule_next(facts, &due_ms, reason);
	if (force)
		conclude(ret_decision, DECISION_START, STEP_READY, 0, "the operator asks for it");
	else if (scheduled && due_ms <= facts->now_ms)
		conclude(ret_decision, DECISION_START, STEP_READY, 0, reason);
	else
		conclude(ret_decision, DECISION_IDLE, STEP_READY, 0, reason);
	if (scheduled)
		ret_decision->until_ms = due_ms;
}

/* Some service was repointed and its answer is still to come. */
static bool
confirm_outstanding(const struct history *history, const struct policy *policy)
{
	for (size_t i = 0; i < policy->service_count; i++) {
		const struct history_service *past = history_service(history,
		    policy->services[i].id);

		if (past != NULL && past->repointed_ms != 0 && !past->confirm_done)
			return true;
	}
	return false;
}

unsigned
decide_needs(const struct history *history, const struct policy *policy, bool force)
{
	const struct history_rotation *rotation = &history->rotation;
	unsigned parts = OBSERVE_VAULT | OBSERVE_SERVICES;

	if (!rotation->open)
		return force ? parts | OBSERVE_KEK | OBSERVE_HSM | OBSERVE_PROBES : parts;
	if (!rotation->done[STEP_READY])
		parts |= OBSERVE_PROBES;
	if (!rotation->done[STEP_IMPORT])
		parts |= OBSERVE_KEK | OBSERVE_BLOB;
	if (!rotation->done[STEP_SEAL])
		parts |= OBSERVE_HSM | OBSERVE_BLOB;
	if (confirm_outstanding(history, policy))
		parts |= OBSERVE_PROBES;
	return parts;
}
