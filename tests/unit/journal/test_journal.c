#include "folder.h"

#include <pthread.h>
#include <signal.h>

static void
a_new_journal_says_what_it_is(void **state)
{
	struct folder *folder = folder_with(0);
	size_t size;
	SCOPE(free) char *bytes = folder_read(folder, "journal.jsonl", &size);
	SCOPE(json) json_t *object = NULL;

	/* The promised bytes at the start, and the promised members in their order. */
	(void)state;
	assert_memory_equal(bytes, "{\"v\":1,\"n\":0,\"prev\":\"000000000000000000000000000000000000000000000000"
	    "0000000000000000\",\"t\":\"2026-11-2", 99);
	assert_int_equal(bytes[size - 1], '\n');
	object = json_loads(bytes, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(object);
	assert_string_equal(json_string_value(json_object_get(object, "step")), "start");
	json_t *detail = json_object_get(object, "detail"), *actor = json_object_get(object, "actor");
	assert_true(json_is_false(json_object_get(detail, "rehearsal")));
	assert_string_equal(json_string_value(json_object_get(detail, "program")), "keyturn test");
	assert_int_equal(json_integer_value(json_object_get(actor, "pid")), getpid());
	assert_int_equal(json_integer_value(json_object_get(actor, "uid")), getuid());
	folder_free(folder);
}

/* Collects what it is shown. */
struct seen {
	uint64_t first, count;
	char object_id[64];
};

static bool
look(void *context, const struct journal_record *record, struct fault *fault)
{
	struct seen *seen = context;

	(void)fault;
	assert_int_equal(record->n, seen->first + seen->count);
	if (record->n > 0) {
		json_int_t number = json_integer_value(json_object_get(record->detail, "number"));

		assert_int_equal(number, record->n - 1);
		assert_string_equal(record->policy, "radiology-cmk");
		assert_int_equal(record->phase, JOURNAL_INTENT);
		assert_int_equal(record->line[record->line_size - 1], '}');
		assert_null(memchr(record->line, '\n', record->line_size));
	}
	const char *id = json_string_value(json_object_get(json_object_get(record->object, "actor"), "object_id"));
	snprintf(seen->object_id, sizeof seen->object_id, "%s", id == NULL ? "" : id);
	seen->count++;
	return true;
}

static void
what_was_appended_is_read_back_in_order_from_any_record(void **state)
{
	struct folder *folder = folder_with(600);
	struct journal *journal = folder_open(folder);
	static const uint64_t firsts[] = { 0, 1, 255, 256, 257, 511, 512, 600, 601, 700 };

	(void)state;
	for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++) {
		struct seen seen = { .first = firsts[i] };

		assert_true(journal_read(journal, firsts[i], look, &seen, NULL));
		assert_int_equal(seen.count, firsts[i] > 601 ? 0 : 601 - firsts[i]);
	}
	journal_close(journal);
	folder_free(folder);
}

static bool
stop_at_three(void *context, const struct journal_record *record, struct fault *fault)
{
	++*(int *)context;
	return record->n < 3 || fault_set(fault, FAULT_STOPPED, "enough");
}

static void
a_visitor_can_end_the_walk(void **state)
{
	struct folder *folder = folder_with(9);
	struct journal *journal = folder_open(folder);
	struct fault fault;
	int count = 0;

	(void)state;
	assert_false(journal_read(journal, 0, stop_at_three, &count, &fault));
	assert_int_equal(fault.code, FAULT_STOPPED);
	assert_int_equal(count, 4);
	journal_close(journal);
	folder_free(folder);
}

static void
earlier_roots_are_those_of_their_time(void **state)
{
	struct folder *folder = folder_new();
	struct journal *journal = folder_open(folder);
	static char roots[602][JOURNAL_ROOT_SIZE];
	char root[JOURNAL_ROOT_SIZE];
	struct journal_head head;

	(void)state;
	for (int i = 1; i <= 601; i++) {
		journal_head(journal, &head);
		assert_int_equal(head.size, i);
		strcpy(roots[i], head.root);
		folder_append(journal, i - 1);
	}
	for (int round = 0; round < 2; round++) {
		for (uint64_t size = 1; size <= 601; size++) {
			assert_true(journal_root_at(journal, size, root, NULL));
			assert_string_equal(root, roots[size]);
		}
		assert_true(journal_root_at(journal, 0, root, NULL));
		assert_memory_equal(root, "e3b0c442", 8);
		assert_false(journal_root_at(journal, 603, root, NULL));

		/* And the same after reading all of it anew. */
		journal_close(journal);
		journal = folder_open(folder);
	}
	journal_close(journal);
	folder_free(folder);
}

static void
the_object_id_goes_into_the_actor_once_known(void **state)
{
	struct folder *folder = folder_new();
	struct journal *journal = folder_open(folder);
	struct seen seen = { .first = 0 };

	(void)state;
	folder_append(journal, 0);
	assert_true(journal_read(journal, 0, look, &seen, NULL));
	assert_string_equal(seen.object_id, "");
	assert_true(journal_set_object_id(journal, "a1b2", NULL));
	folder_append(journal, 1);
	seen = (struct seen){ .first = 2 };
	assert_true(journal_read(journal, 2, look, &seen, NULL));
	assert_string_equal(seen.object_id, "a1b2");
	journal_close(journal);
	folder_free(folder);
}

static void
a_rehearsal_and_the_real_thing_never_share_a_journal(void **state)
{
	struct folder *folder = folder_with(2);
	struct journal *journal = NULL;
	struct fault fault;

	(void)state;
	folder->options.rehearsal = true;
	assert_false(folder_opens(folder, &fault));
	assert_int_equal(fault.code, FAULT_SETTINGS);
	assert_non_null(strstr(fault.text, "the journal of the real thing"));
	assert_false(journal_open_reader(&folder->options, &test_clock, &journal, &fault));
	assert_int_equal(fault.code, FAULT_SETTINGS);
	folder_free(folder);
}

static void
a_reader_creates_nothing_and_sees_what_comes(void **state)
{
	struct folder *folder = folder_new();
	struct journal *reader = NULL;
	struct fault fault;
	struct seen seen = { .first = 0 };

	(void)state;
	assert_false(journal_open_reader(&folder->options, &test_clock, &reader, &fault));
	assert_int_equal(fault.code, FAULT_NOT_FOUND);
	assert_int_not_equal(access(folder_file(folder, "journal.jsonl"), F_OK), 0);

	struct journal *journal = folder_open(folder);
	assert_true(journal_open_reader(&folder->options, &test_clock, &reader, &fault));
	assert_false(journal_writable(reader));
	assert_false(journal_append(reader, &(struct journal_entry){ .step = "x", .phase = JOURNAL_NOTE }, NULL, &fault));
	for (int i = 0; i < 5; i++)
		folder_append(journal, i);
	assert_true(journal_read(reader, 0, look, &seen, NULL));
	assert_int_equal(seen.count, 1);
	assert_true(journal_refresh(reader, &fault));
	seen.count = 0;
	assert_true(journal_read(reader, 0, look, &seen, NULL));
	assert_int_equal(seen.count, 6);

	/* A torn line is the writer's affair. */
	FILE *file = fopen(folder_file(folder, "journal.jsonl"), "ae");
	fputs("{\"v\":1,\"n\":6,", file);
	fclose(file);
	assert_true(journal_refresh(reader, &fault));
	struct stat status;
	stat(folder_file(folder, "journal.jsonl"), &status);
	journal_close(reader);
	struct stat later;
	stat(folder_file(folder, "journal.jsonl"), &later);
	assert_int_equal(status.st_size, later.st_size);
	journal_close(journal);
	folder_free(folder);
}

static void
texts_that_are_not_utf8_are_mended_and_bad_details_refused(void **state)
{
	struct folder *folder = folder_new();
	struct journal *journal = folder_open(folder);
	struct fault fault;
	SCOPE(json) json_t *nul = json_pack("{s:o}", "x", json_stringn("a\0b", 3));
	SCOPE(json) json_t *list = json_array();
	struct journal_entry entry = { .step = "note\xc3", .phase = JOURNAL_NOTE, .reason = "cut \xe2\x82" };
	uint64_t n;

	(void)state;
	assert_true(journal_append(journal, &entry, &n, &fault));
	entry.detail = nul;
	assert_false(journal_append(journal, &entry, &n, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	entry.detail = list;
	assert_false(journal_append(journal, &entry, &n, &fault));
	assert_int_equal(fault.code, FAULT_INTERNAL);

	/* A refused record does not end the right to write. */
	assert_true(journal_writable(journal));
	entry.detail = NULL;
	assert_true(journal_append(journal, &entry, &n, &fault));
	assert_int_equal(n, 2);
	journal_close(journal);
	assert_true(folder_opens(folder, &fault));
	folder_free(folder);
}

static void
a_record_too_long_is_refused_and_the_longest_is_not(void **state)
{
	struct folder *folder = folder_new();
	struct journal *journal = folder_open(folder);
	struct journal_entry entry = { .step = "note", .phase = JOURNAL_NOTE };
	struct fault fault;
	bool fits = false;

	/* From far too long downwards, the first that fits is near the limit, and is read back. */
	(void)state;
	for (int size = 66000; !fits; size -= 16) {
		SCOPE(free) char *text = calloc(1, (size_t)size + 1);

		memset(text, 'x', (size_t)size);
		SCOPE(json) json_t *detail = json_pack("{s:s}", "text", text);
		entry.detail = detail;
		fits = journal_append(journal, &entry, NULL, &fault);
		assert_true(fits || fault.code == FAULT_DATA);
		assert_true(fits || strstr(fault.text, "65535") != NULL);
		assert_true(size > 64500);
	}
	journal_close(journal);
	assert_true(folder_opens(folder, &fault));
	folder_free(folder);
}

enum { EACH = 200, WRITERS = 2, THREADS = 8 };

/* The body of one process that appends its share and is killed before it closes anything. */
static void
append_share(const struct folder *folder)
{
	struct journal *journal = folder_open(folder);

	for (int i = 0; i < EACH; i++)
		folder_append(journal, i);
	raise(SIGKILL);
}

static void
two_processes_append_and_none_is_lost(void **state)
{
	struct folder *folder = folder_new();
	pid_t writers[WRITERS];
	struct fault fault;
	int count = 0, status;

	(void)state;
	for (int i = 0; i < WRITERS; i++) {
		writers[i] = fork();
		if (writers[i] == 0)
			append_share(folder);
	}
	for (int i = 0; i < WRITERS; i++) {
		assert_int_equal(waitpid(writers[i], &status, 0), writers[i]);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	}
	struct journal *journal = folder_open(folder);
	assert_true(journal_read(journal, 0, count_visit, &count, &fault));
	assert_int_equal(count, 1 + WRITERS * EACH);
	journal_close(journal);
	folder_free(folder);
}

static int syncs;

static int
count_sync(void *context, int fd)
{
	(void)context;
	__atomic_add_fetch(&syncs, 1, __ATOMIC_RELAXED);
	return fsync(fd);
}

static void *
append_some(void *context)
{
	for (int i = 0; i < EACH; i++)
		folder_append(context, i);
	return NULL;
}

static void
threads_share_a_sync_and_get_numbers_of_their_own(void **state)
{
	struct folder *folder = folder_new();
	struct disk disk = *disk_system();
	struct journal *journal = NULL;
	pthread_t threads[THREADS];
	int count = 0;

	(void)state;
	disk.sync = count_sync;
	assert_true(journal_open(&folder->options, &disk, clock_system(), &journal, NULL));
	syncs = 0;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, append_some, journal), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_true(syncs <= THREADS * EACH);
	print_message("%d records, %d syncs\n", THREADS * EACH, syncs);
	assert_true(journal_read(journal, 0, count_visit, &count, NULL));
	assert_int_equal(count, 1 + THREADS * EACH);
	journal_close(journal);
	struct fault fault;
	assert_true(folder_opens(folder, &fault));
	folder_free(folder);
}

/* A child appends and tells each number over a pipe once append has returned; then it is killed. */
static void
killed_at_any_moment_it_keeps_what_it_acknowledged(void **state)
{
	struct folder *folder = folder_with(0);
	uint64_t acknowledged = 0;
	struct fault fault;

	(void)state;
	for (int round = 0; round < 20; round++) {
		int ends[2], count = 0;

		assert_int_equal(pipe(ends), 0);
		pid_t child = fork();
		if (child == 0) {
			struct journal *journal = folder_open(folder);

			for (uint64_t n;;) {
				n = folder_append(journal, 7);
				if (write(ends[1], &n, sizeof n) != (ssize_t)sizeof n)
					_exit(1);
			}
		}
		close(ends[1]);
		for (int i = 0; i <= round; i++)
			assert_int_equal(read(ends[0], &acknowledged, sizeof acknowledged), sizeof acknowledged);
		kill(child, SIGKILL);
		while (read(ends[0], &acknowledged, sizeof acknowledged) == (ssize_t)sizeof acknowledged)
			;
		waitpid(child, NULL, 0);
		close(ends[0]);

		struct journal *journal = folder_open(folder);
		assert_true(journal_read(journal, 0, count_visit, &count, &fault));
		assert_true((uint64_t)count > acknowledged);
		journal_close(journal);
	}
	folder_free(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_journal_says_what_it_is),
		cmocka_unit_test(what_was_appended_is_read_back_in_order_from_any_record),
		cmocka_unit_test(a_visitor_can_end_the_walk),
		cmocka_unit_test(earlier_roots_are_those_of_their_time),
		cmocka_unit_test(the_object_id_goes_into_the_actor_once_known),
		cmocka_unit_test(a_rehearsal_and_the_real_thing_never_share_a_journal),
		cmocka_unit_test(a_reader_creates_nothing_and_sees_what_comes),
		cmocka_unit_test(texts_that_are_not_utf8_are_mended_and_bad_details_refused),
		cmocka_unit_test(a_record_too_long_is_refused_and_the_longest_is_not),
		cmocka_unit_test(two_processes_append_and_none_is_lost),
		cmocka_unit_test(threads_share_a_sync_and_get_numbers_of_their_own),
		cmocka_unit_test(killed_at_any_moment_it_keeps_what_it_acknowledged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
