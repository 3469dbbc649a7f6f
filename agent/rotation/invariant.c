#include "invariant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct evaluation {
	const struct facts *facts;
	struct invariant_report *report;
	struct findings *findings;	/* may be NULL */
};

static bool
add_breach(struct evaluation *evaluation, int invariant, const char *kid, const char *service,
    struct fault *fault)
{
	struct invariant_report *report = evaluation->report;
	struct invariant_breach *more = reallocarray(report->list, report->count + 1,
	    sizeof *more);

	if (more == NULL)
		return fault_system(fault, "Memory for the check of the invariants");
	report->list = more;
	more += report->count++;
	*more = (struct invariant_breach){ .invariant = invariant };
	snprintf(more->kid, sizeof more->kid, "%s", kid);
	snprintf(more->service, sizeof more->service, "%s", service);
	return true;
}

/* Whether a probe showed that data cannot be read: then "may" becomes "is". */
static const struct service_fact *
service_with_lost_key(const struct facts *facts)
{
	for (size_t i = 0; i < facts->service_count; i++)
		if (facts->services[i].probed &&
		    facts->services[i].probe.outcome == SERVICE_PROBE_KEY_LOST)
			return &facts->services[i];
	return NULL;
}

static void
tell_unreadable(const struct evaluation *evaluation, const struct version_fact *version,
    const char *why)
{
	const struct service_fact *lost = service_with_lost_key(evaluation->facts);
	char advice[VAULT_KID_MAX + 400];

	if (evaluation->findings == NULL)
		return;
	if (version->exists)
		snprintf(advice, sizeof advice, "Make it usable again: az keyvault key "
		    "set-attributes --id %s --enabled true (and mend its dates and operations "
		    "where they are wrong). If access was lost for more than 30 minutes, then "
		    "run: keyturn revalidate %s", version->kid,
		    evaluation->facts->policy->name);
	else
		snprintf(advice, sizeof advice, "Look whether the key or vault was deleted and "
		    "recover it: az keyvault key recover. Do not purge anything.");
	if (lost != NULL)
		finding_add(evaluation->findings, FINDING_PROBLEM, version->kid, advice,
		    "Version %s %s, and services need it: data IS UNREADABLE; %s '%s' "
		    "answered: %s", version->version, why, lost->policy->kind, lost->name,
		    lost->probe.text);
	else
		finding_add(evaluation->findings, FINDING_PROBLEM, version->kid, advice,
		    "Version %s %s, and services need it: data encrypted under it may be "
		    "unreadable", version->version, why);
}

static bool
check_readable(struct evaluation *evaluation, struct fault *fault)
{
	const struct facts *facts = evaluation->facts;
	char why[200];

	for (size_t i = 0; i < facts->version_count; i++) {
		const struct version_fact *version = &facts->versions[i];

		if (!version->named || facts_usable(facts, version, why))
			continue;
		tell_unreadable(evaluation, version, why);
		if (!add_breach(evaluation, INVARIANT_READABLE, version->kid, "", fault))
			return false;
	}
	return true;
}

static bool
check_service(struct evaluation *evaluation, const struct service_fact *service,
    struct fault *fault)
{
	const char *kid = service->state.key_url;
	const struct version_fact *version = facts_version(evaluation->facts, kid);
	char advice[300];

	if (!service->read || kid[0] == '\0' || (version != NULL && version->proven))
		return true;
	snprintf(advice, sizeof advice, "If this is how you want it, record it as the baseline: "
	    "keyturn adopt %s. Otherwise find out who changed it (Azure activity log), and point "
	    "it back: keyturn rollback %s", evaluation->facts->policy->name,
	    evaluation->facts->policy->name);
	if (evaluation->findings != NULL)
		finding_add(evaluation->findings, FINDING_PROBLEM, service->name, advice,
		    "The %s service '%s' is pointed at %s, which keyturn neither proved nor "
		    "adopted", service->policy->kind, service->name, kid);
	return add_breach(evaluation, INVARIANT_PROVEN, kid, service->name, fault);
}

/* A version made inside Azure: an alarm while it is the newest, a remark once ours is newer again. */
static bool
check_provenance(struct evaluation *evaluation, struct fault *fault)
{
	const struct facts *facts = evaluation->facts;
	const struct version_fact *newest = facts_newest(facts);

	for (size_t i = 0; i < facts->version_count; i++) {
		const struct version_fact *version = &facts->versions[i];

		if (!version->of_policy_key || version->provenance != PROVENANCE_FOREIGN)
			continue;
		if (evaluation->findings != NULL)
			finding_add(evaluation->findings,
			    version == newest ? FINDING_PROBLEM : FINDING_WARNING, version->kid,
			    "Find out who made it (az keyvault key rotate, a rotation policy on "
			    "the key, a person); leave it enabled; remove the rotation policy if "
			    "there is one. The next keyturn rotate puts a version from the HSM "
			    "in front of it.",
			    "Version %s is foreign: it did not come from the HSM by keyturn and "
			    "was not adopted. No service will be pointed at it",
			    version->version);
		if (version == newest &&
		    !add_breach(evaluation, INVARIANT_PROVENANCE, version->kid, "", fault))
			return false;
	}
	return true;
}

bool
invariant_check(const struct facts *facts, struct invariant_report *ret_report,
    struct findings *findings, struct fault *fault)
{
	struct invariant_report report = { 0 };
	struct evaluation evaluation = { facts, &report, findings };
	bool good = check_readable(&evaluation, fault);

	for (size_t i = 0; good && i < facts->service_count; i++)
		good = check_service(&evaluation, &facts->services[i], fault);
	if (!good || !check_provenance(&evaluation, fault)) {
		invariant_clear(&report);
		return false;
	}
	*ret_report = report;
	return true;
}

static bool
same_breach(const struct invariant_breach *a, const struct invariant_breach *b)
{
	return a->invariant == b->invariant && vault_same_kid(a->kid, b->kid) &&
	    strcmp(a->service, b->service) == 0;
}

const struct invariant_breach *
invariant_newly_broken(const struct invariant_report *before,
    const struct invariant_report *after)
{
	for (size_t i = 0; i < after->count; i++) {
		bool old = false;

		for (size_t j = 0; j < before->count; j++)
			old = old || same_breach(&after->list[i], &before->list[j]);
		if (!old)
			return &after->list[i];
	}
	return NULL;
}

bool
invariant_broken(const struct invariant_report *report, int invariant)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->list[i].invariant == invariant)
			return true;
	return false;
}

void
invariant_clear(struct invariant_report *report)
{
	free(report->list);
	*report = (struct invariant_report){ 0 };
}
