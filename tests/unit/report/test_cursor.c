#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cursor.h"
#include "scope.h"

#include <string.h>

/* A state folder with a journal, and what a consumer was told. */
struct place {
	char path[64];
	struct journal *journal;
	uint64_t told[64];
	bool again[64];
	size_t count;
	uint64_t refuse;		/* telling this record fails */
};

static void
append(struct place *place, int count)
{
	struct journal_entry entry = { .step = "observe", .phase = JOURNAL_NOTE };

	while (count-- > 0)
		assert_true(journal_append(place->journal, &entry, NULL, NULL));
}

static void
place_open(struct place *place, int count)
{
	struct journal_options options = { place->path, false, "keyturn test" };

	*place = (struct place){ .path = "/tmp/keyturn-report-XXXXXX", .refuse = UINT64_MAX };
	assert_non_null(mkdtemp(place->path));
	assert_true(journal_open(&options, disk_system(), clock_system(), &place->journal, NULL));
	append(place, count);
}

static void
place_close(struct place *place)
{
	static const char *const names[] = { "journal.jsonl", "head", "journal.lock", "hooks.cursor" };
	char path[128];

	journal_close(place->journal);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", place->path, names[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(place->path), 0);
}

static bool
tell(void *context, const struct cursor_record *record, struct fault *fault)
{
	struct place *place = context;

	if (record->record->n == place->refuse)
		return fault_set(fault, FAULT_UNAVAILABLE, "nobody listens");
	assert_int_equal(strlen(record->sha256), 64);
	place->told[place->count] = record->record->n;
	place->again[place->count++] = record->again;
	return true;
}

/* Run the consumer as a process of its own would: open, run, forget. */
static bool
run(struct place *place, const struct disk *disk, struct fault *fault)
{
	SCOPE(cursor) struct cursor *cursor = NULL;

	return cursor_open(place->path, "hooks", disk, &cursor, fault) &&
	    cursor_run(cursor, place->journal, tell, place, fault);
}

static void
each_record_is_told_once_across_runs(void **state)
{
	struct place place;
	struct fault fault;

	(void)state;
	place_open(&place, 3);
	assert_true(run(&place, disk_system(), &fault));
	assert_true(run(&place, disk_system(), &fault));
	assert_int_equal(place.count, 4);
	append(&place, 2);
	assert_true(run(&place, disk_system(), &fault));
	assert_int_equal(place.count, 6);
	for (size_t i = 0; i < place.count; i++) {
		assert_int_equal(place.told[i], i);
		assert_false(place.again[i]);
	}
	place_close(&place);
}

static void
a_record_that_could_not_be_told_comes_again_and_says_so(void **state)
{
	struct place place;
	struct fault fault;

	(void)state;
	place_open(&place, 3);
	place.refuse = 2;
	assert_false(run(&place, disk_system(), &fault));
	assert_int_equal(fault.code, FAULT_UNAVAILABLE);
	assert_int_equal(place.count, 2);
	place.refuse = UINT64_MAX;
	assert_true(run(&place, disk_system(), &fault));
	assert_int_equal(place.count, 4);
	assert_int_equal(place.told[2], 2);
	assert_true(place.again[2]);
	assert_false(place.again[3]);
	place_close(&place);
}

static int renames, rename_fails_at;

static int
count_rename(void *context, const char *from, const char *to)
{
	(void)context;
	if (++renames == rename_fails_at)
		return -1;
	return disk_system()->rename(NULL, from, to);
}

static void
wherever_its_disk_fails_nothing_is_forgotten_and_what_comes_twice_says_so(void **state)
{
	struct disk disk = *disk_system();

	(void)state;
	disk.rename = count_rename;
	for (rename_fails_at = 1; rename_fails_at <= 8; rename_fails_at++) {
		struct place place;
		struct fault fault;
		bool seen[4] = { false };

		place_open(&place, 3);
		renames = 0;
		assert_false(run(&place, &disk, &fault));
		assert_true(run(&place, disk_system(), &fault));
		for (size_t i = 0; i < place.count; i++) {
			assert_true(!seen[place.told[i]] || place.again[i]);
			seen[place.told[i]] = true;
		}
		assert_true(seen[0] && seen[1] && seen[2] && seen[3]);
		assert_in_range(place.count, 4, 5);
		place_close(&place);
	}
}

static void
a_cursor_of_another_journal_or_a_damaged_one_is_refused(void **state)
{
	struct place ours, theirs;
	struct fault fault;
	char from[128], to[128];

	(void)state;
	place_open(&ours, 5);
	place_open(&theirs, 5);
	assert_true(run(&theirs, disk_system(), &fault));
	snprintf(from, sizeof from, "%s/hooks.cursor", theirs.path);
	snprintf(to, sizeof to, "%s/hooks.cursor", ours.path);
	assert_int_equal(rename(from, to), 0);
	assert_false(run(&ours, disk_system(), &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	assert_non_null(strstr(fault.text, "does not belong to this journal"));
	assert_int_equal(ours.count, 0);

	/* One that is further than the journal. */
	append(&theirs, 5);
	assert_true(run(&theirs, disk_system(), &fault));
	assert_int_equal(rename(from, to), 0);
	assert_false(run(&ours, disk_system(), &fault));
	assert_int_equal(fault.code, FAULT_DATA);

	FILE *file = fopen(to, "we");
	fputs("{\"v\":1,\"next\":3}", file);
	fclose(file);
	assert_false(run(&ours, disk_system(), &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	assert_non_null(strstr(fault.text, "is damaged"));
	struct cursor *cursor = NULL;
	assert_false(cursor_open(ours.path, "../head", disk_system(), &cursor, &fault));
	assert_int_equal(fault.code, FAULT_INTERNAL);
	place_close(&ours);
	place_close(&theirs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_record_is_told_once_across_runs),
		cmocka_unit_test(a_record_that_could_not_be_told_comes_again_and_says_so),
		cmocka_unit_test(wherever_its_disk_fails_nothing_is_forgotten_and_what_comes_twice_says_so),
		cmocka_unit_test(a_cursor_of_another_journal_or_a_damaged_one_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
