/* What must hold, each broken by itself; only what is newly broken counts; and in which words it is told. */
#include "invariant.h"
#include "ready.h"
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static struct world world;
static struct invariant_report report;
static struct findings findings;

static int
setup(void **state)
{
	(void)state;
	world_begin(&world);
	finding_init(&findings);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	invariant_clear(&report);
	finding_clear(&findings);
	return 0;
}

static void
check(void)
{
	struct fault fault;

	invariant_clear(&report);
	finding_clear(&findings);
	finding_init(&findings);
	assert_true(invariant_check(&world.facts, &report, &findings, &fault));
}

/* Exactly one is broken: ${invariant}, by ${kid} and ${service}. */
static void
breaks(int invariant, const char *kid, const char *service)
{
	check();
	assert_int_equal(report.count, 1);
	assert_int_equal(report.list[0].invariant, invariant);
	assert_string_equal(report.list[0].kid, kid);
	assert_string_equal(report.list[0].service, service);
	assert_true(invariant_broken(&report, invariant));
	assert_int_equal(findings.problems, 1);
}

static void
a_sound_tenant_breaks_none(void **state)
{
	(void)state;
	check();
	assert_int_equal(report.count, 0);
	assert_int_equal(findings.problems, 0);
}

static void
every_version_that_was_ever_named_must_be_readable(void **state)
{
	struct vault_item *item = &world.versions[0].key.item;

	(void)state;
	world_add(&world, WORLD_NEW)->provenance = PROVENANCE_HSM;
	item->enabled = false;
	breaks(INVARIANT_READABLE, WORLD_OLD, "");
	item->enabled = true;
	item->expires = 1;
	breaks(INVARIANT_READABLE, WORLD_OLD, "");
	item->expires = 0;
	world.versions[0].key.ops = VAULT_OP_UNWRAP;
	breaks(INVARIANT_READABLE, WORLD_OLD, "");
	world.versions[0].exists = false;
	breaks(INVARIANT_READABLE, WORLD_OLD, "");
	assert_non_null(strstr(finding_first_advice(&findings, FINDING_PROBLEM), "Do not purge"));
	world.versions[0].named = false;
	check();
	assert_int_equal(report.count, 0);
}

static void
unreadable_is_said_only_when_a_probe_showed_it(void **state)
{
	(void)state;
	world.versions[0].key.item.enabled = false;
	check();
	assert_non_null(strstr(finding_first(&findings, FINDING_PROBLEM), "may be unreadable"));
	assert_non_null(strstr(finding_first_advice(&findings, FINDING_PROBLEM), "--enabled true"));
	world.services[1].probed = true;
	world.services[1].probe.outcome = SERVICE_PROBE_NO_ANSWER;
	check();
	assert_non_null(strstr(finding_first(&findings, FINDING_PROBLEM), "may be unreadable"));
	world.services[1].probe.outcome = SERVICE_PROBE_KEY_LOST;
	strcpy(world.services[1].probe.text, "HTTP 403");
	check();
	assert_non_null(strstr(finding_first(&findings, FINDING_PROBLEM), "data IS UNREADABLE; dicom 'pacs' answered: HTTP 403"));
}

static void
a_service_points_only_at_what_was_proven(void **state)
{
	(void)state;
	world_add(&world, WORLD_NEW)->provenance = PROVENANCE_HSM;
	world_point(&world, 1, WORLD_NEW, "Succeeded");
	breaks(INVARIANT_PROVEN, WORLD_NEW, "pacs");
	world.versions[1].proven = true;
	check();
	assert_int_equal(report.count, 0);
	world_point(&world, 1, "https://hospital.vault.azure.net/keys/radiology", "Succeeded");
	breaks(INVARIANT_PROVEN, "https://hospital.vault.azure.net/keys/radiology", "pacs");
	world_point(&world, 1, "", "Succeeded");
	check();
	assert_int_equal(report.count, 0);
	world_point(&world, 1, WORLD_OTHER, "Succeeded");
	world.services[1].read = false;
	check();
	assert_int_equal(report.count, 0);
}

static void
a_version_made_in_azure_is_an_alarm_while_it_is_the_newest(void **state)
{
	(void)state;
	world_add(&world, WORLD_NEW);
	breaks(INVARIANT_PROVENANCE, WORLD_NEW, "");
	world_add(&world, WORLD_OTHER)->provenance = PROVENANCE_HSM;
	check();
	assert_int_equal(report.count, 0);
	assert_int_equal(findings.warnings, 1);
	world.versions[1].of_policy_key = false;
	check();
	assert_int_equal(findings.warnings, 0);
}

static void
only_what_is_newly_broken_counts(void **state)
{
	struct invariant_report before = { 0 };
	const struct invariant_breach *breach;
	struct fault fault;

	(void)state;
	world.versions[0].key.item.enabled = false;
	assert_true(invariant_check(&world.facts, &before, NULL, &fault));
	check();
	assert_null(invariant_newly_broken(&before, &report));
	world_add(&world, WORLD_NEW);
	check();
	breach = invariant_newly_broken(&before, &report);
	assert_non_null(breach);
	assert_int_equal(breach->invariant, INVARIANT_PROVENANCE);
	assert_null(invariant_newly_broken(&report, &before));

	/* The same version under another service is another breach. */
	invariant_clear(&before);
	world_point(&world, 0, WORLD_NEW, "Succeeded");
	assert_true(invariant_check(&world.facts, &before, NULL, &fault));
	world_point(&world, 1, WORLD_NEW, "Succeeded");
	check();
	breach = invariant_newly_broken(&before, &report);
	assert_non_null(breach);
	assert_string_equal(breach->service, "pacs");
	invariant_clear(&before);
}

static bool
is_ready(void)
{
	struct fault fault;
	bool ready;

	finding_clear(&findings);
	finding_init(&findings);
	assert_true(ready_look(&world.facts, &findings, &ready, &fault));
	return ready;
}

#define NOT_READY(words)                                                     \
	do {                                                                 \
		char reason_[2000];                                          \
		assert_false(is_ready());                                    \
		ready_reason(&findings, reason_, sizeof reason_);            \
		if (strstr(reason_, words) == NULL)                          \
			fail_msg("%s", reason_);                             \
	} while (0)

static void
a_sound_tenant_is_ready(void **state)
{
	(void)state;
	world.services[0].probed = true;
	world.services[0].probe.outcome = SERVICE_PROBE_ANSWERS;
	assert_true(is_ready());
}

static void
nothing_starts_while_the_past_is_not_in_order(void **state)
{
	(void)state;
	world.versions[0].key.item.enabled = false;
	NOT_READY("is disabled");
	world.versions[0].key.item.enabled = true;
	world.versions[0].proven = false;
	NOT_READY("keyturn adopt radiology-cmk");
}

/* The rotation is the remedy. */
static void
a_foreign_version_does_not_stand_against_a_start(void **state)
{
	(void)state;
	world_add(&world, WORLD_NEW);
	assert_true(is_ready());
	assert_int_equal(findings.problems, 1);
}

static void
the_kek_must_be_there_and_enrolled(void **state)
{
	(void)state;
	world.facts.kek.enrolled = false;
	NOT_READY("keyturn kek enroll radiology-cmk");
	world.facts.kek.found = false;
	NOT_READY("holds no KEK");
	world.policy.vault.kek.create = true;
	NOT_READY("created and enrolled in one go");
	world.facts.kek.read = false;
	assert_true(is_ready());
}

static void
every_service_must_be_at_rest_and_answer(void **state)
{
	struct service_fact *service = &world.services[0];

	(void)state;
	strcpy(service->state.provisioning_state, "Updating");
	NOT_READY("It is Updating, not Succeeded");
	strcpy(service->state.provisioning_state, "Succeeded");
	strcpy(service->state.identity_type, "none");
	NOT_READY("no managed identity");
	strcpy(service->state.identity_type, "UserAssigned");
	service->probed = true;
	service->probe.outcome = SERVICE_PROBE_KEY_LOST;
	NOT_READY("data is unreadable");
	service->probe.outcome = SERVICE_PROBE_NO_ANSWER;
	NOT_READY("does not answer now");
	service->probe.outcome = SERVICE_PROBE_NOT_ALLOWED;
	assert_true(is_ready());
	assert_int_equal(findings.warnings, 1);
	world.policy_services[0].probe = false;
	assert_true(is_ready());
	service->read = false;
	strcpy(service->why.text, "HTTP 404");
	NOT_READY("HTTP 404");
}

static void
a_first_key_is_given_only_where_the_policy_says_so(void **state)
{
	(void)state;
	world.versions[0].named_now = false;
	world_point(&world, 1, "", "Succeeded");
	NOT_READY("\"enable_cmk\": true");
	world.policy_services[1].enable_cmk = true;
	assert_true(is_ready());
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_sound_tenant_breaks_none),
		CASE(every_version_that_was_ever_named_must_be_readable),
		CASE(unreadable_is_said_only_when_a_probe_showed_it),
		CASE(a_service_points_only_at_what_was_proven),
		CASE(a_version_made_in_azure_is_an_alarm_while_it_is_the_newest),
		CASE(only_what_is_newly_broken_counts),
		CASE(a_sound_tenant_is_ready),
		CASE(nothing_starts_while_the_past_is_not_in_order),
		CASE(a_foreign_version_does_not_stand_against_a_start),
		CASE(the_kek_must_be_there_and_enrolled),
		CASE(every_service_must_be_at_rest_and_answer),
		CASE(a_first_key_is_given_only_where_the_policy_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
