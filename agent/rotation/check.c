#include "commands.h"
#include "finding.h"
#include "hsm.h"
#include "hsmreport.h"
#include "observe.h"
#include "ready.h"
#include "scope.h"
#include "traces.h"

#include <string.h>

/*
 * What ready looks at, and what could make later steps fail; each part by itself, so that one that cannot be reached hides
 * none of the others.
 */

static void
add_fault(struct findings *findings, const char *subject, const struct fault *why)
{
	finding_add(findings, FINDING_PROBLEM, subject, "", "%s", why->text);
}

static void
check_token(struct observer *observer, struct findings *findings)
{
	SCOPE(free) struct hsm_report *report = calloc(1, sizeof *report);
	const char *subject = observer->policy->key.token;
	struct hsm *hsm;
	struct fault why;

	if (report == NULL) {
		finding_add(findings, FINDING_PROBLEM, subject, "", "Memory for the HSM's report");
		return;
	}
	if (!observer_hsm(observer, &hsm, &why) || !hsm_check(hsm, report, &why)) {
		add_fault(findings, subject, &why);
		return;
	}
	hsmreport_judge(report, subject, observer->policy, findings);
}

/* Material that the service makes by itself silently ends BYOK for the key. */
static void
check_rotation_policy(struct observer *observer, struct findings *findings)
{
	const struct policy *policy = observer->policy;
	bool rotates = false;
	struct fault why;

	if (!vault_rotates_itself(observer->engine->azure, policy->vault.url,
	    policy->vault.key_name, &rotates, &why)) {
		if (why.code != FAULT_NOT_FOUND)
			finding_add(findings, FINDING_WARNING, policy->vault.key_name, "",
			    "Its rotation policy cannot be read: %s", why.text);
		return;
	}
	if (rotates)
		finding_add(findings, FINDING_PROBLEM, policy->vault.key_name, "Remove the Rotate "
		    "action: az keyvault key rotation-policy update", "The key has a rotation "
		    "policy that makes new material inside Azure, which ends BYOK for it");
	else
		finding_add(findings, FINDING_OK, policy->vault.key_name, "", "No rotation policy "
		    "in Azure makes material of its own");
}

/* Source: Key Vault attributes.recoveryLevel; services demand soft delete and purge protection. */
static void
check_recovery(const struct facts *facts, struct findings *findings)
{
	const struct version_fact *newest = facts_newest(facts);
	const struct vault_item *item = newest != NULL ? &newest->key.item :
	    facts->kek.found ? &facts->kek.key.item : NULL;

	if (item == NULL || item->recovery_level[0] == '\0')
		return;
	if (strstr(item->recovery_level, "Purgeable") != NULL)
		finding_add(findings, FINDING_PROBLEM, facts->policy->vault.url, "az keyvault "
		    "update --enable-purge-protection true", "The vault lets keys be purged (%s): "
		    "health services refuse such a vault, and a purged key takes the data with it",
		    item->recovery_level);
	else
		finding_add(findings, FINDING_OK, facts->policy->vault.url, "", "Soft delete and "
		    "purge protection are on (%s)", item->recovery_level);
}

static void
check_azure(struct observer *observer, struct findings *findings)
{
	struct facts facts __attribute__((cleanup(scope_facts))) = { 0 };
	unsigned parts = OBSERVE_VAULT | OBSERVE_SERVICES | OBSERVE_PROBES | OBSERVE_KEK;
	const struct version_fact *trace;
	struct fault why;
	bool ready;

	/* Whether the KEK is enrolled is known to the HSM; leave it out where the HSM does not answer. */
	if (observer->hsm != NULL)
		parts |= OBSERVE_HSM;
	if (!observe(observer, parts, &facts, &why) ||
	    !traces_find(observer->engine->journal, &facts, &trace, &why)) {
		add_fault(findings, observer->policy->vault.url, &why);
		return;
	}
	if (trace != NULL)
		traces_tell(trace, findings);
	if (!ready_look(&facts, findings, &ready, &why)) {
		add_fault(findings, observer->policy->vault.url, &why);
		return;
	}
	finding_add(findings, FINDING_OK, observer->policy->vault.url, "", "The vault answers and "
	    "shows %zu version%s of %s", facts.version_count, facts.version_count == 1 ? "" : "s",
	    observer->policy->vault.key_name);
	check_recovery(&facts, findings);
	check_rotation_policy(observer, findings);
}

bool
check_policy(struct engine *engine, const struct policy *policy, json_t **ret_document,
    struct fault *fault)
{
	struct observer observer __attribute__((cleanup(scope_observer))) = { 0 };
	struct findings findings __attribute__((cleanup(scope_findings))) = { 0 };
	bool usable;

	observer_init(&observer, engine, policy);
	finding_init(&findings);
	*ret_document = NULL;
	if (!observer_refresh(&observer, fault))
		return false;
	check_token(&observer, &findings);
	check_azure(&observer, &findings);
	usable = findings.problems == 0;
	*ret_document = json_pack("{s:s,s:b,s:o}", "policy", policy->name, "usable", usable,
	    "checks", finding_take(&findings));
	return *ret_document != NULL || fault_system(fault, "Memory for the answer");
}
