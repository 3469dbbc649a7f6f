#include "commands.h"
#include "finding.h"
#include "kek.h"
#include "ledger.h"
#include "observe.h"
#include "scope.h"
#include "step.h"
#include "tell.h"

#include <string.h>
#include <strings.h>

/* Announced, synced, then made: an irreversible act like any other. */
static bool
create_kek(struct observer *observer, const struct facts *facts, struct fault *fault)
{
	const struct stage stage = { .observer = observer, .facts = facts };
	struct stage acting = stage;
	const struct step *row = step_row(STEP_KEK);

	if (!ledger_write(observer, STEP_NAME_ENROLL, JOURNAL_INTENT, row->intent(&stage), fault))
		return false;
	tell(observer, ENGINE_STEP_STARTED, "kek", "", "Create KEK %s of %u bits",
	    observer->policy->vault.kek.name, observer->policy->vault.kek.bits);
	if (!row->act(&acting, fault))
		return false;
	tell(observer, ENGINE_STEP_DONE, "kek", "", "Created KEK %s",
	    observer->policy->vault.kek.name);
	return true;
}

/* What was refused or went wrong is recorded too. Always false. */
static bool
fail(struct observer *observer, struct fault *fault)
{
	struct fault again;

	return !ledger_write(observer, STEP_NAME_ENROLL, JOURNAL_FAILED,
	    ledger_failure(observer, fault), &again) &&
	    fault_prefix(fault, "not recorded (%.500s)", again.text);
}

static bool
look(struct observer *observer, struct facts *ret_facts, struct fault *fault)
{
	return observe(observer, OBSERVE_KEK | OBSERVE_HSM, ret_facts, fault);
}

static json_t *
document(const struct facts *facts, bool created)
{
	const struct kek_fact *kek = &facts->kek;
	struct findings findings __attribute__((cleanup(scope_findings))) = { 0 };
	char words[KEK_WORDS_TEXT] = "";

	finding_init(&findings);
	if (!kek->found)
		finding_add(&findings, FINDING_PROBLEM, facts->policy->vault.kek.name,
		    "Create it, or set \"create\": true in the policy", "%s holds no KEK of that "
		    "name", facts->policy->vault.url);
	else if (kek->unsound[0] != '\0')
		finding_add(&findings, FINDING_PROBLEM, kek->key.item.kid, "", "The KEK %s",
		    kek->unsound);
	return json_pack("{s:s,s:s?,s:i,s:s?,s:s,s:b,s:b,s:b,s:o}", "policy", facts->policy->name,
	    "kid", kek->found ? kek->key.item.kid : NULL, "bits",
	    kek->found && kek->key.has_public_key ? (int)kek->key.public_key.shape.bits : 0,
	    "fingerprint", kek->fingerprint[0] == '\0' ? NULL : kek->fingerprint, "words",
	    kek->fingerprint[0] == '\0' ? "" : kek_words(kek->fingerprint, words), "enrolled",
	    kek->enrolled, "created", created, "sound",
	    kek->found && kek->unsound[0] == '\0', "findings", finding_take(&findings));
}

/* Enroll exactly what was compared, and nothing that came in between. */
static bool
enroll(struct observer *observer, const struct facts *facts, const char *fingerprint,
    struct fault *fault)
{
	const struct kek_fact *kek = &facts->kek;
	struct hsm *hsm;

	if (!kek->found)
		return fault_set(fault, FAULT_NOT_FOUND, "%s holds no KEK named %s",
		    facts->policy->vault.url, facts->policy->vault.kek.name);
	if (kek->unsound[0] != '\0')
		return fault_set(fault, FAULT_REFUSED, "KEK %s %s", kek->key.item.kid,
		    kek->unsound);
	if (strcasecmp(kek->fingerprint, fingerprint) != 0)
		return fault_set(fault, FAULT_REFUSED, "The vault's KEK %s has the fingerprint %s, "
		    "not %s: nothing is enrolled", kek->key.item.kid, kek->fingerprint,
		    fingerprint);
	if (!observer_hsm(observer, &hsm, fault) ||
	    !hsm_enroll(hsm, &kek->key.public_key, kek->key.item.kid, fault))
		return false;
	return ledger_write(observer, STEP_NAME_ENROLL, JOURNAL_DONE, json_pack("{s:s,s:s}",
	    "kid", kek->key.item.kid, "fingerprint", kek->fingerprint), fault);
}

bool
enroll_policy(struct engine *engine, const struct policy *policy, bool may_create,
    const char *fingerprint, json_t **ret_document, struct fault *fault)
{
	struct observer observer __attribute__((cleanup(scope_observer))) = { 0 };
	struct facts facts __attribute__((cleanup(scope_facts))) = { 0 };
	SCOPE(lock) struct lock *lock = NULL;
	bool created = false;

	observer_init(&observer, engine, policy);
	*ret_document = NULL;
	if (!ledger_lock(&observer, "kek enroll", &lock, fault) ||
	    !look(&observer, &facts, fault))
		return false;
	if (!facts.kek.found && may_create && policy->vault.kek.create) {
		if (!create_kek(&observer, &facts, fault))
			return fail(&observer, fault) ||
			    fault_prefix(fault, "create KEK %s", policy->vault.kek.name);
		created = true;
		facts_clear(&facts);
		if (!look(&observer, &facts, fault))
			return false;
	}
	if (fingerprint != NULL) {
		if (!enroll(&observer, &facts, fingerprint, fault))
			return fail(&observer, fault) || fault_prefix(fault, "enroll the KEK of %s", policy->name);
		facts_clear(&facts);
		if (!look(&observer, &facts, fault))
			return false;
	}
	*ret_document = document(&facts, created);
	return *ret_document != NULL || fault_system(fault, "Memory for the answer");
}
