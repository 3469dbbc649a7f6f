/* One look at each step of the vault and of the HSM, on facts made by hand. */
#include "look.h"
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

#define LOOKS(step, wanted, words)                                           \
	do {                                                                 \
		struct look seen_ = look(step);                              \
		assert_int_equal(seen_.state, wanted);                       \
		assert_non_null(strstr(seen_.text, words));                  \
	} while (0)

static int
setup(void **state)
{
	(void)state;
	world_begin(&world);
	return 0;
}

static void
recorded_steps_are_done(void **state)
{
	(void)state;
	world_open(&world, STEP_REPOINT);
	for (enum step_id step = STEP_READY; step <= STEP_SEAL; step++)
		assert_int_equal(look(step).state, LOOK_DONE);
	world_open(&world, STEP_READY);
	assert_int_equal(look(STEP_READY).state, LOOK_TODO);
	assert_int_equal(look(STEP_PROVE).state, LOOK_TODO);
	LOOKS(STEP_RECOVER, LOOK_TODO, "none");
	LOOKS(STEP_SEAL, LOOK_TODO, "seal");
}

static void
a_kek_is_used_only_if_it_is_sound_and_enrolled(void **state)
{
	(void)state;
	world_open(&world, STEP_KEK);
	LOOKS(STEP_KEK, LOOK_DONE, "is enrolled");
	world.facts.kek.enrolled_known = false;
	assert_null(strstr(look(STEP_KEK).text, "enrolled"));
	world.facts.kek.enrolled_known = true;
	world.facts.kek.enrolled = false;
	LOOKS(STEP_KEK, LOOK_BLOCKED, "keyturn kek enroll radiology-cmk");
	strcpy(world.facts.kek.unsound, "may do more than import");
	LOOKS(STEP_KEK, LOOK_BLOCKED, "may do more than import");
	world.facts.kek.found = false;
	LOOKS(STEP_KEK, LOOK_BLOCKED, "holds no KEK");
	world.policy.vault.kek.create = true;
	LOOKS(STEP_KEK, LOOK_TODO, "create KEK keyturn-kek");
}

/* Each creation makes a version: a list that lags must not make it two. */
static void
a_kek_that_was_sent_for_is_waited_for(void **state)
{
	(void)state;
	world_open(&world, STEP_KEK);
	world.facts.kek.found = false;
	world.policy.vault.kek.create = true;
	world.history.rotation.intent_ms[STEP_KEK] = WORLD_NOW - 59999;
	assert_int_equal(look(STEP_KEK).state, LOOK_WAIT);
	assert_int_equal(look(STEP_KEK).until_ms, WORLD_NOW + 1);
	world.history.rotation.intent_ms[STEP_KEK] = WORLD_NOW - 60000;
	assert_int_equal(look(STEP_KEK).state, LOOK_TODO);
}

static void
the_key_in_the_hsm_must_be_the_one_that_is_wanted(void **state)
{
	(void)state;
	world_open(&world, STEP_WRAP);
	LOOKS(STEP_GENERATE, LOOK_DONE, world.history.rotation.fingerprint);
	world.history.rotation.fingerprint[0] = 'x';
	LOOKS(STEP_GENERATE, LOOK_BLOCKED, "somebody replaced");
	world.history.rotation.fingerprint[0] = '\0';
	assert_int_equal(look(STEP_GENERATE).state, LOOK_DONE);
	world.facts.hsm.key.shape.bits = 2048;
	LOOKS(STEP_GENERATE, LOOK_BLOCKED, "RSA 2048");
	world.facts.hsm.key.has_public = false;
	LOOKS(STEP_GENERATE, LOOK_TODO, "half a key pair");
	world.facts.hsm.found = false;
	LOOKS(STEP_GENERATE, LOOK_TODO, "generate RSA 3072");
}

static void
no_second_key_is_made_while_the_first_may_have_arrived(void **state)
{
	(void)state;
	world_open(&world, STEP_IMPORT);
	world.facts.hsm.found = false;
	assert_int_equal(look(STEP_GENERATE).state, LOOK_TODO);
	world.history.rotation.import_unknown = true;
	assert_int_equal(look(STEP_GENERATE).state, LOOK_BLOCKED);
	world.history.rotation.import_unknown = false;
	world_arrive(&world);
	assert_int_equal(look(STEP_GENERATE).state, LOOK_BLOCKED);
}

static void
a_blob_counts_only_if_it_is_the_recorded_one_for_this_kek(void **state)
{
	(void)state;
	world_open(&world, STEP_IMPORT);
	assert_int_equal(look(STEP_WRAP).state, LOOK_DONE);
	strcpy(world.facts.blob.sha256, "other");
	assert_int_equal(look(STEP_WRAP).state, LOOK_TODO);
	strcpy(world.facts.blob.sha256, "b10b");
	strcpy(world.facts.kek.key.item.kid, WORLD_VAULT "/keys/keyturn-kek/0000000000000000000000000000000b");
	assert_int_equal(look(STEP_WRAP).state, LOOK_TODO);
	strcpy(world.facts.kek.key.item.kid, WORLD_KEK);
	world.facts.blob.present = false;
	assert_int_equal(look(STEP_WRAP).state, LOOK_TODO);
	world.facts.blob.present = true;
	world.history.rotation.done[STEP_WRAP] = false;
	assert_int_equal(look(STEP_WRAP).state, LOOK_TODO);
}

static void
an_import_is_sent_only_if_nothing_says_it_arrived(void **state)
{
	(void)state;
	world_open(&world, STEP_IMPORT);
	assert_int_equal(look(STEP_IMPORT).state, LOOK_TODO);
	world_arrive(&world);
	LOOKS(STEP_IMPORT, LOOK_DONE, WORLD_NEW);
}

static void
absence_counts_only_after_the_settling_time(void **state)
{
	struct history_rotation *rotation = &world.history.rotation;

	(void)state;
	world_open(&world, STEP_IMPORT);
	rotation->import_unknown = true;
	rotation->intent_ms[STEP_IMPORT] = WORLD_NOW - 59999;
	assert_int_equal(look(STEP_IMPORT).state, LOOK_WAIT);
	assert_int_equal(look(STEP_IMPORT).until_ms, WORLD_NOW + 1);
	rotation->intent_ms[STEP_IMPORT] = WORLD_NOW - 60000;
	assert_int_equal(look(STEP_IMPORT).state, LOOK_TODO);

	/* A slow answer may still have made it at its very end. */
	rotation->failed_ms = WORLD_NOW - 10000;
	assert_int_equal(look(STEP_IMPORT).state, LOOK_WAIT);
	assert_int_equal(look(STEP_IMPORT).until_ms, WORLD_NOW + 50000);
	rotation->import_unknown = false;
	assert_int_equal(look(STEP_IMPORT).state, LOOK_TODO);
}

/* Set back a little: it waits a little longer. Set back a year: it says so, and does not wait for a year, nor send again. */
static void
a_clock_that_was_set_back_neither_waits_for_ever_nor_sends_twice(void **state)
{
	struct history_rotation *rotation = &world.history.rotation;

	(void)state;
	world_open(&world, STEP_IMPORT);
	rotation->import_unknown = true;
	rotation->intent_ms[STEP_IMPORT] = WORLD_NOW + 60000;
	assert_int_equal(look(STEP_IMPORT).state, LOOK_WAIT);
	assert_int_equal(look(STEP_IMPORT).until_ms, WORLD_NOW + 120000);
	rotation->intent_ms[STEP_IMPORT] = WORLD_NOW + 60001;
	LOOKS(STEP_IMPORT, LOOK_BLOCKED, "set the clock right");
}

static void
a_version_that_is_half_visible_is_waited_for_but_not_for_ever(void **state)
{
	struct version_fact *version;

	(void)state;
	world_open(&world, STEP_IMPORT);
	world.history.rotation.intent_ms[STEP_IMPORT] = WORLD_NOW - 1000;
	version = world_arrive(&world);
	version->material_read = false;
	version->fingerprint[0] = '\0';
	assert_int_equal(look(STEP_IMPORT).state, LOOK_WAIT);
	assert_int_equal(look(STEP_IMPORT).until_ms, WORLD_NOW + 5000);
	world.facts.now_ms += 600000;
	LOOKS(STEP_IMPORT, LOOK_BLOCKED, "disabled or deleted");
}

static void
an_answered_import_is_never_sent_again(void **state)
{
	(void)state;
	world_open(&world, STEP_IMPORT);
	world.history.rotation.intent_ms[STEP_IMPORT] = WORLD_NOW - 1000;
	strcpy(world.history.rotation.answered_kid, WORLD_NEW);
	LOOKS(STEP_IMPORT, LOOK_WAIT, WORLD_NEW);
	world.facts.now_ms += 365 * INT64_C(86400000);
	assert_int_equal(look(STEP_IMPORT).state, LOOK_BLOCKED);
	world.facts.now_ms -= 730 * INT64_C(86400000);
	assert_int_equal(look(STEP_IMPORT).state, LOOK_BLOCKED);
	world_arrive(&world);
	assert_int_equal(look(STEP_IMPORT).state, LOOK_DONE);
}

static void
a_recorded_import_that_is_gone_blocks(void **state)
{
	(void)state;
	world_open(&world, STEP_PROVE);
	assert_int_equal(look(STEP_IMPORT).state, LOOK_DONE);
	world.versions[1].exists = false;
	LOOKS(STEP_IMPORT, LOOK_BLOCKED, WORLD_NEW);
}

static void
guard_wants_every_named_version_usable(void **state)
{
	(void)state;
	world_open(&world, STEP_GUARD);
	assert_int_equal(look(STEP_GUARD).state, LOOK_DONE);
	world.versions[0].key.item.enabled = false;
	LOOKS(STEP_GUARD, LOOK_BLOCKED, "is disabled");
	world.policy.repair_previous = true;
	LOOKS(STEP_GUARD, LOOK_TODO, "enable version");
	world.versions[0].exists = false;
	LOOKS(STEP_GUARD, LOOK_BLOCKED, "does not exist");
	world.versions[0].exists = world.versions[0].key.item.enabled = true;
	world.versions[0].key.item.expires = 1;
	LOOKS(STEP_GUARD, LOOK_BLOCKED, "expired");
	world.versions[0].named = false;
	assert_int_equal(look(STEP_GUARD).state, LOOK_DONE);
	world.versions[0].named = true;
	world.history.rotation.done[STEP_GUARD] = true;
	assert_int_equal(look(STEP_GUARD).state, LOOK_DONE);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(recorded_steps_are_done),
		CASE(a_kek_is_used_only_if_it_is_sound_and_enrolled),
		CASE(a_kek_that_was_sent_for_is_waited_for),
		CASE(the_key_in_the_hsm_must_be_the_one_that_is_wanted),
		CASE(no_second_key_is_made_while_the_first_may_have_arrived),
		CASE(a_blob_counts_only_if_it_is_the_recorded_one_for_this_kek),
		CASE(an_import_is_sent_only_if_nothing_says_it_arrived),
		CASE(absence_counts_only_after_the_settling_time),
		CASE(a_clock_that_was_set_back_neither_waits_for_ever_nor_sends_twice),
		CASE(a_version_that_is_half_visible_is_waited_for_but_not_for_ever),
		CASE(an_answered_import_is_never_sent_again),
		CASE(a_recorded_import_that_is_gone_blocks),
		CASE(guard_wants_every_named_version_usable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
