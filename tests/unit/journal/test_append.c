#include "folder.h"
#include "encode.h"
#include "lock.h"
#include "verify.h"

#include <errno.h>
#include <fcntl.h>

/* The state folder of an agent that was killed: records in the file, a head that counts only the first. */
static struct folder *
killed_with(int count, char **ret_bytes, size_t *ret_size)
{
	struct folder *folder = folder_with(0);
	size_t head_size;
	SCOPE(free) char *head = folder_read(folder, "head", &head_size);
	struct journal *journal = folder_open(folder);

	for (int i = 0; i < count; i++)
		folder_append(journal, i);
	journal_close(journal);
	folder_write(folder, "head", head, head_size);
	*ret_bytes = folder_read(folder, "journal.jsonl", ret_size);
	return folder;
}

/* The last record of a journal, as far as the tests ask for it. */
struct last {
	uint64_t n;
	char step[16], sha256[DIGEST_HEX_SIZE];
	int64_t offset, bytes;
};

static bool
note_last(void *context, const struct journal_record *record, struct fault *fault)
{
	struct last *last = context;
	const char *hex = json_string_value(json_object_get(record->detail, "sha256"));

	(void)fault;
	last->n = record->n;
	snprintf(last->step, sizeof last->step, "%s", record->step);
	snprintf(last->sha256, sizeof last->sha256, "%s", hex == NULL ? "" : hex);
	last->offset = json_integer_value(json_object_get(record->detail, "offset"));
	last->bytes = json_integer_value(json_object_get(record->detail, "bytes"));
	return true;
}

/* With these bytes as journal: it opens, keeps all whole lines, and records exactly what it cut. */
static void
assert_heals(const struct folder *folder, const char *bytes, size_t size, size_t whole, uint64_t records)
{
	char hex[DIGEST_HEX_SIZE];
	uint8_t digest[DIGEST_SIZE];
	struct last last = { .n = 0 };
	struct journal *journal;

	folder_write(folder, "journal.jsonl", bytes, size);
	journal = folder_open(folder);
	assert_true(journal_read(journal, 0, note_last, &last, NULL));
	if (whole == size) {
		assert_int_equal(last.n, records - 1);
	} else {
		assert_int_equal(last.n, records);
		assert_string_equal(last.step, "cut");
		assert_int_equal(last.offset, whole);
		assert_int_equal(last.bytes, size - whole);
		assert_true(digest_sha256(bytes + whole, size - whole, digest, NULL));
		assert_string_equal(last.sha256, encode_hex(digest, DIGEST_SIZE, hex));
	}
	folder_append(journal, 99);
	journal_close(journal);
}

enum { TORN_RECORDS = 6, TORN_FROM = 3 };

static void
a_tail_torn_at_any_byte_is_cut_and_recorded(void **state)
{
	char *bytes;
	size_t size;
	struct folder *folder = killed_with(TORN_RECORDS - 1, &bytes, &size);
	size_t head_size;
	SCOPE(free) char *head = folder_read(folder, "head", &head_size);
	int tears = 0;

	(void)state;
	for (size_t cut = line_start(bytes, size, TORN_FROM); cut <= size; cut++) {
		size_t whole = cut;
		uint64_t records = 0;

		while (whole > 0 && bytes[whole - 1] != '\n')
			whole--;
		for (size_t i = 0; i < whole; i++)
			records += bytes[i] == '\n';

		/* Simply shorter; and of the old length with zeros, as some file systems leave it. */
		folder_write(folder, "head", head, head_size);
		assert_heals(folder, bytes, cut, whole, records);
		if (cut < size) {
			SCOPE(free) char *zeros = calloc(1, size);

			memcpy(zeros, bytes, cut);
			folder_write(folder, "head", head, head_size);
			assert_heals(folder, zeros, size, whole, records);
		}
		tears += 2;
	}
	print_message("%d tears\n", tears);
	free(bytes);
	folder_free(folder);
}

static void
a_lost_sector_in_the_last_line_is_a_tear_and_elsewhere_damage(void **state)
{
	char *bytes;
	size_t size;
	struct folder *folder = killed_with(TORN_RECORDS - 1, &bytes, &size);
	size_t whole = line_start(bytes, size, TORN_RECORDS - 1), middle = line_start(bytes, size, 2);
	SCOPE(free) char *copy = malloc(size);
	struct fault fault;

	/* The line ends in a newline, but a part of it never arrived. */
	(void)state;
	memcpy(copy, bytes, size);
	memset(copy + whole + 10, 0, size - whole - 20);
	assert_heals(folder, copy, size, whole, TORN_RECORDS - 1);

	/* The same before the last line is no tear: that line had been acknowledged. */
	memcpy(copy, bytes, size);
	memset(copy + middle + 10, 0, 64);
	folder_write(folder, "journal.jsonl", copy, size);
	assert_false(folder_opens(folder, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	free(bytes);
	folder_free(folder);
}

static void
a_hole_of_many_zeros_behind_the_last_line_is_a_tear(void **state)
{
	char *bytes;
	size_t size;
	struct folder *folder = killed_with(3, &bytes, &size);
	size_t longer = size + 300000;
	SCOPE(free) char *copy = calloc(1, longer);

	(void)state;
	memcpy(copy, bytes, size);
	assert_heals(folder, copy, longer, size, 4);
	free(bytes);
	folder_free(folder);
}

static void
a_journal_torn_in_its_first_line_starts_again(void **state)
{
	struct folder *folder = folder_new();
	struct last last = { .n = 9 };

	(void)state;
	folder_write(folder, "journal.jsonl", "{\"v\":1,\"n\":0,", 13);
	struct journal *journal = folder_open(folder);
	assert_true(journal_read(journal, 0, note_last, &last, NULL));
	assert_int_equal(last.n, 1);
	assert_string_equal(last.step, "cut");
	assert_int_equal(last.bytes, 13);
	journal_close(journal);
	folder_free(folder);
}

static void
a_line_torn_by_another_is_cut_by_the_next_writer(void **state)
{
	struct folder *folder = folder_new();
	struct journal *journal = folder_open(folder);
	struct last last = { .n = 0 };

	(void)state;
	folder_append(journal, 0);
	FILE *file = fopen(folder_file(folder, "journal.jsonl"), "ae");
	fputs("{\"v\":1,\"n\":2,\"prev", file);
	fclose(file);
	assert_int_equal(folder_append(journal, 1), 3);
	assert_true(journal_read(journal, 2, note_last, &last, NULL));
	journal_close(journal);
	folder_free(folder);
}

/* What happens to the file while it is open. */
static void
damage_by_others_ends_the_right_to_write(void **state)
{
	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		struct folder *folder = folder_with(3);
		struct journal *journal = folder_open(folder);
		struct journal_entry entry = { .step = "note", .phase = JOURNAL_NOTE };
		struct fault fault, again;
		const char *path = folder_file(folder, "journal.jsonl");

		if (kind == 0)
			assert_int_equal(truncate(path, 100), 0);
		else if (kind == 1) {
			FILE *file = fopen(path, "ae");
			fputs("hello\n", file);
			fclose(file);
		} else
			assert_int_equal(unlink(path), 0);
		assert_false(journal_append(journal, &entry, NULL, &fault));
		assert_int_equal(fault.code, FAULT_DATA);
		assert_false(journal_writable(journal));
		assert_false(journal_append(journal, &entry, NULL, &again));
		assert_non_null(strstr(again.text, "may no longer write"));
		assert_false(journal_refresh(journal, &again));
		assert_false(journal_write_head(journal, &again));
		journal_close(journal);
		folder_free(folder);
	}
}

/* A disk on which call number ${at} of all that change something fails; a write may bring half of its bytes first. */
static struct {
	int calls, at, error, after;
	bool halve;
} trouble;

static bool
fails(void)
{
	trouble.after += trouble.calls >= trouble.at;
	if (++trouble.calls != trouble.at)
		return false;
	errno = trouble.error;
	return true;
}

static int
bad_open(void *context, const char *path, int flags, mode_t mode)
{
	const struct disk *disk = disk_system();

	(void)context;
	return (flags & O_CREAT) != 0 && fails() ? -1 : disk->open(disk->context, path, flags, mode);
}

static ssize_t
bad_write(void *context, int fd, const void *bytes, size_t size)
{
	const struct disk *disk = disk_system();

	(void)context;
	if (!fails())
		return disk->write(disk->context, fd, bytes, size);
	if (!trouble.halve)
		return -1;

	/* Half of it, and the error with the next call. */
	trouble.halve = false;
	trouble.at++;
	return disk->write(disk->context, fd, bytes, size / 2);
}

static int
bad_truncate(void *context, int fd, off_t size)
{
	(void)context;
	return fails() ? -1 : disk_system()->truncate(NULL, fd, size);
}

static int
bad_sync(void *context, int fd)
{
	(void)context;
	return fails() ? -1 : disk_system()->sync(NULL, fd);
}

static int
bad_rename(void *context, const char *from, const char *to)
{
	(void)context;
	return fails() ? -1 : disk_system()->rename(NULL, from, to);
}

/* Open, append three, write a head, close. Returns how many records were acknowledged; ${*ret_whole}: nothing failed. */
static uint64_t
run_story(const struct folder *folder, const struct disk *disk, bool *ret_whole)
{
	struct journal_entry entry = { .step = "note", .phase = JOURNAL_NOTE };
	struct journal *journal = NULL;
	struct fault fault;
	uint64_t acknowledged = 0;

	*ret_whole = false;
	if (!journal_open(&folder->options, disk, &test_clock, &journal, &fault))
		return 0;
	for (int i = 0; i < 3 && journal_append(journal, &entry, &acknowledged, &fault); i++)
		*ret_whole = i == 2;
	*ret_whole &= journal_write_head(journal, &fault);

	/* After the first error there is no second try, of whatever. */
	if (!*ret_whole) {
		int calls = trouble.calls;

		assert_false(journal_writable(journal));
		assert_false(journal_append(journal, &entry, NULL, &fault));
		assert_int_equal(fault.code, FAULT_SYSTEM);
		assert_int_equal(trouble.calls, calls);
	}
	journal_close(journal);
	return acknowledged;
}

static void
the_first_disk_error_is_the_last_and_nothing_acknowledged_is_lost(void **state)
{
	static const int errors[] = { EIO, ENOSPC, EDQUOT, EROFS };
	struct disk disk = *disk_system();
	int points = 0;

	(void)state;
	disk.open = bad_open;
	disk.write = bad_write;
	disk.truncate = bad_truncate;
	disk.sync = bad_sync;
	disk.rename = bad_rename;
	for (int kind = 0; kind < 16; kind++) {
		bool whole = false;

		/* Kinds: which error, with half a write first or not, in a new journal or in one with a torn tail. */
		for (int at = 1; !whole; at++, points++) {
			bool old = kind / 8 != 0;
			char *bytes = NULL;
			size_t size;
			struct folder *folder = old ? killed_with(2, &bytes, &size) : folder_new();
			uint64_t before = old ? 2 : 0, acknowledged;
			struct fault fault;

			if (old)
				folder_write(folder, "journal.jsonl", bytes, size - 7);
			free(bytes);
			trouble.calls = trouble.after = 0;
			trouble.at = at;
			trouble.error = errors[kind % 4];
			trouble.halve = kind / 4 % 2 != 0;
			acknowledged = run_story(folder, &disk, &whole);

			/* With space back and a disk that works, all that was acknowledged is there. */
			int count = 0;
			struct journal *journal = folder_open(folder);
			assert_true(journal_read(journal, 0, count_visit, &count, &fault));
			assert_true((uint64_t)count > (acknowledged > before ? acknowledged : before - (old ? 1 : 0)));
			journal_close(journal);
			struct journal_verdict verdict;
			assert_true(verify_folder(folder->path, NULL, 0, &verdict, &fault));
			assert_int_equal(verdict.problem_count, 0);
			verify_clear(&verdict);
			folder_free(folder);
			assert_true(at < 60);
		}
	}
	print_message("%d points\n", points);
}

/* A clock on which ten seconds pass between two looks. */
static int64_t
hurry(void *context)
{
	(void)context;
	return INT64_C(10000) * ticks++;
}

static void
a_busy_lock_is_for_later_and_ends_nothing(void **state)
{
	struct folder *folder = folder_with(1);
	struct journal_entry entry = { .step = "note", .phase = JOURNAL_NOTE };
	struct clock clock = test_clock;
	struct journal *journal = NULL;
	struct lock *lock = NULL;
	struct fault fault;

	(void)state;
	clock.monotonic_ms = hurry;
	assert_true(journal_open(&folder->options, disk_system(), &clock, &journal, &fault));
	assert_true(lock_take(folder_file(folder, "journal.lock"), "hold it", &clock, 0, &lock, &fault));
	assert_false(journal_append(journal, &entry, NULL, &fault));
	assert_int_equal(fault.code, FAULT_RETRY);
	assert_non_null(strstr(fault.text, "hold it"));
	assert_true(journal_writable(journal));
	lock_free(lock);
	assert_true(journal_append(journal, &entry, NULL, &fault));
	journal_close(journal);
	folder_free(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tail_torn_at_any_byte_is_cut_and_recorded),
		cmocka_unit_test(a_lost_sector_in_the_last_line_is_a_tear_and_elsewhere_damage),
		cmocka_unit_test(a_hole_of_many_zeros_behind_the_last_line_is_a_tear),
		cmocka_unit_test(a_journal_torn_in_its_first_line_starts_again),
		cmocka_unit_test(a_line_torn_by_another_is_cut_by_the_next_writer),
		cmocka_unit_test(damage_by_others_ends_the_right_to_write),
		cmocka_unit_test(the_first_disk_error_is_the_last_and_nothing_acknowledged_is_lost),
		cmocka_unit_test(a_busy_lock_is_for_later_and_ends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
