#include "folder.h"
#include "actor.h"
#include "record.h"

#define HASH "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define FRAME "{\"v\":1,\"n\":7,\"prev\":\"" HASH "\",\"t\":\"2026-11-22T01:45:00.123Z\","
#define BODY "\"step\":\"import\",\"phase\":\"done\",\"actor\":{},\"detail\":{\"a\":1}}"

static void
a_printed_record_is_parsed_back(void **state)
{
	SCOPE(actor) struct actor *actor = NULL;
	SCOPE(free) char *text = NULL;
	SCOPE(json) json_t *object = NULL;
	SCOPE(json) json_t *detail = json_pack("{s:s, s:f}", "kid", "https://x/keys/y", "f", 0.25);
	struct journal_entry entry = { "p", "00112233445566778899aabbccddeeff", "repoint", JOURNAL_FAILED, "why", "T-1",
		HASH, detail };
	struct journal_record record;
	uint8_t prev[DIGEST_SIZE];
	char line[4096];

	(void)state;
	for (int i = 0; i < DIGEST_SIZE; i++)
		prev[i] = (uint8_t)i;
	assert_true(actor_new("keyturn 1", &actor, NULL));
	assert_true(record_print(&entry, actor, INT64_C(1795312200123), &text, NULL));
	size_t size = record_print_frame(UINT64_MAX, prev, line);
	assert_string_equal(line, "{\"v\":1,\"n\":18446744073709551615,\"prev\":\"" HASH "\",");
	size = record_print_frame(7, prev, line);
	strcpy(line + size, text);
	assert_true(record_parse(line, strlen(line), &object, &record, NULL));
	assert_int_equal(record.n, 7);
	assert_string_equal(record.policy, "p");
	assert_string_equal(record.rotation, "00112233445566778899aabbccddeeff");
	assert_string_equal(record.step, "repoint");
	assert_int_equal(record.phase, JOURNAL_FAILED);
	assert_int_equal(record.wall_ms, INT64_C(1795312200123));
	assert_true(json_equal(record.detail, detail));

	/* The members in the promised order. */
	static const char *const order[] = { "v", "n", "prev", "t", "policy", "rotation", "step", "phase", "actor", "reason",
		"ticket", "policy_sha256", "detail" };
	const char *name;
	json_t *value;
	size_t i = 0;
	json_object_foreach(object, name, value)
		assert_string_equal(name, order[i++]);
	assert_int_equal(i, sizeof order / sizeof order[0]);
}

static void
what_is_absent_reads_as_empty(void **state)
{
	SCOPE(json) json_t *object = NULL;
	struct journal_record record;

	(void)state;
	assert_true(record_parse(FRAME BODY, strlen(FRAME BODY), &object, &record, NULL));
	assert_string_equal(record.policy, "");
	assert_string_equal(record.rotation, "");
	assert_int_equal(record.phase, JOURNAL_DONE);
}

static const char *const bad_frames[] = {
	"", "{}", "{\"v\":2,\"n\":7,\"prev\":\"" HASH "\",", "{\"v\":1,\"n\":07,\"prev\":\"" HASH "\",",
	"{\"v\":1,\"n\":-7,\"prev\":\"" HASH "\",", "{\"v\":1,\"n\":,\"prev\":\"" HASH "\",",
	"{\"v\":1,\"n\":18446744073709551616,\"prev\":\"" HASH "\",", "{\"v\":1, \"n\":7,\"prev\":\"" HASH "\",",
	"{\"v\":1,\"n\":7,\"prev\":\"0001\",", "{\"v\":1,\"n\":7,\"prev\":\"" HASH "00\",",
	"{\"v\":1,\"n\":7,\"prev\":\"A00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\",",
	"{\"v\":1,\"n\":7,\"prev\":\"" HASH "\",\"policy\":\"x\",\"t\":\"2026-11-22T01:45:00.123Z\",",
	"{\"v\":1,\"n\":7,\"prev\":\"" HASH "\",\"t\":\"2026-11-22T01:45:00Z\",",
	"{\"v\":1,\"n\":7,\"prev\":\"" HASH "\",\"t\":\"2026-11-22 01:45:00.123Z\",",
	"{\"v\":1,\"n\":7,\"prev\":\"" HASH "",
};

static void
a_frame_is_read_strictly_and_never_too_far(void **state)
{
	struct record_frame frame;
	struct fault fault;

	(void)state;
	assert_true(record_parse_frame(FRAME, strlen(FRAME), &frame, &fault));
	assert_int_equal(frame.n, 7);
	assert_memory_equal(frame.prev, HASH, 64);
	assert_memory_equal(frame.time, "2026-11-22T01:45:00.123Z", RECORD_TIME_SIZE);
	for (size_t i = 0; i < sizeof bad_frames / sizeof bad_frames[0]; i++) {
		assert_false(record_parse_frame(bad_frames[i], strlen(bad_frames[i]), &frame, &fault));
		assert_int_equal(fault.code, FAULT_DATA);
	}
	for (size_t size = 0; size < strlen(FRAME); size++) {
		SCOPE(free) char *copy = malloc(size + 1);

		memcpy(copy, FRAME, size);
		copy = realloc(copy, size == 0 ? 1 : size);
		assert_false(record_parse_frame(copy, size, &frame, &fault));
	}
}

static const char *const bad_bodies[] = {
	"\"step\":\"import\"", "\"phase\":\"done\",\"detail\":{}}", "\"step\":\"import\",\"phase\":\"doing\",\"detail\":{}}",
	"\"step\":\"import\",\"phase\":\"done\",\"detail\":[]}", "\"step\":\"import\",\"phase\":\"done\"}",
	"\"step\":\"import\",\"step\":\"prove\",\"phase\":\"done\",\"detail\":{}}", "\"step\":1,\"phase\":\"done\",\"detail\":{}}",
	"\"step\":\"import\",\"phase\":\"done\",\"policy\":3,\"detail\":{}}",
};

static void
a_record_that_lacks_what_it_needs_is_refused_by_number(void **state)
{
	struct journal_record record;
	struct fault fault;
	char line[1024];

	(void)state;
	for (size_t i = 0; i < sizeof bad_bodies / sizeof bad_bodies[0]; i++) {
		json_t *object = NULL;

		snprintf(line, sizeof line, "%s%s", FRAME, bad_bodies[i]);
		assert_false(record_parse(line, strlen(line), &object, &record, &fault));
		assert_int_equal(fault.code, FAULT_DATA);
		assert_non_null(strstr(fault.text, "Record 7"));
		assert_null(object);
	}
}

static void
every_phase_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(journal_phase_name(JOURNAL_INTENT), "intent");
	assert_string_equal(journal_phase_name(JOURNAL_DONE), "done");
	assert_string_equal(journal_phase_name(JOURNAL_FAILED), "failed");
	assert_string_equal(journal_phase_name(JOURNAL_NOTE), "note");
	assert_string_equal(journal_phase_name(0), "unknown");
	assert_string_equal(journal_phase_name(JOURNAL_NOTE + 1), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_printed_record_is_parsed_back),
		cmocka_unit_test(what_is_absent_reads_as_empty),
		cmocka_unit_test(a_frame_is_read_strictly_and_never_too_far),
		cmocka_unit_test(a_record_that_lacks_what_it_needs_is_refused_by_number),
		cmocka_unit_test(every_phase_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
