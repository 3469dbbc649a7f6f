#include "enrolled.h"
#include "list.h"
#include "preflight.h"
#include "seal.h"
#include "utf8.h"
#include "verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All routes are tried, since an admin wants to know more than the first. */
static bool
check_routes(const struct session *session, struct hsm_report *report, enum hsm_route *ret_working,
    struct fault *fault)
{
	struct preflight preflight = { .chosen = HSM_ROUTE_NONE };

	if (!preflight_run_all(session, &preflight, fault))
		return false;
	for (unsigned route = 0; route < HSM_ROUTE_COUNT; route++) {
		report->routes[route].verdict = preflight.routes[route].verdict;
		memcpy(report->routes[route].reason, preflight.routes[route].reason,
		    sizeof report->routes[route].reason);
	}
	report->chosen = preflight.chosen;
	*ret_working = preflight.working;
	return true;
}

/*
 * A refusal to make the scratch key as asked is what the report is for; a token
 * that fails is not.
 */
static bool
check_attributes(const struct session *session, struct hsm_report *report,
    struct probe **ret_probe, struct fault *fault)
{
	struct fault why;

	*ret_probe = NULL;
	report->attributes_kept = preflight_probe(session, ret_probe, &why);
	if (report->attributes_kept)
		return true;
	if (why.code != FAULT_REFUSED)
		return fault_set(fault, why.code, "%s", why.text);
	utf8_copy(report->attributes_reason, sizeof report->attributes_reason, why.text);
	snprintf(report->seal_reason, sizeof report->seal_reason,
	    "there is no scratch key to try it on");
	return true;
}

/* The scratch key is sealed like a real one, by the same functions. */
static void
check_seal(const struct session *session, CK_OBJECT_HANDLE key, enum hsm_route working,
    struct hsm_report *report)
{
	struct fault why;

	report->seal_works = working != HSM_ROUTE_NONE && seal_lower(session, key, &why) &&
	    seal_test(session, working, key, &why);
	if (working == HSM_ROUTE_NONE)
		snprintf(report->seal_reason, sizeof report->seal_reason,
		    "the token wraps no key at all, so a refusal proves nothing");
	else if (!report->seal_works)
		utf8_copy(report->seal_reason, sizeof report->seal_reason, why.text);
}

/* One scratch key for attributes and seal; the preflight makes its own. */
static bool
check_with_scratch(const struct session *session, struct hsm_report *report,
    struct fault *fault)
{
	enum hsm_route working;
	struct probe *probe;
	bool done = true;

	if (!check_attributes(session, report, &probe, fault))
		return false;
	if (probe != NULL) {
		done = check_routes(session, report, &working, fault);
		if (done)
			check_seal(session, preflight_probe_key(probe), working, report);
	}
	preflight_probe_free(probe);
	return done;
}

/* Whole pairs only; hsm list shows the rest. */
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
	bool done;

	if (report == NULL)
		return fault_system(fault, "Memory for a report");
	report->accept_zero_padded = session->accept_zero_padded;
	done = verb_token(hsm, &report->token, fault) &&
	    count_keys(session, report, fault) &&
	    enrolled_count(session, &report->enrolled, fault) &&
	    check_with_scratch(session, report, fault);

	/* A half-filled report would read like a bad one. */
	if (done)
		*ret_report = *report;
	free(report);
	return done;
}
