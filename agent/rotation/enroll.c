#include "commands.h"
#include "finding.h"
#include "kek.h"
#include "ledger.h"
#include "observe.h"
#include "scope.h"
#include "step.h"
#include "tell.h"
#include "timetext.h"

#include <string.h>
#include <strings.h>

/* What was refused or went wrong is recorded too, and whether it is certain that nothing was made. Always false. */
static bool
fail(struct observer *observer, bool no_effect, struct fault *fault)
{
	json_t *detail = ledger_failure(observer, fault);
	struct fault again;

	json_object_set_new(detail, "no_effect", json_boolean(no_effect));
	return !ledger_write(observer, STEP_NAME_ENROLL, JOURNAL_FAILED, detail, &again) &&
	    fault_prefix(fault, "not recorded (%.500s)", again.text);
}

/* Within the lag of the vault's reads absence says nothing: a second creation would make a second version. */
static bool
check_settled(const struct facts *facts, struct fault *fault)
{
	const struct history *history = facts->history;
	int64_t in_rotation_ms = history->rotation.intent_ms[STEP_KEK];
	int64_t sent_ms = history->kek_sent_ms > in_rotation_ms ? history->kek_sent_ms : in_rotation_ms;
	int64_t left_ms = sent_ms + facts->settling_ms - facts->now_ms;
	char sent[TIMETEXT_SIZE], now[TIMETEXT_SIZE];

	if (sent_ms == 0 || left_ms <= 0)
		return true;
	if (left_ms > 2 * facts->settling_ms)
		return fault_set(fault, FAULT_REFUSED, "The journal says that the KEK was sent for at "
		    "%s, but this machine's clock shows %s: set the clock right, then run the same "
		    "command again", timetext_print_s(sent_ms / 1000, sent),
		    timetext_print_s(facts->now_ms / 1000, now));
	return fault_set(fault, FAULT_RETRY, "KEK %s was sent for %lld s ago and does not show yet; the "
	    "vault may lag, so no second one is made. Run the same command again in %lld s",
	    facts->policy->vault.kek.name, (long long)(facts->now_ms - sent_ms) / 1000,
	    (long long)left_ms / 1000 + 1);
}

/* Announced, synced, made, recorded: an irreversible act like any other. */
static bool
create_kek(struct observer *observer, const struct facts *facts, struct fault *fault)
{
	const struct stage stage = { .observer = observer, .facts = facts };
	const struct policy *policy = observer->policy;
	__attribute__((cleanup(scope_vault_key))) struct vault_key kek = { 0 };

	if (!ledger_write(observer, STEP_NAME_ENROLL, JOURNAL_INTENT,
	    step_row(STEP_KEK)->intent(&stage), fault))
		return false;
	tell(observer, ENGINE_STEP_STARTED, "kek", "", "Create KEK %s of %u bits",
	    policy->vault.kek.name, policy->vault.kek.bits);
	if (!vault_create_kek(observer->engine->azure, policy->vault.url, policy->vault.kek.name,
	    policy->vault.kek.bits, &kek, fault))
		return fail(observer, ledger_no_effect(fault), fault);
	tell(observer, ENGINE_STEP_DONE, "kek", "", "Created KEK %s", policy->vault.kek.name);

	/* Nobody may enroll it now, so its making has a record of its own. */
	return ledger_write(observer, STEP_NAME_ENROLL, JOURNAL_NOTE, json_pack("{s:s,s:s}",
	    "created", kek.item.kid, "request_id", azure_last_request_id(observer->engine->azure)),
	    fault);
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
	if (!kek->found && created)
		finding_add(&findings, FINDING_PROBLEM, facts->policy->vault.kek.name,
		    "Run the same command again in a minute", "The KEK was made, but %s does not show "
		    "it yet", facts->policy->vault.url);
	else if (!kek->found)
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
		if (!check_settled(&facts, fault) || !create_kek(&observer, &facts, fault))
			return fault_prefix(fault, "create KEK %s", policy->vault.kek.name);
		created = true;
		facts_clear(&facts);
		if (!look(&observer, &facts, fault))
			return false;
	}
	if (fingerprint != NULL) {
		if (!enroll(&observer, &facts, fingerprint, fault))
			return fail(&observer, false, fault) || fault_prefix(fault, "enroll the KEK of %s", policy->name);
		facts_clear(&facts);
		if (!look(&observer, &facts, fault))
			return false;
	}
	*ret_document = document(&facts, created);
	return *ret_document != NULL || fault_system(fault, "Memory for the answer");
}
