#include "enrolled.h"
#include "list.h"
#include "preflight.h"
#include "seal.h"
#include "verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fill ${text} from a fault that is an answer here, not a failure. */
static void
tell(char *text, size_t room, const struct fault *why)
{
	snprintf(text, room, "%s", why->text);
}

static bool
check_routes(const struct session *session, struct hsm_report *report, enum hsm_route *ret_working,
    struct fault *fault)
{
	struct preflight preflight;

	if (!preflight_run_all(session, &preflight, fault))
		return false;
	for (unsigned route = 0; route < HSM_ROUTE_COUNT; route++) {
		report->routes[route].verdict = preflight.routes[route].verdict;
		memcpy(report->routes[route].reason, preflight.routes[route].reason,
		    sizeof report->routes[route].reason);
	}
	report->chosen = preflight.chosen;
	report->accept_zero_padded = session->accept_zero_padded;
	*ret_working = preflight.working;
	return true;
}

/* Making the probe reads its attributes back, so a probe that exists kept them. */
static void
check_scratch_key(const struct session *session, enum hsm_route working,
    struct hsm_report *report)
{
	struct fault why;
	struct probe *probe;

	if (!preflight_probe(session, &probe, &why)) {
		tell(report->attributes_reason, sizeof report->attributes_reason, &why);
		snprintf(report->seal_reason, sizeof report->seal_reason,
		    "there is no scratch key to try it on");
		return;
	}
	report->attributes_kept = true;
	if (working == HSM_ROUTE_NONE)
		snprintf(report->seal_reason, sizeof report->seal_reason,
		    "the token wraps no key at all, so a refusal proves nothing");
	else if (seal_lower(session, preflight_probe_key(probe), &why) &&
	    seal_test(session, working, preflight_probe_key(probe), &why))
		report->seal_works = true;
	else
		tell(report->seal_reason, sizeof report->seal_reason, &why);
	preflight_probe_free(probe);
}

static bool
count_keys(const struct session *session, struct hsm_report *report, struct fault *fault)
{
	struct pairs pairs;

	if (!list_pairs(session, &pairs, fault))
		return false;
	for (size_t i = 0; i < pairs.count; i++)
		if (pairs.list[i].key.has_private && pairs.list[i].key.has_public)
			report->key_pairs++;
	free(pairs.list);
	return true;
}

bool
verb_check(struct hsm *hsm, struct hsm_report *ret_report, struct fault *fault)
{
	struct session *session = session_of(hsm);
	struct hsm_report *report = calloc(1, sizeof *report);
	enum hsm_route working;
	bool done;

	if (report == NULL)
		return fault_system(fault, "Memory for a report");
	done = verb_token(hsm, &report->token, fault) &&
	    count_keys(session, report, fault) &&
	    enrolled_count(session, &report->enrolled, fault) &&
	    check_routes(session, report, &working, fault);
	if (done) {
		check_scratch_key(session, working, report);
		*ret_report = *report;
	}
	free(report);
	return done;
}
