#include "commands.h"
#include "decide.h"
#include "finding.h"
#include "look.h"
#include "observe.h"
#include "ready.h"
#include "scope.h"
#include "timejson.h"

#include <stdio.h>
#include <string.h>

/* What the steps would be, and where an open rotation stands among them. */
struct plan {
	const struct facts *facts;
	const struct decision *decision;
	json_t *steps;
	bool passed_next;		/* the row to be taken next has been listed */
};

static void
add_row(struct plan *plan, enum step_id step, size_t service, const char *name)
{
	const struct facts *facts = plan->facts;
	bool open = facts->history->rotation.open;
	bool here = open && plan->decision->step == step && plan->decision->service == service &&
	    plan->decision->kind != DECISION_FINISH;
	const char *state = "later";
	struct look look;

	look_at(facts, step, service, &look);
	if (here)
		state = plan->decision->kind == DECISION_WAIT ? "waiting" :
		    plan->decision->kind == DECISION_BLOCKED ? "blocked" : "next";
	else if (open && !plan->passed_next && decide_recorded(facts, step, service))
		state = "done";
	else if (!open && step == STEP_READY)
		state = "next";
	plan->passed_next = plan->passed_next || here;
	json_array_append_new(plan->steps, json_pack("{s:s,s:s?,s:s,s:s}", "step",
	    stepname_print(step), "service", name, "state", state, "text", look.text));
}

/* A new rotation has no version to name yet, so its service rows speak of "the new version". */
static void
add_later_row(struct plan *plan, enum step_id step, const struct service_fact *service)
{
	char text[300];

	if (step == STEP_REPOINT)
		snprintf(text, sizeof text, "point %s at the new version", service->name);
	else
		snprintf(text, sizeof text, "see %s answer as before", service->name);
	json_array_append_new(plan->steps, json_pack("{s:s,s:s,s:s,s:s}", "step",
	    stepname_print(step), "service", service->name, "state", "later", "text", text));
}

static void
list_steps(struct plan *plan)
{
	const struct facts *facts = plan->facts;
	bool named = facts->history->rotation.open && facts->history->rotation.kid[0] != '\0';

	for (enum step_id step = STEP_READY; step <= STEP_SEAL; step++)
		add_row(plan, step, 0, NULL);
	for (size_t i = 0; i < facts->service_count; i++) {
		const struct history_service *past = facts_service_history(facts, i);

		if (past != NULL && past->failed)
			add_row(plan, STEP_UNDO, i, facts->services[i].name);
		for (enum step_id step = STEP_REPOINT; step <= STEP_CONFIRM; step++)
			if (named)
				add_row(plan, step, i, facts->services[i].name);
			else
				add_later_row(plan, step, &facts->services[i]);
	}
	add_row(plan, STEP_GUARD, 0, NULL);
}

/* A plan for a rotation that has not begun looks at its steps as if the last one had never been. */
static void
forget_last(struct history *history)
{
	if (!history->rotation.open)
		history->rotation = (struct history_rotation){ 0 };
}

bool
plan_policy(struct engine *engine, const struct policy *policy, json_t **ret_document,
    struct fault *fault)
{
	struct observer observer __attribute__((cleanup(scope_observer))) = { 0 };
	struct facts facts __attribute__((cleanup(scope_facts))) = { 0 };
	struct findings findings __attribute__((cleanup(scope_findings))) = { 0 };
	struct decision decision;
	struct plan plan = { .facts = &facts, .decision = &decision };
	bool ready = true, due;

	observer_init(&observer, engine, policy);
	finding_init(&findings);
	*ret_document = NULL;
	if (!observer_refresh(&observer, fault))
		return false;
	if (!observe(&observer, decide_needs(&observer.history, policy, true), &facts, fault))
		return false;
	decide(&facts, false, &decision);
	if (!ready_look(&facts, &findings, &ready, fault))
		return false;
	finding_drop_fine(&findings);
	due = decision.kind != DECISION_IDLE;
	plan.steps = json_array();
	forget_last(&observer.history);
	list_steps(&plan);
	*ret_document = json_pack("{s:s,s:b,s:b,s:s,s:o,s:s?,s:o,s:o}", "policy", policy->name,
	    "due", due, "blocked", !ready || decision.kind == DECISION_BLOCKED, "reason",
	    decision.reason, "next", timejson_ms(decision.until_ms), "rotation",
	    observer.history.rotation.open ? observer.history.rotation.id : NULL, "steps",
	    plan.steps, "findings", finding_take(&findings));
	return *ret_document != NULL || fault_system(fault, "Memory for the answer");
}
