#include "commands.h"
#include "invariant.h"
#include "ledger.h"
#include "look_service.h"
#include "repoint.h"
#include "scope.h"
#include "tell.h"

#include <string.h>
#include <strings.h>

/* A walk over the policy's services, one after the other, which stops at the first that fails. */
struct walk {
	struct observer *observer;
	const char *step;		/* of the journal: rollback or revalidate */
	const char *target;		/* key URL for all, NULL: what each names already */
	json_t *services;		/* the document's list */
	const struct invariant_report *before;	/* what was broken before the first service */
	struct findings *findings;	/* of the last look at the invariants */
};

static void
list_service(const struct walk *walk, const struct service_fact *service, const char *to,
    const char *state)
{
	json_array_append_new(walk->services, json_pack("{s:s,s:s,s:s,s:s,s:s}", "name",
	    service->name, "from", service->state.key_url, "to", to, "kid", to, "state", state));
}

static json_t *
detail_of(const struct service_fact *service, const char *to)
{
	return json_pack("{s:s,s:s,s:s,s:s}", "service", service->policy->id, "kind",
	    service->policy->kind, "before", service->state.key_url, "after", to);
}

/* Intent, act, wait, outcome for one service. */
static bool
move_service(const struct walk *walk, const struct service_fact *service, size_t index,
    const char *to, struct fault *fault)
{
	const struct repoint request = {
		.step = walk->step,
		.rotation = "",
		.from = service->state.key_url,
		.to = to,
	};

	if (!ledger_write(walk->observer, walk->step, JOURNAL_INTENT, detail_of(service, to),
	    fault))
		return false;
	tell(walk->observer, ENGINE_STEP_STARTED, "repoint", service->name, "Put %s to %s",
	    service->name, to);
	if (!repoint_write(walk->observer, service, &request, fault) ||
	    !repoint_settle(walk->observer, index, to, fault)) {
		json_t *failure = ledger_failure(walk->observer, fault);
		struct fault again;

		json_object_set_new(failure, "service", json_string(service->policy->id));
		tell(walk->observer, ENGINE_STEP_FAILED, "repoint", service->name, "%s",
		    fault->text);
		if (!ledger_write(walk->observer, walk->step, JOURNAL_FAILED, failure, &again))
			return fault_prefix(fault, "not recorded (%.500s)", again.text);
		return false;
	}
	tell(walk->observer, ENGINE_STEP_DONE, "repoint", service->name, "%s names %s",
	    service->name, to);
	return ledger_write(walk->observer, walk->step, JOURNAL_DONE, detail_of(service, to),
	    fault);
}

/* Putting a reference makes a service fetch the key anew: with a key it cannot use, it loses what it still had. */
static bool
check_target(const struct walk *walk, const struct facts *facts, const char *to,
    struct fault *fault)
{
	const struct version_fact *version = facts_version(facts, to);
	char why[200];

	if (version == NULL)
		return fault_set(fault, FAULT_REFUSED, "%s is no version of a Key Vault key that "
		    "keyturn could look at, so it is not put on a service", to);
	if (!facts_usable(facts, version, why))
		return fault_set(fault, FAULT_REFUSED, "Version %s %s, so it is not put on a service. Make "
		    "it usable again (az keyvault key set-attributes --id %s --enabled true), then run "
		    "the same command again", version->version, why, version->kid);
	if (walk->target != NULL && !version->proven)
		return fault_set(fault, FAULT_REFUSED, "Version %s neither passed prove nor was adopted, "
		    "so no service is pointed at it", version->version);
	return true;
}

/* What a service's move must not have done: broken what held before it. */
static bool
check_after(const struct walk *walk, struct fault *fault)
{
	struct facts facts __attribute__((cleanup(scope_facts))) = { 0 };
	struct invariant_report after __attribute__((cleanup(scope_invariant))) = { 0 };
	const struct invariant_breach *breach;

	if (!observe(walk->observer, OBSERVE_VAULT | OBSERVE_SERVICES, &facts, fault))
		return false;
	finding_clear(walk->findings);
	finding_init(walk->findings);
	if (!invariant_check(&facts, &after, walk->findings, fault))
		return false;
	if ((breach = invariant_newly_broken(walk->before, &after)) == NULL)
		return true;
	return fault_set(fault, FAULT_REFUSED, "After it invariant %d is broken by %s%s%s, which held "
	    "before: nothing more is moved; keyturn status %s tells what to do", breach->invariant,
	    breach->kid, breach->service[0] != '\0' ? " at " : "", breach->service,
	    walk->observer->policy->name);
}

/* One service with fresh eyes. A service that is not reached is listed with where it stands. */
static bool
walk_service(const struct walk *walk, size_t index, bool stopped, struct fault *fault)
{
	struct facts facts __attribute__((cleanup(scope_facts))) = { 0 };
	const struct service_fact *service;
	const char *to;

	if (!observe(walk->observer, OBSERVE_VAULT | OBSERVE_SERVICES, &facts, fault))
		return false;
	service = &facts.services[index];
	if (!service->read)
		return fault_set(fault, service->why.code, "%s", service->why.text);
	to = walk->target == NULL ? service->state.key_url : walk->target;
	if (stopped) {
		list_service(walk, service, to, "not reached");
		return true;
	}
	if (to[0] == '\0' || (walk->target != NULL && service->state.key_url[0] == '\0')) {
		list_service(walk, service, to, "no customer-managed key");
		return true;
	}
	if (walk->target != NULL && vault_same_kid(service->state.key_url, to) &&
	    strcasecmp(service->state.provisioning_state, "Succeeded") == 0) {
		list_service(walk, service, to, "already there");
		return true;
	}
	if (!check_target(walk, &facts, to, fault)) {
		list_service(walk, service, to, "refused");
		return false;
	}
	if (!move_service(walk, service, index, to, fault)) {
		list_service(walk, service, to, "failed");
		return false;
	}
	list_service(walk, service, to, "repointed");
	return check_after(walk, fault);
}

static bool
walk_services(const struct walk *walk, struct fault *fault)
{
	bool good = true;
	struct fault later;

	for (size_t i = 0; i < walk->observer->policy->service_count; i++)
		good = walk_service(walk, i, !good, good ? fault : &later) && good;
	return good;
}

/* Proven, usable, and known to services: what may be gone back to. */
static bool
may_go_back_to(const struct facts *facts, const struct version_fact *version)
{
	char why[200];

	return version->proven && !version->twin && facts_usable(facts, version, why);
}

/* The newest that may be used before the one in use. */
static const struct version_fact *
choose_previous(const struct facts *facts, struct fault *fault)
{
	const struct version_fact *in_use = facts_in_use(facts), *newest = NULL;

	/* A version may be of another key: its place in the list says nothing, its time of creation does. */
	for (size_t i = 0; in_use != NULL && i < facts->version_count; i++) {
		const struct version_fact *version = &facts->versions[i];

		if (version != in_use && facts_newer(in_use, version) &&
		    may_go_back_to(facts, version) &&
		    (newest == NULL || facts_newer(version, newest)))
			newest = version;
	}
	if (newest == NULL)
		fault_set(fault, FAULT_REFUSED, "There is no earlier version that passed prove or was "
		    "adopted, and is enabled and in date");
	return newest;
}

/* The one asked for, if it may be gone back to. */
static const struct version_fact *
choose_wanted(const struct facts *facts, const char *wanted, struct fault *fault)
{
	char why[200];

	for (size_t i = 0; i < facts->version_count; i++) {
		const struct version_fact *version = &facts->versions[i];

		if (strcasecmp(version->version, wanted) != 0)
			continue;
		if (may_go_back_to(facts, version))
			return version;
		if (!version->proven)
			fault_set(fault, FAULT_REFUSED, "Version %s neither passed prove nor was "
			    "adopted, so no service is pointed at it", wanted);
		else
			fault_set(fault, FAULT_REFUSED, "Version %s %s", wanted,
			    facts_usable(facts, version, why) ? "is a twin" : why);
		return NULL;
	}
	fault_set(fault, FAULT_REFUSED, "The vault shows no such version of %s; keyturn versions "
	    "lists them", facts->policy->vault.key_name);
	return NULL;
}

bool
rollback_policy(struct engine *engine, const struct policy *policy, const char *version,
    json_t **ret_document, struct fault *fault)
{
	struct observer observer __attribute__((cleanup(scope_observer))) = { 0 };
	struct facts facts __attribute__((cleanup(scope_facts))) = { 0 };
	struct invariant_report before __attribute__((cleanup(scope_invariant))) = { 0 };
	struct findings findings __attribute__((cleanup(scope_findings))) = { 0 };
	struct walk walk = { .observer = &observer, .step = STEP_NAME_ROLLBACK, .before = &before,
	    .findings = &findings };
	const struct version_fact *target;
	SCOPE(lock) struct lock *lock = NULL;
	bool good;

	observer_init(&observer, engine, policy);
	*ret_document = NULL;
	if (!ledger_lock(&observer, "rollback", &lock, fault) ||
	    !observe(&observer, OBSERVE_VAULT | OBSERVE_SERVICES, &facts, fault))
		return false;
	if (observer.history.rotation.open)
		return fault_set(fault, FAULT_REFUSED, "Rotation %s of %s is not finished, and would "
		    "move the services again: run keyturn rotate %s first, then roll back",
		    observer.history.rotation.id, policy->name, policy->name);
	target = version == NULL ? choose_previous(&facts, fault) :
	    choose_wanted(&facts, version, fault);
	if (target == NULL)
		return fault_prefix(fault, "roll back %s", policy->name);
	finding_init(&findings);
	if (!invariant_check(&facts, &before, &findings, fault))
		return false;
	walk.target = target->kid;
	walk.services = json_array();
	good = walk_services(&walk, fault);
	*ret_document = json_pack("{s:s,s:s,s:s,s:o,s:o}", "policy", policy->name, "version",
	    target->version, "kid", target->kid, "services", walk.services, "findings",
	    finding_take(&findings));
	return good && journal_write_head(engine->journal, fault);
}

bool
revalidate_policy(struct engine *engine, const struct policy *policy, json_t **ret_document,
    struct fault *fault)
{
	struct observer observer __attribute__((cleanup(scope_observer))) = { 0 };
	struct facts facts __attribute__((cleanup(scope_facts))) = { 0 };
	struct invariant_report before __attribute__((cleanup(scope_invariant))) = { 0 };
	struct findings findings __attribute__((cleanup(scope_findings))) = { 0 };
	struct walk walk = { .observer = &observer, .step = STEP_NAME_REVALIDATE, .before = &before,
	    .findings = &findings };
	SCOPE(lock) struct lock *lock = NULL;
	bool good;

	observer_init(&observer, engine, policy);
	*ret_document = NULL;
	if (!ledger_lock(&observer, "revalidate", &lock, fault) ||
	    !observe(&observer, OBSERVE_VAULT | OBSERVE_SERVICES, &facts, fault))
		return false;
	if (observer.history.rotation.open)
		return fault_set(fault, FAULT_REFUSED, "Rotation %s of %s is not finished: run "
		    "keyturn rotate %s", observer.history.rotation.id, policy->name, policy->name);
	finding_init(&findings);
	if (!invariant_check(&facts, &before, &findings, fault))
		return false;
	walk.services = json_array();
	good = walk_services(&walk, fault);
	*ret_document = json_pack("{s:s,s:o,s:o}", "policy", policy->name, "services",
	    walk.services, "findings", finding_take(&findings));
	return good && journal_write_head(engine->journal, fault);
}
