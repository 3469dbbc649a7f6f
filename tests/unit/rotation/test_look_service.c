/* The looks at one service: progress of the operation, state of the resource, what it names, what its data plane says. */
#include "look_service.h"
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static struct world world;

static struct look
look(enum step_id step)
{
	struct look seen;

	look_at(&world.facts, step, 0, &seen);
	return seen;
}

static int
setup(void **state)
{
	(void)state;
	world_begin(&world);
	world_open(&world, STEP_REPOINT);
	world.past[0].intent_ms = WORLD_NOW - 1000;
	return 0;
}

static void
states_of_the_resource_manager_are_told_apart(void **state)
{
	static const char *const busy[] = { "Creating", "Accepted", "Verifying", "Updating", "Moving", "SystemMaintenance" };
	static const char *const rest[] = { "Succeeded", "Failed", "Canceled" };
	static const char *const neither[] = { "Deleting", "Deprovisioned", "Suspended", "Warned", "", "Something new" };

	(void)state;
	for (size_t i = 0; i < sizeof busy / sizeof busy[0]; i++) {
		assert_true(look_busy(busy[i]));
		assert_false(look_terminal(busy[i]));
	}
	for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++) {
		assert_false(look_busy(rest[i]));
		assert_true(look_terminal(rest[i]));
	}
	for (size_t i = 0; i < sizeof neither / sizeof neither[0]; i++) {
		assert_false(look_busy(neither[i]));
		assert_false(look_terminal(neither[i]));
	}
	assert_true(look_terminal("succeeded"));
}

/* One cell of the matrix: the operation, where the service points, its state, and what follows. */
struct cell {
	enum service_progress progress;	/* 0: no operation is known */
	const char *kid, *state;
	enum look_state wanted;
};

static const struct cell matrix[] = {
	/* At rest with the new version is done, whatever the operation says. */
	{ 0, WORLD_NEW, "Succeeded", LOOK_DONE },
	{ SERVICE_RUNNING, WORLD_NEW, "Succeeded", LOOK_DONE },
	{ SERVICE_SUCCEEDED, WORLD_NEW, "Succeeded", LOOK_DONE },
	{ SERVICE_FAILED, WORLD_NEW, "Succeeded", LOOK_DONE },
	/* While Azure works, keyturn waits. */
	{ SERVICE_RUNNING, WORLD_NEW, "Updating", LOOK_WAIT },
	{ SERVICE_RUNNING, WORLD_NEW, "Failed", LOOK_WAIT },
	{ SERVICE_RUNNING, WORLD_OLD, "Succeeded", LOOK_WAIT },
	{ SERVICE_RUNNING, WORLD_OLD, "Failed", LOOK_WAIT },
	{ SERVICE_SUCCEEDED, WORLD_NEW, "Updating", LOOK_WAIT },
	{ SERVICE_SUCCEEDED, WORLD_OLD, "Updating", LOOK_WAIT },
	{ 0, WORLD_OLD, "Updating", LOOK_WAIT },
	{ 0, WORLD_NEW, "Updating", LOOK_WAIT },
	{ 0, WORLD_OLD, "SystemMaintenance", LOOK_WAIT },
	/* What Azure ended otherwise is put back. */
	{ SERVICE_FAILED, WORLD_NEW, "Failed", LOOK_FAILED },
	{ SERVICE_FAILED, WORLD_OLD, "Succeeded", LOOK_FAILED },
	{ SERVICE_FAILED, WORLD_OLD, "Updating", LOOK_FAILED },
	{ SERVICE_CANCELED, WORLD_OLD, "Canceled", LOOK_FAILED },
	{ SERVICE_SUCCEEDED, WORLD_NEW, "Failed", LOOK_FAILED },
	{ SERVICE_SUCCEEDED, WORLD_OLD, "Succeeded", LOOK_FAILED },
	{ 0, WORLD_NEW, "Failed", LOOK_FAILED },
	/* Nothing came of it: once more. */
	{ 0, WORLD_OLD, "Succeeded", LOOK_TODO },
	/* Not ours to mend. */
	{ 0, WORLD_OLD, "Failed", LOOK_BLOCKED },
	{ 0, WORLD_OLD, "Deprovisioned", LOOK_BLOCKED },
	{ 0, WORLD_OTHER, "Succeeded", LOOK_BLOCKED },
	{ 0, "", "Succeeded", LOOK_BLOCKED },
};

static void
progress_and_state_say_what_came_of_a_repoint(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof matrix / sizeof matrix[0]; i++) {
		struct look seen;

		world.services[0].operation_known = matrix[i].progress != 0;
		world.services[0].progress = matrix[i].progress;
		world_point(&world, 0, matrix[i].kid, matrix[i].state);
		seen = look(STEP_REPOINT);
		if (seen.state != matrix[i].wanted)
			fail_msg("row %zu: %d, %s", i, (int)seen.state, seen.text);
		assert_true(seen.state != LOOK_WAIT || seen.until_ms == WORLD_NOW + 10000);
	}
}

static void
azure_says_how_long_to_wait(void **state)
{
	(void)state;
	world_point(&world, 0, WORLD_OLD, "Updating");
	world.services[0].retry_after_ms = 1234;
	assert_int_equal(look(STEP_REPOINT).until_ms, WORLD_NOW + 1234);
}

/* Azure answers 404 for what it has forgotten as for what it has not heard of yet; a daemon that was down must not wait for ever. */
static void
an_operation_that_azure_forgot_gives_way_to_the_resource(void **state)
{
	(void)state;
	world.services[0].operation_known = true;
	world.services[0].progress = SERVICE_RUNNING;
	world.past[0].intent_ms = WORLD_NOW - 3600000;
	assert_int_equal(look(STEP_REPOINT).state, LOOK_TODO);
	world_point(&world, 0, WORLD_NEW, "Failed");
	assert_int_equal(look(STEP_REPOINT).state, LOOK_FAILED);
	assert_int_equal(look(STEP_UNDO).state, LOOK_TODO);
	world_point(&world, 0, WORLD_OLD, "Succeeded");
	assert_int_equal(look(STEP_UNDO).state, LOOK_DONE);
	world_point(&world, 0, WORLD_NEW, "Updating");
	assert_int_equal(look(STEP_REPOINT).state, LOOK_WAIT);
}

static void
a_service_that_cannot_be_read_blocks(void **state)
{
	(void)state;
	world.services[0].read = false;
	strcpy(world.services[0].why.text, "HTTP 403");
	assert_int_equal(look(STEP_REPOINT).state, LOOK_BLOCKED);
	assert_non_null(strstr(look(STEP_REPOINT).text, "HTTP 403"));
	assert_int_equal(look(STEP_UNDO).state, LOOK_BLOCKED);
}

static void
a_service_that_joined_in_the_middle_is_repointed_too(void **state)
{
	(void)state;
	world.past[0] = (struct history_service){ .id = WORLD_FHIR };
	world_point(&world, 0, WORLD_OTHER, "Succeeded");
	assert_int_equal(look(STEP_REPOINT).state, LOOK_TODO);
	world.past[0].id[0] = '\0';
	assert_int_equal(look(STEP_REPOINT).state, LOOK_TODO);
}

static void
a_first_key_is_set_on_a_service_that_has_none(void **state)
{
	(void)state;
	world.past[0].before[0] = '\0';
	world.past[0].intent_ms = 0;
	world_point(&world, 0, "", "Succeeded");
	assert_int_equal(look(STEP_REPOINT).state, LOOK_TODO);
	/* There is no way back to that: nothing is put. */
	assert_int_equal(look(STEP_UNDO).state, LOOK_DONE);
	assert_non_null(strstr(look(STEP_UNDO).text, "no customer-managed key"));
}

static void
an_answer_like_the_baseline_confirms(void **state)
{
	struct service_fact *service = &world.services[0];

	(void)state;
	world.past[0].repointed_ms = WORLD_NOW - 1000;
	assert_int_equal(look(STEP_CONFIRM).state, LOOK_TODO);
	service->probed = true;
	service->probe.outcome = SERVICE_PROBE_ANSWERS;
	assert_int_equal(look(STEP_CONFIRM).state, LOOK_DONE);
	service->probe.outcome = SERVICE_PROBE_KEY_LOST;
	assert_int_equal(look(STEP_CONFIRM).state, LOOK_WAIT);
	assert_int_equal(look(STEP_CONFIRM).until_ms, WORLD_NOW + 5000);
	world.facts.now_ms += 600000;
	assert_int_equal(look(STEP_CONFIRM).state, LOOK_FAILED);
	service->probe.outcome = SERVICE_PROBE_NO_ANSWER;
	assert_int_equal(look(STEP_CONFIRM).state, LOOK_BLOCKED);
	service->probe.outcome = SERVICE_PROBE_NOT_ALLOWED;
	assert_int_equal(look(STEP_CONFIRM).state, LOOK_BLOCKED);
	service->probe.outcome = SERVICE_PROBE_KEY_LOST;
	world.facts.now_ms = world.past[0].repointed_ms - 600000;
	assert_int_equal(look(STEP_CONFIRM).state, LOOK_FAILED);
}

static void
without_a_baseline_it_is_repointed_unconfirmed(void **state)
{
	static const enum service_probe baselines[] = { 0, SERVICE_PROBE_NOT_ALLOWED };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		world.past[0].baseline = baselines[i];
		assert_int_equal(look(STEP_CONFIRM).state, LOOK_DONE);
		assert_non_null(strstr(look(STEP_CONFIRM).text, "repointed, unconfirmed"));
	}
	world.past[0].confirm_done = true;
	assert_non_null(strstr(look(STEP_CONFIRM).text, "unconfirmed"));
	world.past[0].confirmed = true;
	assert_null(strstr(look(STEP_CONFIRM).text, "unconfirmed"));
}

static void
an_undo_waits_for_rest_and_is_done_at_the_old_version(void **state)
{
	(void)state;
	world_point(&world, 0, WORLD_NEW, "Updating");
	assert_int_equal(look(STEP_UNDO).state, LOOK_WAIT);
	world_point(&world, 0, WORLD_NEW, "Failed");
	assert_int_equal(look(STEP_UNDO).state, LOOK_TODO);
	world.services[0].operation_known = true;
	world.services[0].progress = SERVICE_RUNNING;
	assert_int_equal(look(STEP_UNDO).state, LOOK_WAIT);
	world.services[0].progress = SERVICE_FAILED;
	strcpy(world.services[0].operation_fault.text, "the vault does not answer");
	assert_int_equal(look(STEP_UNDO).state, LOOK_FAILED);
	assert_non_null(strstr(look(STEP_UNDO).text, "the vault does not answer"));
	world_point(&world, 0, WORLD_OLD, "Succeeded");
	assert_int_equal(look(STEP_UNDO).state, LOOK_DONE);
	world_point(&world, 0, WORLD_OLD, "Failed");
	world.services[0].operation_known = false;
	assert_int_equal(look(STEP_UNDO).state, LOOK_TODO);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(states_of_the_resource_manager_are_told_apart),
		CASE(progress_and_state_say_what_came_of_a_repoint),
		CASE(azure_says_how_long_to_wait),
		CASE(an_operation_that_azure_forgot_gives_way_to_the_resource),
		CASE(a_service_that_cannot_be_read_blocks),
		CASE(a_service_that_joined_in_the_middle_is_repointed_too),
		CASE(a_first_key_is_set_on_a_service_that_has_none),
		CASE(an_answer_like_the_baseline_confirms),
		CASE(without_a_baseline_it_is_repointed_unconfirmed),
		CASE(an_undo_waits_for_rest_and_is_done_at_the_old_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
