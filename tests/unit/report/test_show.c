#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scope.h"
#include "show.h"

#include <string.h>

static struct journal_record
record_of(const char *step, enum journal_phase phase, json_t *object)
{
	return (struct journal_record){ .n = 12, .wall_ms = INT64_C(1795312200123), .policy = "radiology-cmk",
		.rotation = "00112233445566778899aabbccddeeff", .step = step, .phase = phase,
		.detail = json_object_get(object, "detail"), .object = object };
}

static void
a_record_becomes_a_line_that_says_what_happened(void **state)
{
	SCOPE(json) json_t *object = json_pack("{s:s, s:{s:s, s:s, s:i, s:b, s:[ss], s:{s:s, s:i}, s:n, s:s}}", "reason",
	    "every P90D has passed", "detail", "kid", "https://h.vault.azure.net/keys/radiology-cmk/0a1b", "fingerprint",
	    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "status", 200, "zero_padded", 1, "twins",
	    "a", "b", "hsm", "serial", "1234", "slot", 7, "nothing", "empty", "");
	struct journal_record record = record_of("import", JOURNAL_DONE, object);
	SCOPE(free) char *line = NULL;

	(void)state;
	assert_true(show_line(&record, &line, NULL));
	assert_string_equal(line, "   12  2026-11-22T01:50:00Z  radiology-cmk     00112233  import      done    The vault "
	    "holds the new version: every P90D has passed; kid radiology-cmk/0a1b, fingerprint 000102030405\xe2\x80\xa6, status "
	    "200, zero_padded yes, twins (2), hsm.serial 1234, hsm.slot 7");

	/* For programs: every member as it stands, and the sentence. */
	SCOPE(json) json_t *shown = show_json(&record);
	assert_non_null(json_object_get(shown, "detail"));
	assert_memory_equal(json_string_value(json_object_get(shown, "text")), "The vault holds", 15);
	assert_null(json_object_get(object, "text"));
}

static void
every_step_has_words_for_every_phase_and_others_are_shown_by_name(void **state)
{
	static const char *const steps[] = { "start", "stop", "cut", "rotate", "ready", "kek", "generate", "wrap", "import",
		"prove", "recover", "seal", "repoint", "confirm", "guard", "undo", "adopt", "rollback", "revalidate", "enroll",
		"sweep", "observe", "byok" };
	SCOPE(json) json_t *object = json_pack("{s:{}}", "detail");

	(void)state;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		for (enum journal_phase phase = JOURNAL_INTENT; phase <= JOURNAL_NOTE; phase++) {
			struct journal_record record = record_of(steps[i], phase, object);
			SCOPE(free) char *text = NULL;

			assert_true(show_sentence(&record, &text, NULL));
			assert_true(text[0] >= 'A' && text[0] <= 'Z');
		}
	}
	struct journal_record later = record_of("notarise", JOURNAL_FAILED, object);
	SCOPE(free) char *text = NULL;
	assert_true(show_sentence(&later, &text, NULL));
	assert_string_equal(text, "notarise, failed");
}

static void
the_filter_looks_at_policy_rotation_and_time(void **state)
{
	SCOPE(json) json_t *object = json_pack("{s:{}}", "detail");
	struct journal_record record = record_of("import", JOURNAL_DONE, object);

	(void)state;
	assert_true(show_matches(NULL, &record));
	assert_true(show_matches(&(struct show_filter){ .policy = "radiology-cmk" }, &record));
	assert_false(show_matches(&(struct show_filter){ .policy = "radiology" }, &record));
	assert_true(show_matches(&(struct show_filter){ .rotation = "0011" }, &record));
	assert_true(show_matches(&(struct show_filter){ .rotation = "00112233445566778899AABBCCDDEEFF" }, &record));
	assert_false(show_matches(&(struct show_filter){ .rotation = "0012" }, &record));
	assert_true(show_matches(&(struct show_filter){ .since_ms = record.wall_ms }, &record));
	assert_false(show_matches(&(struct show_filter){ .since_ms = record.wall_ms + 1 }, &record));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_becomes_a_line_that_says_what_happened),
		cmocka_unit_test(every_step_has_words_for_every_phase_and_others_are_shown_by_name),
		cmocka_unit_test(the_filter_looks_at_policy_rotation_and_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
