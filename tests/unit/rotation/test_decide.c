/* What to do next: each row's look against what is recorded, the order, and what random histories never lead to. */
#include "look.h"
#include "observe.h"
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static struct world world;

static int
setup(void **state)
{
	(void)state;
	world_begin(&world);
	return 0;
}

#define DECIDES(wanted_kind, wanted_step)                                    \
	do {                                                                 \
		struct decision decision_ = world_decide(&world);            \
		if (decision_.kind != (wanted_kind) || decision_.step != (wanted_step)) \
			fail_msg("kind %d, step %s: %s", (int)decision_.kind, \
			    stepname_print(decision_.step), decision_.reason); \
	} while (0)

static void
steps_come_in_their_order(void **state)
{
	(void)state;
	for (enum step_id step = STEP_READY; step <= STEP_SEAL; step++) {
		world_begin(&world);
		world_open(&world, step);
		if (step == STEP_KEK)
			world.facts.kek.found = false, world.policy.vault.kek.create = true;
		DECIDES(DECISION_STEP, step);
	}
	world_begin(&world);
	world_open(&world, STEP_REPOINT);
	DECIDES(DECISION_STEP, STEP_REPOINT);
}

/* What a look shows and the journal does not say is recorded, not done again. */
static void
what_is_there_but_not_recorded_is_recorded(void **state)
{
	(void)state;
	world_open(&world, STEP_KEK);
	DECIDES(DECISION_RECORD, STEP_KEK);

	/* A crash after the key was made. */
	world_begin(&world);
	world_open(&world, STEP_WRAP);
	world.history.rotation.done[STEP_GENERATE] = false;
	DECIDES(DECISION_RECORD, STEP_GENERATE);

	/* A crash after the import arrived: nothing is sent again. */
	world_begin(&world);
	world_open(&world, STEP_IMPORT);
	world.history.rotation.import_unknown = true;
	world.history.rotation.intent_ms[STEP_IMPORT] = WORLD_NOW - 1;
	world_arrive(&world);
	DECIDES(DECISION_RECORD, STEP_IMPORT);

	world_begin(&world);
	world_open(&world, STEP_REPOINT);
	world_point(&world, 0, WORLD_NEW, "Succeeded");
	DECIDES(DECISION_RECORD, STEP_REPOINT);
	world.past[0].repointed_ms = WORLD_NOW;
	world.services[0].probed = true;
	world.services[0].probe.outcome = SERVICE_PROBE_ANSWERS;
	DECIDES(DECISION_RECORD, STEP_CONFIRM);
}

/* What is recorded and not there any more is done again. */
static void
what_was_recorded_but_is_gone_is_mended(void **state)
{
	(void)state;
	world_open(&world, STEP_IMPORT);
	world.facts.blob.present = false;
	DECIDES(DECISION_STEP, STEP_WRAP);

	/* Another KEK since: its row is recorded anew, then the blob is made anew. */
	strcpy(world.facts.kek.key.item.kid, WORLD_VAULT "/keys/keyturn-kek/0000000000000000000000000000000b");
	DECIDES(DECISION_RECORD, STEP_KEK);
	strcpy(world.history.rotation.kek_kid, world.facts.kek.key.item.kid);
	world.facts.blob.present = true;
	DECIDES(DECISION_STEP, STEP_WRAP);
}

/* The vault may have the version although the KEK or the token went bad since. */
static void
an_import_that_was_sent_is_looked_for_first(void **state)
{
	struct history_rotation *rotation = &world.history.rotation;

	(void)state;
	world_open(&world, STEP_IMPORT);
	rotation->import_unknown = true;
	rotation->intent_ms[STEP_IMPORT] = WORLD_NOW - 1000;
	strcpy(world.facts.kek.unsound, "is disabled");
	DECIDES(DECISION_WAIT, STEP_IMPORT);
	world_arrive(&world);
	DECIDES(DECISION_RECORD, STEP_IMPORT);
	world.facts.version_count--;
	world.facts.now_ms += 60000;
	DECIDES(DECISION_BLOCKED, STEP_KEK);
}

static void
waiting_and_blocked_are_passed_on(void **state)
{
	(void)state;
	world_open(&world, STEP_REPOINT);
	world_point(&world, 0, WORLD_OLD, "Updating");
	world.services[0].retry_after_ms = 7000;
	DECIDES(DECISION_WAIT, STEP_REPOINT);
	assert_int_equal(world_decide(&world).until_ms, WORLD_NOW + 7000);
	world_point(&world, 0, WORLD_OTHER, "Succeeded");
	DECIDES(DECISION_BLOCKED, STEP_REPOINT);
}

static void
confirm_service(size_t index)
{
	world_point(&world, index, WORLD_NEW, "Succeeded");
	world.past[index].intent_ms = world.past[index].repointed_ms = WORLD_NOW - 1000;
	world.past[index].confirm_done = world.past[index].confirmed = true;
}

static void
services_come_one_after_the_other(void **state)
{
	(void)state;
	world_open(&world, STEP_REPOINT);
	DECIDES(DECISION_STEP, STEP_REPOINT);
	assert_int_equal(world_decide(&world).service, 0);
	world_point(&world, 0, WORLD_NEW, "Succeeded");
	world.past[0].intent_ms = world.past[0].repointed_ms = WORLD_NOW - 1000;
	DECIDES(DECISION_STEP, STEP_CONFIRM);
	assert_int_equal(world_decide(&world).service, 0);
	confirm_service(0);
	DECIDES(DECISION_STEP, STEP_REPOINT);
	assert_int_equal(world_decide(&world).service, 1);
	confirm_service(1);
	DECIDES(DECISION_RECORD, STEP_GUARD);
	world.history.rotation.done[STEP_GUARD] = true;
	DECIDES(DECISION_FINISH, STEP_GUARD);
}

static void
the_first_service_that_fails_stops_and_is_put_back(void **state)
{
	(void)state;
	world_open(&world, STEP_REPOINT);
	world_point(&world, 0, WORLD_NEW, "Failed");
	world.past[0].intent_ms = WORLD_NOW - 1000;
	DECIDES(DECISION_FAIL, STEP_REPOINT);
	world.past[0].failed = true;
	DECIDES(DECISION_STEP, STEP_UNDO);
	assert_int_equal(world_decide(&world).service, 0);
	world_point(&world, 0, WORLD_OLD, "Updating");
	DECIDES(DECISION_WAIT, STEP_UNDO);
	world_point(&world, 0, WORLD_OLD, "Succeeded");
	DECIDES(DECISION_RECORD, STEP_UNDO);
	world.past[0].failed = false;
	world.past[0].intent_ms = 0;
	DECIDES(DECISION_STEP, STEP_REPOINT);
	assert_int_equal(world_decide(&world).service, 0);
}

static void
a_service_that_was_moved_after_its_confirmation_is_left_alone(void **state)
{
	(void)state;
	world_open(&world, STEP_REPOINT);
	confirm_service(0);
	world_point(&world, 0, WORLD_OTHER, "Succeeded");
	DECIDES(DECISION_STEP, STEP_REPOINT);
	assert_int_equal(world_decide(&world).service, 1);
}

static void
without_a_rotation_it_is_idle_until_one_is_due(void **state)
{
	struct decision decision;

	(void)state;
	world.history.success_ms = WORLD_NOW - 1000;
	DECIDES(DECISION_IDLE, STEP_READY);
	assert_int_equal(world_decide(&world).until_ms, WORLD_NOW - 1000 + 90 * INT64_C(86400000));
	world.facts.now_ms = WORLD_NOW - 1000 + 90 * INT64_C(86400000);
	DECIDES(DECISION_START, STEP_READY);
	world.facts.now_ms--;
	DECIDES(DECISION_IDLE, STEP_READY);
	decide(&world.facts, true, &decision);
	assert_int_equal(decision.kind, DECISION_START);
	world.history.rolled_back_ms = WORLD_NOW - 1;
	world.facts.now_ms++;
	DECIDES(DECISION_IDLE, STEP_READY);
	assert_int_equal(world_decide(&world).until_ms, 0);
	decide(&world.facts, true, &decision);
	assert_int_equal(decision.kind, DECISION_START);

	/* An open rotation is gone on with, whoever asks. */
	world_open(&world, STEP_PROVE);
	decide(&world.facts, true, &decision);
	assert_int_equal(decision.kind, DECISION_STEP);
}

static void
each_decision_knows_what_it_must_look_at(void **state)
{
	const unsigned always = OBSERVE_VAULT | OBSERVE_SERVICES;

	(void)state;
	assert_int_equal(decide_needs(&world.history, &world.policy, false), always);
	assert_int_equal(decide_needs(&world.history, &world.policy, true),
	    always | OBSERVE_KEK | OBSERVE_HSM | OBSERVE_PROBES);
	world_open(&world, STEP_READY);
	assert_true(decide_needs(&world.history, &world.policy, false) & OBSERVE_PROBES);
	world_open(&world, STEP_IMPORT);
	assert_int_equal(decide_needs(&world.history, &world.policy, false),
	    always | OBSERVE_KEK | OBSERVE_BLOB | OBSERVE_HSM);
	world_open(&world, STEP_SEAL);
	assert_int_equal(decide_needs(&world.history, &world.policy, false), always | OBSERVE_BLOB | OBSERVE_HSM);
	world_open(&world, STEP_REPOINT);
	assert_int_equal(decide_needs(&world.history, &world.policy, false), always);
	world.past[1].repointed_ms = 1;
	assert_int_equal(decide_needs(&world.history, &world.policy, false), always | OBSERVE_PROBES);
}

/* Small and repeatable; the seed is told when a property breaks. */
static uint64_t seed;

static uint64_t
roll(uint64_t sides)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (seed >> 33) % sides;
}

/*
 * An outside in which anything may fail, be lost on the way, or show late; the journal is played by hand as the runner writes it.
 * What must never happen is checked at the outside, not in the decisions.
 */
struct outside {
	unsigned versions;		/* that imports made in the vault */
	int64_t shows_ms;		/* from when on the vault's list shows them */
	bool service_failed[WORLD_SERVICES];
	int64_t ends_ms[WORLD_SERVICES];
	bool ends_badly[WORLD_SERVICES];
};

static struct outside outside;

static void
show(void)
{
	struct history_rotation *rotation = &world.history.rotation;

	world.facts.version_count = 1;
	if (outside.versions > 0 && world.facts.now_ms >= outside.shows_ms)
		world_arrive(&world)->proven = rotation->done[STEP_PROVE];
	for (size_t i = 0; i < WORLD_SERVICES; i++) {
		struct service_fact *service = &world.services[i];

		service->operation_known = world.past[i].has_operation;
		service->progress = SERVICE_RUNNING;
		service->read = roll(8) != 0;
		service->probed = service->read && world.past[i].repointed_ms != 0;
		service->probe.outcome = roll(3) == 0 ? SERVICE_PROBE_KEY_LOST : SERVICE_PROBE_ANSWERS;
		if (outside.ends_ms[i] != 0 && world.facts.now_ms >= outside.ends_ms[i]) {
			strcpy(service->state.provisioning_state, outside.ends_badly[i] ? "Failed" : "Succeeded");
			service->progress = outside.ends_badly[i] ? SERVICE_FAILED : SERVICE_SUCCEEDED;
		}
	}
}

static void
send_import(void)
{
	struct history_rotation *rotation = &world.history.rotation;
	uint64_t fate = roll(4);

	rotation->intent_ms[STEP_IMPORT] = world.facts.now_ms;
	rotation->import_unknown = true;

	/* Refused: no version. Else one is made, and the answer may be lost, with the process or without. */
	if (fate == 0) {
		rotation->import_unknown = roll(2) == 0;
		rotation->failed_ms = world.facts.now_ms;
		return;
	}
	if (++outside.versions > 1)
		fail_msg("seed %llu: the key was imported twice", (unsigned long long)seed);
	outside.shows_ms = world.facts.now_ms + (int64_t)roll(60000);
	if (fate == 1)
		strcpy(rotation->answered_kid, WORLD_NEW);
	else if (fate == 2)
		rotation->failed_ms = world.facts.now_ms + 1;
}

static void
put_service(size_t index, const char *kid)
{
	struct history_service *past = &world.past[index];

	past->intent_ms = world.facts.now_ms;
	past->has_operation = false;
	if (roll(4) == 0)
		return;			/* refused, or never sent */
	world_point(&world, index, kid, "Updating");
	past->has_operation = roll(2) == 0;
	outside.ends_ms[index] = world.facts.now_ms + (int64_t)roll(30000);
	outside.ends_badly[index] = strcmp(kid, WORLD_NEW) == 0 && roll(4) == 0;
}

static void
act_on(const struct decision *decision)
{
	struct history_rotation *rotation = &world.history.rotation;
	const size_t index = decision->service;

	switch (decision->step) {
	case STEP_IMPORT:
		send_import();
		break;
	case STEP_REPOINT:
		if (!rotation->done[STEP_PROVE] || !rotation->done[STEP_SEAL])
			fail_msg("seed %llu: a service is pointed at what was not proved and sealed",
			    (unsigned long long)seed);
		for (size_t i = 0; i < WORLD_SERVICES; i++)
			if (i != index && outside.service_failed[i])
				fail_msg("seed %llu: service %zu was passed although it failed",
				    (unsigned long long)seed, i);
		put_service(index, WORLD_NEW);
		break;
	case STEP_UNDO:
		put_service(index, WORLD_OLD);
		break;
	case STEP_CONFIRM:
		world.past[index].confirm_done = true;
		break;
	default:
		/* The rest is inside: it works, fails, or works without a record. */
		if (roll(3) == 0)
			break;
		if (decision->step == STEP_GENERATE)
			world_open(&world, STEP_WRAP);
		rotation->done[decision->step] = roll(4) != 0;
		if (decision->step == STEP_WRAP) {
			world.facts.blob = (struct blob_fact){ .present = true, .sha256 = "b10b" };
			strcpy(rotation->blob_sha256, "b10b");
			strcpy(rotation->wrap_kek_kid, WORLD_KEK);
		}
	}
}

static void
record(const struct decision *decision)
{
	struct history_rotation *rotation = &world.history.rotation;
	struct history_service *past = &world.past[decision->service];

	switch (decision->step) {
	case STEP_REPOINT:
		past->repointed_ms = world.facts.now_ms;
		past->has_operation = false;
		break;
	case STEP_CONFIRM:
		past->confirm_done = true;
		break;
	case STEP_UNDO:
		past->failed = past->has_operation = outside.service_failed[decision->service] = false;
		past->intent_ms = past->repointed_ms = 0;
		break;
	case STEP_KEK:
		strcpy(rotation->kek_kid, WORLD_KEK);
		rotation->done[STEP_KEK] = true;
		break;
	case STEP_IMPORT:
		strcpy(rotation->kid, WORLD_NEW);
		rotation->import_unknown = false;
		rotation->done[STEP_IMPORT] = true;
		break;
	default:
		rotation->done[decision->step] = true;
	}
}

/* True when the rotation ended. */
static bool
turn(void)
{
	struct decision decision;

	world.facts.now_ms += (int64_t)roll(2000);
	show();
	decision = world_decide(&world);
	switch (decision.kind) {
	case DECISION_STEP:
		act_on(&decision);
		return false;
	case DECISION_RECORD:
		record(&decision);
		return false;
	case DECISION_WAIT:
		assert_true(decision.until_ms > world.facts.now_ms);
		world.facts.now_ms = decision.until_ms;
		return false;
	case DECISION_FAIL:
		world.past[decision.service].failed = outside.service_failed[decision.service] = true;
		world.past[decision.service].has_operation = false;
		return false;
	case DECISION_BLOCKED:
		/* Whoever comes mends the resource in Azure. */
		for (size_t i = 0; i < WORLD_SERVICES; i++)
			outside.ends_badly[i] = false;
		return false;
	default:
		assert_int_equal(decision.kind, DECISION_FINISH);
		return true;
	}
}

/*
 * Whatever fails, and whenever the process dies: one import makes at most one version, nothing is pointed at before prove and seal,
 * no service is passed while one before it failed, and the rotation comes to its end.
 */
static void
random_histories_end_well(void **state)
{
	(void)state;
	for (uint64_t game = 1; game <= 2000; game++) {
		unsigned turns = 0;

		seed = game;
		outside = (struct outside){ 0 };
		world_begin(&world);
		world_open(&world, STEP_READY);
		while (!turn())
			if (++turns > 2000)
				fail_msg("game %llu stands still: %s", (unsigned long long)game,
				    world_decide(&world).reason);
		assert_int_equal(outside.versions, 1);
		for (size_t i = 0; i < WORLD_SERVICES; i++)
			assert_string_equal(world.services[i].state.key_url, WORLD_NEW);
	}
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(steps_come_in_their_order),
		CASE(what_is_there_but_not_recorded_is_recorded),
		CASE(what_was_recorded_but_is_gone_is_mended),
		CASE(an_import_that_was_sent_is_looked_for_first),
		CASE(waiting_and_blocked_are_passed_on),
		CASE(services_come_one_after_the_other),
		CASE(the_first_service_that_fails_stops_and_is_put_back),
		CASE(a_service_that_was_moved_after_its_confirmation_is_left_alone),
		CASE(without_a_rotation_it_is_idle_until_one_is_due),
		CASE(each_decision_knows_what_it_must_look_at),
		CASE(random_histories_end_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
