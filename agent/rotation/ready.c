#include "ready.h"

#include "invariant.h"
#include "look.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* One finding of a service; false if it stands against starting. */
static bool
bad(struct findings *findings, const struct service_fact *service, const char *advice,
    const char *text)
{
	finding_add(findings, FINDING_PROBLEM, service->name, advice, "%s", text);
	return false;
}

static bool
judge_reference(const struct service_fact *service, struct findings *findings)
{
	if (service->state.key_url[0] == '\0' && !service->policy->enable_cmk)
		return bad(findings, service, "Set \"enable_cmk\": true for it in the policy if "
		    "that is wanted; it is not known whether Azure can ever turn it off again",
		    "It has no customer-managed key yet, and the policy does not say that it may "
		    "be given one");
	if (strcasecmp(service->state.identity_type, "None") == 0)
		return bad(findings, service, "Give it one, and give that identity the role Key "
		    "Vault Crypto Service Encryption User on the vault",
		    "It has no managed identity, so it could not read any key");
	return true;
}

static bool
judge_probe(const struct service_fact *service, struct findings *findings)
{
	char text[700];

	if (!service->policy->probe) {
		finding_add(findings, FINDING_NOTE, service->name, "", "The policy switches its "
		    "probe off: it will end as repointed, unconfirmed");
		return true;
	}
	switch (service->probe.outcome) {
	case SERVICE_PROBE_ANSWERS:
		finding_add(findings, FINDING_OK, service->name, "", "Its data plane answers");
		return true;
	case SERVICE_PROBE_NOT_ALLOWED:
		finding_add(findings, FINDING_WARNING, service->name, "Give keyturn's identity the "
		    "FHIR or DICOM Data Reader role on it", "Its data plane does not let keyturn "
		    "ask (%s): it will end as repointed, unconfirmed", service->probe.text);
		return true;
	case SERVICE_PROBE_KEY_LOST:
		snprintf(text, sizeof text, "It cannot use its key now, so data is unreadable: %s",
		    service->probe.text);
		return bad(findings, service, "Look at the versions it was encrypted under, and at "
		    "its identity's role on the vault; then keyturn revalidate", text);
	default:
		snprintf(text, sizeof text, "Its data plane does not answer now, so success could "
		    "not be told from failure: %s", service->probe.text);
		return bad(findings, service, "Look at the service in the Azure portal and at the "
		    "network from here", text);
	}
}

static bool
judge_service(const struct service_fact *service, struct findings *findings)
{
	char text[FAULT_TEXT_MAX];

	if (!service->read) {
		snprintf(text, sizeof text, "It cannot be read: %.1900s", service->why.text);
		return bad(findings, service, "", text);
	}
	if (strcasecmp(service->state.provisioning_state, "Succeeded") != 0) {
		snprintf(text, sizeof text, "It is %s, not Succeeded",
		    service->state.provisioning_state);
		return bad(findings, service, "Wait until Azure is done with it, or mend it there",
		    text);
	}
	if (!judge_reference(service, findings))
		return false;
	finding_add(findings, FINDING_OK, service->name, "", "It is Succeeded and %s%s",
	    service->state.key_url[0] == '\0' ? "will be given its first customer-managed key" :
	    "names ", service->state.key_url);
	return !service->probed || judge_probe(service, findings);
}

static bool
judge_kek(const struct facts *facts, struct findings *findings)
{
	const char *name = facts->policy->vault.kek.name;
	struct look look;
	char advice[200];

	snprintf(advice, sizeof advice, "Run: keyturn kek enroll %s", facts->policy->name);
	look_at(facts, STEP_KEK, 0, &look);
	if (look.state == LOOK_DONE) {
		finding_add(findings, FINDING_OK, name, "", "The %s", look.text);
		return true;
	}
	/* A KEK that is made in the middle of a rotation would wait for its enrolment there. */
	if (look.state == LOOK_TODO)
		finding_add(findings, FINDING_PROBLEM, name, advice, "The vault holds no KEK of "
		    "that name yet; it is created and enrolled in one go");
	else
		finding_add(findings, FINDING_PROBLEM, name, facts->kek.unsound[0] != '\0' ?
		    "Make a sound one (az keyvault key create --kty RSA-HSM --ops import) or mend "
		    "its dates, then enroll it: keyturn kek enroll" : "", "%s", look.text);
	return false;
}

bool
ready_look(const struct facts *facts, struct findings *findings, bool *ret_ready,
    struct fault *fault)
{
	struct invariant_report report __attribute__((cleanup(scope_invariant))) = { 0 };
	bool ready;

	if (!invariant_check(facts, &report, findings, fault))
		return false;
	ready = !invariant_broken(&report, INVARIANT_READABLE) &&
	    !invariant_broken(&report, INVARIANT_PROVEN);

	/* Look at everything, so that all that is wrong is told at once. */
	if (facts->kek.read)
		ready = judge_kek(facts, findings) && ready;
	for (size_t i = 0; i < facts->service_count; i++)
		ready = judge_service(&facts->services[i], findings) && ready;
	*ret_ready = ready;
	return true;
}

void
ready_reason(const struct findings *findings, char *text, size_t room)
{
	const char *advice = finding_first_advice(findings, FINDING_PROBLEM);
	const char *problem = finding_first(findings, FINDING_PROBLEM);
	const char *subject = finding_first_subject(findings, FINDING_PROBLEM);
	bool named = subject[0] == '\0' || strstr(problem, subject) != NULL;
	size_t length = strlen(problem);

	/* Some sentences name the command to type themselves. */
	if (strstr(problem, advice) != NULL)
		advice = "";

	/* What Azure answered may end with a full stop of its own. */
	if (length > 0 && problem[length - 1] == '.')
		length--;
	snprintf(text, room, "%s%s%.*s%s%s", named ? "" : subject, named ? "" : ": ", (int)length,
	    problem, advice[0] == '\0' ? "" : ". ", advice);
}
