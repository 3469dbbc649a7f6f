/* What the journal says, row by row: records go through a real journal and come back as history. */
#include "book.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define KEY "https://hospital.vault.azure.net/keys/radiology/"
#define OLD KEY "00000000000000000000000000000001"
#define NEW KEY "00000000000000000000000000000002"
#define TWIN KEY "00000000000000000000000000000003"
#define FHIR "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.HealthcareApis/workspaces/rad/fhirservices/main"
#define DICOM "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.HealthcareApis/workspaces/rad/dicomservices/pacs"
#define PRINT_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define PRINT_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct book book;
static const struct history_rotation *const rotation = &book.history.rotation;

static int
setup(void **state)
{
	(void)state;
	book_begin(&book);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	book_end(&book);
	return 0;
}

static void
start(void)
{
	book_write(&book, "rotate", JOURNAL_INTENT, json_pack("{s:s,s:[{s:s,s:s,s:i},{s:s,s:s,s:i}]}", "trigger", "schedule",
	    "services", "id", FHIR, "before", OLD, "baseline", (int)SERVICE_PROBE_ANSWERS, "id", DICOM, "before", "",
	    "baseline", 0));
}

static void
reach_import(void)
{
	start();
	book_write(&book, "ready", JOURNAL_DONE, NULL);
	book_write(&book, "kek", JOURNAL_DONE, json_pack("{s:s}", "kid", KEY "kek"));
	book_write(&book, "generate", JOURNAL_INTENT, NULL);
	book_write(&book, "generate", JOURNAL_DONE, json_pack("{s:s}", "fingerprint", PRINT_A));
	book_write(&book, "wrap", JOURNAL_INTENT, NULL);
	book_write(&book, "wrap", JOURNAL_DONE, json_pack("{s:s,s:s}", "kek", KEY "kek", "blob_sha256", PRINT_B));
}

static void
reach_seal(void)
{
	reach_import();
	book_write(&book, "import", JOURNAL_INTENT, NULL);
	book_write(&book, "import", JOURNAL_DONE, json_pack("{s:s}", "kid", NEW));
	book_write(&book, "prove", JOURNAL_INTENT, NULL);
	book_write(&book, "prove", JOURNAL_DONE, NULL);
	book_write(&book, "recover", JOURNAL_DONE, NULL);
	book_write(&book, "seal", JOURNAL_INTENT, NULL);
	book_write(&book, "seal", JOURNAL_DONE, NULL);
}

static json_t *
about(const char *service, const char *before, const char *after)
{
	return json_pack("{s:s,s:s,s:s,s:s}", "service", service, "before", before, "after", after, "body_sha256", PRINT_B);
}

static json_t *
failure(const char *text, bool no_effect)
{
	return json_pack("{s:s,s:b}", "text", text, "no_effect", no_effect);
}

static json_t *
service_failure(const char *service, bool undo, bool over)
{
	return json_pack("{s:s,s:s,s:b,s:b}", "service", service, "text", "Azure said no", "undo", undo, "over", over);
}

static json_t *
operation(const char *service)
{
	return json_pack("{s:s,s:s,s:s}", "service", service, "azure_async", "https://management.azure.com/op/1", "location",
	    "https://management.azure.com/op/2");
}

static const struct history_service *
fhir(void)
{
	const struct history_service *service = history_service(&book.history, FHIR);

	assert_non_null(service);
	return service;
}

static void
an_empty_journal_is_an_empty_history(void **state)
{
	struct history none = { 0 };
	struct fault fault;

	(void)state;
	book_again(&book);
	assert_string_equal(rotation->id, "");
	assert_false(rotation->open);
	assert_null(history_version(&book.history, NEW));
	assert_null(history_service(&book.history, FHIR));
	assert_true(history_refresh(&none, NULL, BOOK_POLICY, &fault));
	assert_int_equal(none.next, 0);
}

static void
a_start_opens_a_rotation_and_keeps_what_services_named(void **state)
{
	(void)state;
	start();
	assert_true(rotation->open);
	assert_string_equal(rotation->id, BOOK_ROTATION);
	assert_string_equal(rotation->trigger, "schedule");
	assert_int_not_equal(rotation->started_ms, 0);
	assert_string_equal(fhir()->before, OLD);
	assert_true(fhir()->before_known);
	assert_int_equal(fhir()->baseline, SERVICE_PROBE_ANSWERS);
	assert_true(history_version(&book.history, OLD)->named);
	assert_int_equal(book.history.version_count, 1);
	assert_int_equal(history_service(&book.history, DICOM)->baseline, 0);
}

static void
services_are_found_in_any_case(void **state)
{
	(void)state;
	start();
	assert_non_null(history_service(&book.history,
	    "/SUBSCRIPTIONS/s1/resourcegroups/rg/providers/Microsoft.HealthcareApis/workspaces/rad/fhirservices/main"));
	book_write(&book, "repoint", JOURNAL_DONE, about(
	    "/subscriptions/s1/RESOURCEGROUPS/rg/providers/Microsoft.HealthcareApis/workspaces/rad/fhirservices/MAIN", OLD, NEW));
	assert_int_equal(book.history.service_count, 2);
	assert_int_not_equal(fhir()->repointed_ms, 0);
}

static void
each_step_leaves_what_later_ones_need(void **state)
{
	(void)state;
	reach_import();
	for (enum step_id step = STEP_READY; step <= STEP_WRAP; step++)
		assert_true(rotation->done[step]);
	assert_false(rotation->done[STEP_IMPORT]);
	assert_string_equal(rotation->kek_kid, KEY "kek");
	assert_string_equal(rotation->fingerprint, PRINT_A);
	assert_string_equal(rotation->wrap_kek_kid, KEY "kek");
	assert_string_equal(rotation->blob_sha256, PRINT_B);
	assert_int_not_equal(rotation->intent_ms[STEP_GENERATE], 0);
	assert_int_equal(rotation->intent_ms[STEP_READY], 0);
}

static void
an_import_that_was_announced_is_unknown_until_something_tells(void **state)
{
	(void)state;
	reach_import();
	assert_false(rotation->import_unknown);
	book_write(&book, "import", JOURNAL_INTENT, NULL);
	assert_true(rotation->import_unknown);
	book_write(&book, "import", JOURNAL_FAILED, failure("no answer", false));
	assert_true(rotation->import_unknown);
	book_again(&book);
	assert_true(rotation->import_unknown);
	book_write(&book, "import", JOURNAL_INTENT, NULL);
	book_write(&book, "import", JOURNAL_FAILED, failure("HTTP 403", true));
	assert_false(rotation->import_unknown);
	book_write(&book, "import", JOURNAL_FAILED, failure("blocked", false));
	assert_false(rotation->import_unknown);
	book_write(&book, "import", JOURNAL_INTENT, NULL);
	book_write(&book, "import", JOURNAL_DONE, json_pack("{s:s}", "kid", NEW));
	assert_false(rotation->import_unknown);
}

static void
an_answer_to_an_import_is_kept_although_the_vault_shows_nothing(void **state)
{
	(void)state;
	reach_import();
	book_write(&book, "import", JOURNAL_INTENT, NULL);
	book_write(&book, "import", JOURNAL_NOTE, json_pack("{s:s}", "answered", NEW));
	book_again(&book);
	assert_string_equal(rotation->answered_kid, NEW);
	assert_string_equal(rotation->kid, "");
	assert_false(rotation->done[STEP_IMPORT]);
	assert_null(history_version(&book.history, NEW));
}

static void
an_imported_version_is_known_and_not_yet_proven(void **state)
{
	const struct history_version *version;

	(void)state;
	reach_import();
	book_write(&book, "import", JOURNAL_INTENT, NULL);
	book_write(&book, "import", JOURNAL_DONE, json_pack("{s:s}", "kid", NEW));
	version = history_version(&book.history, NEW);
	assert_non_null(version);
	assert_string_equal(version->rotation, BOOK_ROTATION);
	assert_string_equal(version->fingerprint, PRINT_A);
	assert_int_not_equal(version->imported_ms, 0);
	assert_int_equal(version->proven_ms, 0);
	assert_false(version->named);
	book_write(&book, "prove", JOURNAL_DONE, NULL);
	assert_int_not_equal(history_version(&book.history, NEW)->proven_ms, 0);
}

static void
a_twin_is_remembered_as_one(void **state)
{
	(void)state;
	reach_import();
	book_write(&book, "import", JOURNAL_DONE, json_pack("{s:s,s:[s]}", "kid", NEW, "twins", TWIN));
	assert_false(history_version(&book.history, NEW)->twin);
	assert_true(history_version(&book.history, TWIN)->twin);
	assert_string_equal(history_version(&book.history, TWIN)->rotation, BOOK_ROTATION);
	assert_int_equal(history_version(&book.history, TWIN)->proven_ms, 0);
}

static void
a_key_that_is_generated_anew_takes_the_place_of_the_lost_one(void **state)
{
	(void)state;
	reach_import();
	book_write(&book, "generate", JOURNAL_INTENT, NULL);
	assert_false(rotation->done[STEP_GENERATE]);
	assert_false(rotation->done[STEP_WRAP]);
	assert_string_equal(rotation->fingerprint, "");
	book_write(&book, "generate", JOURNAL_DONE, json_pack("{s:s}", "fingerprint", PRINT_B));
	assert_string_equal(rotation->fingerprint, PRINT_B);
}

static void
failures_count_until_something_goes_well(void **state)
{
	static const char *const steps[] = { "kek", "generate", "wrap", "import", "prove", "seal", "guard" };

	(void)state;
	start();
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		book_write(&book, steps[i], JOURNAL_FAILED, failure(steps[i], true));
		assert_int_equal(rotation->failures, 1);
		assert_string_equal(rotation->failed_step, steps[i]);
		assert_string_equal(rotation->failure, steps[i]);
		assert_int_equal(rotation->failed_ms % 1000, 0);
		assert_int_not_equal(rotation->failed_ms, 0);
		book_write(&book, steps[i], JOURNAL_FAILED, failure("again", true));
		assert_int_equal(rotation->failures, 2);
		book_write(&book, steps[i], JOURNAL_DONE, json_pack("{s:s}", "kid", NEW));
		assert_int_equal(rotation->failures, 0);
	}
}

static void
a_repointed_service_names_the_new_version_for_ever(void **state)
{
	(void)state;
	reach_seal();
	book_write(&book, "repoint", JOURNAL_INTENT, about(FHIR, OLD, NEW));
	assert_int_not_equal(fhir()->intent_ms, 0);
	assert_string_equal(fhir()->body_sha256, PRINT_B);
	assert_true(history_version(&book.history, NEW)->named);
	book_write(&book, "repoint", JOURNAL_NOTE, operation(FHIR));
	assert_true(fhir()->has_operation);
	assert_string_equal(fhir()->operation.azure_async, "https://management.azure.com/op/1");
	assert_string_equal(fhir()->operation.location, "https://management.azure.com/op/2");
	book_write(&book, "repoint", JOURNAL_DONE, about(FHIR, OLD, NEW));
	assert_false(fhir()->has_operation);
	assert_int_not_equal(fhir()->repointed_ms, 0);
	assert_string_equal(fhir()->last_kid, NEW);
	book_write(&book, "confirm", JOURNAL_DONE, json_pack("{s:s,s:b}", "service", FHIR, "confirmed", 1));
	assert_true(fhir()->confirm_done);
	assert_true(fhir()->confirmed);
	book_write(&book, "confirm", JOURNAL_DONE, json_pack("{s:s,s:b}", "service", DICOM, "confirmed", 0));
	assert_true(history_service(&book.history, DICOM)->confirm_done);
	assert_false(history_service(&book.history, DICOM)->confirmed);
}

/* Else a network that is down for a moment would make a running operation be forgotten, and the PUT be sent again. */
static void
an_operation_outlives_a_look_that_failed(void **state)
{
	(void)state;
	reach_seal();
	book_write(&book, "repoint", JOURNAL_INTENT, about(FHIR, OLD, NEW));
	book_write(&book, "repoint", JOURNAL_NOTE, operation(FHIR));
	book_write(&book, "repoint", JOURNAL_FAILED, service_failure(FHIR, false, false));
	assert_true(fhir()->has_operation);
	assert_false(fhir()->failed);
	assert_int_equal(rotation->failures, 1);
	book_write(&book, "repoint", JOURNAL_FAILED, service_failure(FHIR, true, true));
	assert_false(fhir()->has_operation);
	assert_true(fhir()->failed);
}

static void
a_failed_service_is_marked_until_it_is_back(void **state)
{
	(void)state;
	reach_seal();
	book_write(&book, "repoint", JOURNAL_INTENT, about(FHIR, OLD, NEW));
	book_write(&book, "repoint", JOURNAL_FAILED, service_failure(FHIR, true, true));
	assert_true(fhir()->failed);
	book_write(&book, "undo", JOURNAL_INTENT, about(FHIR, NEW, OLD));
	book_write(&book, "undo", JOURNAL_NOTE, operation(FHIR));
	assert_true(fhir()->has_operation);
	assert_true(fhir()->failed);

	/* Putting back may fail too; that counts, and it stays to be done. */
	book_write(&book, "undo", JOURNAL_FAILED, service_failure(FHIR, true, true));
	assert_int_equal(rotation->failures, 2);
	assert_true(fhir()->failed);
	assert_false(fhir()->has_operation);
	book_write(&book, "undo", JOURNAL_INTENT, about(FHIR, NEW, OLD));
	book_write(&book, "undo", JOURNAL_DONE, about(FHIR, NEW, OLD));
	assert_false(fhir()->failed);
	assert_int_equal(fhir()->intent_ms, 0);
	assert_int_equal(fhir()->repointed_ms, 0);
	assert_string_equal(fhir()->last_kid, OLD);
	assert_true(history_version(&book.history, NEW)->named);
}

static void
a_service_that_failed_to_confirm_is_put_back_too(void **state)
{
	(void)state;
	reach_seal();
	book_write(&book, "repoint", JOURNAL_DONE, about(FHIR, OLD, NEW));
	book_write(&book, "confirm", JOURNAL_FAILED, service_failure(FHIR, true, true));
	assert_true(fhir()->failed);
	assert_string_equal(rotation->failed_step, "confirm");
}

static void
a_service_that_joins_in_the_middle_is_no_part_of_the_rotation(void **state)
{
	static const char late[] = "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.HealthcareApis/workspaces/rad/"
	    "fhirservices/late";

	(void)state;
	reach_seal();
	book_write(&book, "repoint", JOURNAL_INTENT, about(late, TWIN, NEW));
	assert_false(history_service(&book.history, late)->before_known);
	assert_true(fhir()->before_known);
}

static void
a_service_that_was_put_back_waits_for_a_word(void **state)
{
	(void)state;
	reach_seal();
	book_write(&book, "undo", JOURNAL_DONE, about(FHIR, NEW, OLD));
	assert_true(fhir()->undone);
	book_write(&book, "repoint", JOURNAL_INTENT, about(FHIR, OLD, NEW));
	assert_false(fhir()->undone);
}

static void
an_end_closes_the_rotation_and_the_next_starts_afresh(void **state)
{
	(void)state;
	reach_seal();
	book_write(&book, "repoint", JOURNAL_DONE, about(FHIR, OLD, NEW));
	book_write(&book, "guard", JOURNAL_INTENT, NULL);
	book_write(&book, "guard", JOURNAL_DONE, NULL);
	assert_true(rotation->done[STEP_GUARD]);
	book_write(&book, "rotate", JOURNAL_DONE, NULL);
	assert_false(rotation->open);
	assert_int_equal(rotation->ended_ms, book.history.success_ms);
	assert_string_equal(rotation->kid, NEW);
	start();
	assert_true(rotation->open);
	assert_string_equal(rotation->kid, "");
	assert_false(rotation->done[STEP_READY]);
	assert_int_equal(fhir()->repointed_ms, 0);
	assert_int_not_equal(book.history.success_ms, 0);
	assert_int_not_equal(history_version(&book.history, NEW)->proven_ms, 0);
}

static void
adoption_records_a_baseline(void **state)
{
	(void)state;
	reach_seal();
	book_write(&book, "rotate", JOURNAL_DONE, NULL);
	book_write_for(&book, BOOK_POLICY, "", "adopt", JOURNAL_DONE, json_pack("{s:[{s:s,s:s},{s:s,s:s}],s:[{s:s,s:s},{s:s,s:n}]}",
	    "versions", "kid", OLD, "fingerprint", PRINT_B, "kid", NEW, "fingerprint", "", "services", "id", FHIR, "kid", OLD,
	    "id", DICOM, "kid"));
	assert_true(book.history.adopted);
	assert_int_not_equal(book.history.adopted_ms, 0);
	assert_true(history_version(&book.history, OLD)->adopted);
	assert_true(history_version(&book.history, OLD)->named);
	assert_string_equal(history_version(&book.history, OLD)->fingerprint, PRINT_B);
	/* A version that is disabled shows no key; what is known of it stays. */
	assert_string_equal(history_version(&book.history, NEW)->fingerprint, PRINT_A);
	assert_string_equal(fhir()->last_kid, OLD);
	assert_string_equal(history_service(&book.history, DICOM)->last_kid, "");
}

static void
a_rollback_holds_the_schedule_until_the_next_start(void **state)
{
	(void)state;
	reach_seal();
	book_write(&book, "rotate", JOURNAL_DONE, NULL);
	book_write_for(&book, BOOK_POLICY, "", "rollback", JOURNAL_INTENT, about(FHIR, NEW, OLD));
	assert_int_not_equal(book.history.rolled_back_ms, 0);
	book_write_for(&book, BOOK_POLICY, "", "rollback", JOURNAL_NOTE, operation(FHIR));
	assert_true(fhir()->has_operation);
	book_write_for(&book, BOOK_POLICY, "", "rollback", JOURNAL_FAILED, service_failure(FHIR, false, false));
	assert_false(fhir()->has_operation);
	book_write_for(&book, BOOK_POLICY, "", "rollback", JOURNAL_NOTE, operation(FHIR));
	book_write_for(&book, BOOK_POLICY, "", "rollback", JOURNAL_INTENT, about(FHIR, NEW, OLD));
	assert_false(fhir()->has_operation);
	book_write_for(&book, BOOK_POLICY, "", "rollback", JOURNAL_DONE, about(FHIR, NEW, OLD));
	assert_string_equal(fhir()->last_kid, OLD);
	assert_true(history_version(&book.history, OLD)->named);
	start();
	assert_int_equal(book.history.rolled_back_ms, 0);
}

static void
a_revalidation_is_followed_and_holds_nothing(void **state)
{
	(void)state;
	start();
	book_write_for(&book, BOOK_POLICY, "", "revalidate", JOURNAL_NOTE, operation(FHIR));
	assert_true(fhir()->has_operation);
	book_write_for(&book, BOOK_POLICY, "", "revalidate", JOURNAL_DONE, about(FHIR, OLD, OLD));
	assert_false(fhir()->has_operation);
	book_write_for(&book, BOOK_POLICY, "", "revalidate", JOURNAL_NOTE, operation(FHIR));
	book_write_for(&book, BOOK_POLICY, "", "revalidate", JOURNAL_FAILED, service_failure(FHIR, false, false));
	assert_false(fhir()->has_operation);
	book_write_for(&book, BOOK_POLICY, "", "revalidate", JOURNAL_NOTE, operation(FHIR));
	book_write_for(&book, BOOK_POLICY, "", "revalidate", JOURNAL_INTENT, about(FHIR, OLD, OLD));
	assert_false(fhir()->has_operation);
	assert_int_equal(book.history.rolled_back_ms, 0);
}

static void
a_carried_key_is_known_as_sent_and_then_as_proven(void **state)
{
	const struct history_byok *byok = &book.history.byok;

	(void)state;
	book_write_for(&book, BOOK_POLICY, "", "byok", JOURNAL_INTENT, json_pack("{s:s}", "fingerprint", PRINT_A));
	assert_true(byok->unknown);
	assert_string_equal(byok->fingerprint, PRINT_A);
	assert_int_not_equal(byok->sent_ms, 0);
	book_write_for(&book, BOOK_POLICY, "", "byok", JOURNAL_NOTE, json_pack("{s:s}", "answered", NEW));
	assert_string_equal(byok->answered_kid, NEW);
	book_write_for(&book, BOOK_POLICY, "", "byok", JOURNAL_FAILED, failure("no answer", false));
	assert_true(byok->unknown);
	assert_string_equal(byok->answered_kid, NEW);
	book_write_for(&book, BOOK_POLICY, "", "byok", JOURNAL_FAILED, json_pack("{s:s,s:s}", "text", "another key",
	    "other_kid", NEW));
	assert_false(byok->unknown);
	assert_string_equal(byok->other_kid, NEW);
	book_write_for(&book, BOOK_POLICY, "", "byok", JOURNAL_INTENT, json_pack("{s:s}", "fingerprint", PRINT_A));
	assert_string_equal(byok->answered_kid, "");
	assert_true(byok->unknown);
	book_write_for(&book, BOOK_POLICY, "", "byok", JOURNAL_FAILED, failure("HTTP 403", true));
	assert_false(byok->unknown);
	book_write_for(&book, BOOK_POLICY, "", "byok", JOURNAL_INTENT, json_pack("{s:s}", "fingerprint", PRINT_A));
	book_write_for(&book, BOOK_POLICY, "", "byok", JOURNAL_DONE, json_pack("{s:s,s:s}", "kid", NEW, "fingerprint", PRINT_A));
	assert_false(byok->unknown);
	assert_int_not_equal(history_version(&book.history, NEW)->proven_ms, 0);
	assert_int_not_equal(history_version(&book.history, NEW)->imported_ms, 0);
	assert_false(history_version(&book.history, NEW)->adopted);
}

static void
other_policies_and_other_records_change_nothing(void **state)
{
	uint64_t next;

	(void)state;
	start();
	next = book.history.next;
	book_write_for(&book, "cardiology-cmk", "ffeeddccbbaa99887766554433221100", "rotate", JOURNAL_INTENT, NULL);
	book_write_for(&book, "cardiology-cmk", "ffeeddccbbaa99887766554433221100", "import", JOURNAL_DONE,
	    json_pack("{s:s}", "kid", TWIN));
	book_write(&book, "observe", JOURNAL_NOTE, NULL);
	book_write_for(&book, BOOK_POLICY, "", "rotate", JOURNAL_FAILED, failure("not ready", true));
	assert_int_equal(book.history.next, next + 4);
	assert_string_equal(rotation->id, BOOK_ROTATION);
	assert_true(rotation->open);
	assert_int_equal(rotation->failures, 0);
	assert_null(history_version(&book.history, TWIN));
}

/* A rotation cut after any of its records comes back as it was: what was taken in bit by bit is what one reading gives. */
static void
one_reading_gives_what_bits_gave(void **state)
{
	struct history bits;

	(void)state;
	reach_seal();
	book_write(&book, "repoint", JOURNAL_INTENT, about(FHIR, OLD, NEW));
	book_write(&book, "repoint", JOURNAL_NOTE, operation(FHIR));
	bits = book.history;
	book.history = (struct history){ 0 };
	book_again(&book);
	assert_int_equal(book.history.next, bits.next);
	assert_memory_equal(&book.history.rotation, &bits.rotation, sizeof bits.rotation);
	assert_int_equal(book.history.version_count, bits.version_count);
	assert_memory_equal(book.history.versions, bits.versions, bits.version_count * sizeof *bits.versions);
	assert_memory_equal(book.history.services, bits.services, bits.service_count * sizeof *bits.services);
	history_clear(&bits);
	assert_null(bits.versions);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_empty_journal_is_an_empty_history),
		CASE(a_start_opens_a_rotation_and_keeps_what_services_named),
		CASE(services_are_found_in_any_case),
		CASE(each_step_leaves_what_later_ones_need),
		CASE(an_import_that_was_announced_is_unknown_until_something_tells),
		CASE(an_answer_to_an_import_is_kept_although_the_vault_shows_nothing),
		CASE(an_imported_version_is_known_and_not_yet_proven),
		CASE(a_twin_is_remembered_as_one),
		CASE(a_key_that_is_generated_anew_takes_the_place_of_the_lost_one),
		CASE(failures_count_until_something_goes_well),
		CASE(a_repointed_service_names_the_new_version_for_ever),
		CASE(an_operation_outlives_a_look_that_failed),
		CASE(a_failed_service_is_marked_until_it_is_back),
		CASE(a_service_that_failed_to_confirm_is_put_back_too),
		CASE(a_service_that_joins_in_the_middle_is_no_part_of_the_rotation),
		CASE(a_service_that_was_put_back_waits_for_a_word),
		CASE(an_end_closes_the_rotation_and_the_next_starts_afresh),
		CASE(adoption_records_a_baseline),
		CASE(a_rollback_holds_the_schedule_until_the_next_start),
		CASE(a_revalidation_is_followed_and_holds_nothing),
		CASE(a_carried_key_is_known_as_sent_and_then_as_proven),
		CASE(other_policies_and_other_records_change_nothing),
		CASE(one_reading_gives_what_bits_gave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
