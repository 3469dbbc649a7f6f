/* Which version is which, what is usable, when the next rotation is due, and other small things that are asked of facts. */
#include "facts.h"
#include "look.h"
#include "observe_vault.h"
#include "schedule.h"
#include "step.h"
#include "stepname.h"
#include "tag.h"
#include "timejson.h"
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static struct world world;

static int
setup(void **state)
{
	(void)state;
	world_begin(&world);
	return 0;
}

static void
every_step_has_a_name_of_its_own_and_a_row(void **state)
{
	(void)state;
	for (enum step_id step = 0; step < STEP_COUNT; step++) {
		assert_non_null(stepname_print(step));
		assert_string_not_equal(stepname_print(step), "");
		assert_int_equal(stepname_parse(stepname_print(step)), step);
		assert_non_null(step_row(step)->outcome);
		/* What acts announces itself. */
		assert_true((step_row(step)->act == NULL) == (step_row(step)->intent == NULL));
	}
	assert_string_equal(stepname_print(STEP_COUNT), "");
	assert_int_equal(stepname_parse("Import"), STEP_COUNT);
	assert_int_equal(stepname_parse(""), STEP_COUNT);
}

static void
the_newest_is_the_last_of_the_policys_own_key(void **state)
{
	struct version_fact *version;

	(void)state;
	version = world_add(&world, WORLD_NEW);
	assert_ptr_equal(facts_newest(&world.facts), version);
	version->exists = false;
	assert_ptr_equal(facts_newest(&world.facts), &world.versions[0]);
	version->exists = true;
	version->of_policy_key = false;
	assert_ptr_equal(facts_newest(&world.facts), &world.versions[0]);
	world.versions[0].exists = false;
	assert_null(facts_newest(&world.facts));
}

static void
in_use_is_what_services_name_or_else_what_is_proven(void **state)
{
	struct version_fact *version;

	(void)state;
	version = world_add(&world, WORLD_NEW);
	version->proven = true;
	assert_ptr_equal(facts_in_use(&world.facts), &world.versions[0]);
	version->named_now = true;
	assert_ptr_equal(facts_in_use(&world.facts), version);
	world.facts.service_count = 0;
	version->named_now = false;
	assert_ptr_equal(facts_in_use(&world.facts), version);
	version->proven = world.versions[0].proven = false;
	assert_null(facts_in_use(&world.facts));
}

/* A version of another key stands last in the list, and may be the oldest all the same. */
static void
in_use_is_the_newest_by_its_creation(void **state)
{
	struct version_fact *version = world_add(&world, WORLD_VAULT "/keys/formerly/00000000000000000000000000000009");

	(void)state;
	version->of_policy_key = false;
	version->named_now = true;
	version->key.item.created--;
	assert_ptr_equal(facts_in_use(&world.facts), &world.versions[0]);
	version->key.item.created += 2;
	assert_ptr_equal(facts_in_use(&world.facts), version);

	/* Of one second: the policy's key, and of that the later in the list. */
	version->key.item.created--;
	assert_ptr_equal(facts_in_use(&world.facts), &world.versions[0]);
	version->of_policy_key = true;
	assert_ptr_equal(facts_in_use(&world.facts), version);
}

/* What a vault hides of a disabled KEK is not what is wrong with it. */
static void
a_disabled_kek_is_told_as_disabled(void **state)
{
	struct vault_key kek = { .item = { .kid = WORLD_KEK } };
	char why[300];

	(void)state;
	observe_judge_kek(&kek, WORLD_VAULT, WORLD_NOW, why);
	assert_string_equal(why, "is disabled");
	kek.item.enabled = true;
	strcpy(kek.kty, "RSA");
	observe_judge_kek(&kek, WORLD_VAULT, WORLD_NOW, why);
	assert_non_null(strstr(why, "is of type RSA;"));
}

static void
versions_are_found_in_any_case(void **state)
{
	(void)state;
	world_add(&world, WORLD_KEY "00000000000000000000000000000abc");
	assert_ptr_equal(facts_version(&world.facts, "https://HOSPITAL.vault.azure.net/keys/Radiology/"
	    "00000000000000000000000000000ABC"), &world.versions[1]);
	assert_null(facts_version(&world.facts, WORLD_OTHER));
	assert_null(facts_version(&world.facts, ""));
}

static void
the_imported_version_is_known_by_record_answer_or_key(void **state)
{
	struct history_rotation *rotation = &world.history.rotation;
	struct version_fact *version;

	(void)state;
	assert_null(facts_imported(&world.facts));
	world_open(&world, STEP_IMPORT);
	assert_null(facts_imported(&world.facts));
	version = world_arrive(&world);
	assert_ptr_equal(facts_imported(&world.facts), version);

	/* Of two the older is the one; the other is its twin. */
	strcpy(world_add(&world, WORLD_OTHER)->fingerprint, rotation->fingerprint);
	assert_ptr_equal(facts_imported(&world.facts), version);
	strcpy(rotation->answered_kid, WORLD_OTHER);
	assert_ptr_equal(facts_imported(&world.facts), &world.versions[2]);
	strcpy(rotation->kid, WORLD_NEW);
	assert_ptr_equal(facts_imported(&world.facts), version);

	/* A key of the same print in another vault is not the import. */
	rotation->kid[0] = rotation->answered_kid[0] = '\0';
	version->of_policy_key = world.versions[2].of_policy_key = false;
	assert_null(facts_imported(&world.facts));

	/* No print is recorded yet: versions that show none are not it. */
	rotation->fingerprint[0] = version->fingerprint[0] = '\0';
	version->of_policy_key = true;
	assert_null(facts_imported(&world.facts));
}

static void
usable_is_there_enabled_in_date_and_with_its_operations(void **state)
{
	struct version_fact *version = &world.versions[0];
	char why[200];

	(void)state;
	assert_true(facts_usable(&world.facts, version, why));
	assert_string_equal(why, "");
	version->key.item.expires = WORLD_NOW / 1000;
	assert_false(facts_usable(&world.facts, version, why));
	assert_non_null(strstr(why, "expired"));
	version->key.item.expires = WORLD_NOW / 1000 + 1;
	assert_true(facts_usable(&world.facts, version, why));
	version->key.item.not_before = WORLD_NOW / 1000 + 1;
	assert_false(facts_usable(&world.facts, version, why));
	assert_non_null(strstr(why, "not valid yet"));
	version->key.item.not_before = WORLD_NOW / 1000;
	version->key.ops = VAULT_OP_WRAP;
	assert_false(facts_usable(&world.facts, version, why));
	assert_non_null(strstr(why, "unwrapKey"));
	version->material_read = false;
	assert_true(facts_usable(&world.facts, version, why));
	version->key.item.enabled = false;
	assert_false(facts_usable(&world.facts, version, why));
	assert_string_equal(why, "is disabled");
	version->exists = false;
	assert_false(facts_usable(&world.facts, version, why));
	assert_non_null(strstr(why, "does not exist"));
}

static void
cleared_facts_are_empty(void **state)
{
	struct facts facts = { .version_count = 1, .service_count = 1 };

	(void)state;
	facts.versions = calloc(1, sizeof *facts.versions);
	facts.services = calloc(1, sizeof *facts.services);
	facts.versions[0].key.item.tags = json_object();
	facts.services[0].state.resource = json_object();
	facts.kek.key.item.tags = json_object();
	facts_clear(&facts);
	assert_null(facts.versions);
	assert_int_equal(facts.service_count, 0);
	facts_clear(&facts);
}

static void
the_schedule_counts_from_the_last_rotation_or_the_age_of_the_key(void **state)
{
	const int64_t every_ms = 90 * INT64_C(86400000);
	char reason[SCHEDULE_REASON];
	int64_t due_ms;

	(void)state;
	assert_true(schedule_next(&world.facts, &due_ms, reason));
	assert_int_equal(due_ms, WORLD_NOW - 86400000 + every_ms);
	assert_non_null(strstr(reason, "P90D"));
	world.history.success_ms = WORLD_NOW - 5;
	assert_true(schedule_next(&world.facts, &due_ms, reason));
	assert_int_equal(due_ms, WORLD_NOW - 5 + every_ms);
	world.history.success_ms = 0;
	world.versions[0].named_now = false;
	assert_true(schedule_next(&world.facts, &due_ms, reason));
	assert_int_equal(due_ms, WORLD_NOW);
	assert_non_null(strstr(reason, "no key of ours"));
}

static void
nothing_is_due_by_itself_without_a_schedule_or_after_a_rollback(void **state)
{
	char reason[SCHEDULE_REASON];
	int64_t due_ms = 42;

	(void)state;
	world.policy.rotate.scheduled = false;
	assert_false(schedule_next(&world.facts, &due_ms, reason));
	assert_non_null(strstr(reason, "by hand only"));
	world.policy.rotate.scheduled = true;
	world.history.rolled_back_ms = WORLD_NOW;
	assert_false(schedule_next(&world.facts, &due_ms, reason));
	assert_non_null(strstr(reason, "rolled back at 2026-11-22T00:00:00Z"));
	assert_non_null(strstr(reason, "keyturn rotate radiology-cmk"));
	assert_int_equal(due_ms, 42);
}

static void
a_tag_that_is_absent_or_too_long_is_none(void **state)
{
	json_t *tags = json_pack("{s:s,s:i}", TAG_ROTATION, WORLD_ROTATION, TAG_POLICY, 7);
	char text[ROTATION_ID_SIZE] = "x";

	(void)state;
	tag_read(tags, TAG_ROTATION, text, sizeof text);
	assert_string_equal(text, WORLD_ROTATION);
	tag_read(tags, TAG_ROTATION, text, sizeof text - 1);
	assert_string_equal(text, "");
	tag_read(tags, TAG_POLICY, text, sizeof text);
	assert_string_equal(text, "");
	tag_read(NULL, TAG_ROTATION, text, sizeof text);
	assert_string_equal(text, "");
	json_decref(tags);
}

static void
a_time_that_is_not_set_is_null(void **state)
{
	json_t *time = timejson_ms(WORLD_NOW);

	(void)state;
	assert_string_equal(json_string_value(time), "2026-11-22T00:00:00Z");
	json_decref(time);
	assert_true(json_is_null(timejson_s(0)));
	assert_true(json_is_null(timejson_ms(0)));
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_step_has_a_name_of_its_own_and_a_row),
		CASE(the_newest_is_the_last_of_the_policys_own_key),
		CASE(in_use_is_what_services_name_or_else_what_is_proven),
		CASE(in_use_is_the_newest_by_its_creation),
		CASE(a_disabled_kek_is_told_as_disabled),
		CASE(versions_are_found_in_any_case),
		CASE(the_imported_version_is_known_by_record_answer_or_key),
		CASE(usable_is_there_enabled_in_date_and_with_its_operations),
		CASE(cleared_facts_are_empty),
		CASE(the_schedule_counts_from_the_last_rotation_or_the_age_of_the_key),
		CASE(nothing_is_due_by_itself_without_a_schedule_or_after_a_rollback),
		CASE(a_tag_that_is_absent_or_too_long_is_none),
		CASE(a_time_that_is_not_set_is_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
