#include "folder.h"
#include "verify.h"

enum { RECORDS = 5 };

/* The journal's bytes, to be put back after each damage. */
struct original {
	struct folder *folder;
	char *bytes, *head;
	size_t size, head_size;
};

static struct original
original_new(int count)
{
	struct original original = { .folder = folder_with(count) };

	original.bytes = folder_read(original.folder, "journal.jsonl", &original.size);
	original.head = folder_read(original.folder, "head", &original.head_size);
	return original;
}

static void
original_free(struct original *original)
{
	folder_free(original->folder);
	free(original->bytes);
	free(original->head);
}

static struct journal_verdict
verdict_of(const struct original *original)
{
	struct journal_verdict verdict;
	struct fault fault;

	if (!verify_folder(original->folder->path, NULL, 0, &verdict, &fault))
		fail_msg("%s", fault.text);
	return verdict;
}

/* Whether a problem names record ${n}. */
static bool
names(const struct journal_verdict *verdict, uint64_t n)
{
	for (size_t i = 0; i < verdict->problem_count; i++)
		if (verdict->problems[i].n == n)
			return true;
	return false;
}

static void
print_problems(const struct journal_verdict *verdict)
{
	for (size_t i = 0; i < verdict->problem_count; i++)
		print_message("  %" PRIu64 " @%" PRIu64 ": %s\n", verdict->problems[i].n,
		    verdict->problems[i].offset, verdict->problems[i].text);
}

static void
a_whole_journal_has_no_problem_and_is_anchored_by_its_head(void **state)
{
	struct original original = original_new(RECORDS - 1);
	SCOPE(verdict) struct journal_verdict verdict = verdict_of(&original);

	(void)state;
	assert_int_equal(verdict.problem_count, 0);
	assert_int_equal(verdict.records, RECORDS);
	assert_int_equal(verdict.bytes, original.size);
	assert_int_equal(verdict.torn_bytes, 0);
	assert_true(verdict.head_found && verdict.head_matches);
	assert_string_equal(verdict.root, verdict.head.root);
	assert_int_equal(verdict.unanchored_from, RECORDS);
	assert_true(verdict.first_ms >= INT64_C(1795305600000) && verdict.last_ms >= verdict.first_ms);
	assert_false(verdict.rehearsal);
	original_free(&original);
}

/* Each bit of the file, flipped alone: the journal does not open, and the report names the record. */
static void
every_flipped_bit_is_found_and_placed(void **state)
{
	struct original original = original_new(RECORDS - 1);
	int record = 0, flips = 0;
	struct fault fault;

	(void)state;
	for (size_t at = 0; at < original.size; at++) {
		for (int bit = 0; bit < 8; bit++, flips++) {
			SCOPE(free) char *bytes = malloc(original.size);

			memcpy(bytes, original.bytes, original.size);
			bytes[at] = (char)(bytes[at] ^ 1 << bit);
			folder_write(original.folder, "journal.jsonl", bytes, original.size);
			if (folder_opens(original.folder, &fault))
				fail_msg("bit %d of byte %zu flipped, and it opens", bit, at);
			assert_int_equal(fault.code, FAULT_DATA);
			SCOPE(verdict) struct journal_verdict verdict = verdict_of(&original);
			if (!names(&verdict, (uint64_t)record)) {
				print_problems(&verdict);
				fail_msg("bit %d of byte %zu, record %d: not named", bit, at, record);
			}
		}
		record += original.bytes[at] == '\n';
	}
	print_message("%d flips\n", flips);
	original_free(&original);
}

/* The lines of the file in an order of our own; -1 is a line from elsewhere. */
struct arrangement {
	const char *what;
	int lines[RECORDS + 3];
	size_t count;
	uint64_t named;			/* a record that the report must name */
	const char *words;		/* and say so */
};

static const struct arrangement arrangements[] = {
	{ "one removed", { 0, 1, 3, 4 }, 4, 2, "record 2 is missing" },
	{ "two removed", { 0, 3, 4 }, 3, 1, "records 1 to 2 are missing" },
	{ "the first removed", { 1, 2, 3, 4 }, 4, 0, "record 0 is missing: the journal begins with record 1" },
	{ "the first two removed", { 2, 3, 4 }, 3, 0, "records 0 to 1 are missing: the next line is record 2" },
	{ "two swapped", { 0, 1, 3, 2, 4 }, 5, 2, "record 2 stands where record 4 should" },
	{ "one repeated", { 0, 1, 2, 2, 3, 4 }, 6, 2, "record 2 stands where record 3 should" },
	{ "a foreign line", { 0, 1, 2, -1, 3, 4 }, 6, 3, "where record 3 should stand is foreign" },
	{ "a foreign line at the end", { 0, 1, 2, 3, 4, -1 }, 6, 5, "where record 5 should stand is foreign" },
	{ "a foreign line in place of one", { 0, 1, -1, 3, 4 }, 5, 2, "where record 2 should stand is foreign" },
	{ "the last cut off", { 0, 1, 2, 3 }, 4, 4, "counted 5 records, and there are 4" },
	{ "all cut off", { 0 }, 0, 0, "counted 5 records, and there are 0" },
};

static const char foreign[] = "Nov 22 01:45:00 host sshd[1]: a line of another log\n";

static void
arrange(const struct original *original, const struct arrangement *arrangement)
{
	SCOPE(free) char *bytes = malloc(2 * original->size + sizeof foreign);
	size_t size = 0;

	for (size_t i = 0; i < arrangement->count; i++) {
		int line = arrangement->lines[i];
		size_t from = line < 0 ? 0 : line_start(original->bytes, original->size, line);
		size_t to = line < 0 ? sizeof foreign - 1 : line_start(original->bytes, original->size, line + 1);

		memcpy(bytes + size, (line < 0 ? foreign : original->bytes) + from, to - from);
		size += to - from;
	}
	folder_write(original->folder, "journal.jsonl", bytes, size);
}

static void
removed_repeated_reordered_and_foreign_lines_are_found_and_placed(void **state)
{
	struct original original = original_new(RECORDS - 1);

	(void)state;
	for (size_t i = 0; i < sizeof arrangements / sizeof arrangements[0]; i++) {
		const struct arrangement *arrangement = &arrangements[i];
		struct fault fault;
		bool said = false;

		arrange(&original, arrangement);
		assert_false(folder_opens(original.folder, &fault));
		assert_int_equal(fault.code, FAULT_DATA);
		SCOPE(verdict) struct journal_verdict verdict = verdict_of(&original);
		for (size_t k = 0; k < verdict.problem_count; k++)
			said |= verdict.problems[k].n == arrangement->named &&
			    strstr(verdict.problems[k].text, arrangement->words) != NULL;
		if (!said) {
			print_problems(&verdict);
			fail_msg("%s: record %" PRIu64 ", '%s' not said", arrangement->what, arrangement->named,
			    arrangement->words);
		}
	}
	original_free(&original);
}

static void
a_cut_at_any_byte_below_the_head_is_refused(void **state)
{
	struct original original = original_new(RECORDS - 1);
	struct fault fault;

	(void)state;
	for (size_t size = 0; size < original.size; size++) {
		folder_write(original.folder, "journal.jsonl", original.bytes, size);
		assert_false(folder_opens(original.folder, &fault));
		assert_int_equal(fault.code, FAULT_DATA);
		SCOPE(verdict) struct journal_verdict verdict = verdict_of(&original);
		assert_true(verdict.problem_count > 0);
	}
	original_free(&original);
}

static void
another_agents_journal_and_an_older_copy_are_refused(void **state)
{
	struct original ours = original_new(4), theirs = original_new(6);
	struct fault fault;

	/* Theirs verifies in itself, and is longer; our head does not fit it. */
	(void)state;
	folder_write(ours.folder, "journal.jsonl", theirs.bytes, theirs.size);
	assert_false(folder_opens(ours.folder, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	assert_non_null(strstr(fault.text, "another agent's"));

	/* A copy of yesterday, with the head of today. */
	folder_write(theirs.folder, "journal.jsonl", theirs.bytes, line_start(theirs.bytes, theirs.size, 3));
	assert_false(folder_opens(theirs.folder, &fault));
	assert_non_null(strstr(fault.text, "an older copy was put back"));
	original_free(&ours);
	original_free(&theirs);
}

static void
a_missing_or_damaged_head_or_a_missing_journal_is_refused(void **state)
{
	struct original original = original_new(4);
	struct fault fault;

	(void)state;
	unlink(folder_file(original.folder, "head"));
	assert_false(folder_opens(original.folder, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	assert_non_null(strstr(fault.text, "head beside it is missing"));
	SCOPE(verdict) struct journal_verdict verdict = verdict_of(&original);
	assert_int_equal(verdict.problem_count, 1);
	assert_int_equal(verdict.unanchored_from, 0);

	static const char *const heads[] = { "", "{}", "{\"v\":1,\"size\":5}", "{\"v\":2,\"size\":5,\"root\":\"\"}",
		"{\"v\":1,\"size\":-1,\"root\":\"0000000000000000000000000000000000000000000000000000000000000000\"}" };
	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
		folder_write(original.folder, "head", heads[i], strlen(heads[i]));
		assert_false(folder_opens(original.folder, &fault));
		assert_int_equal(fault.code, FAULT_DATA);
		SCOPE(verdict) struct journal_verdict damaged = verdict_of(&original);
		assert_int_equal(damaged.problem_count, 1);
	}

	folder_write(original.folder, "head", original.head, original.head_size);
	assert_true(folder_opens(original.folder, &fault));
	unlink(folder_file(original.folder, "journal.jsonl"));
	assert_false(folder_opens(original.folder, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	assert_non_null(strstr(fault.text, "is gone"));
	original_free(&original);
}

static void
anchors_from_elsewhere_are_each_checked(void **state)
{
	struct folder *folder = folder_with(0);
	struct journal *journal = folder_open(folder);
	struct journal_head head;
	struct journal_anchor anchors[3] = { { .source = "tag of version a1" }, { .source = "tag of version b2" },
		{ .source = "tag of version c3" } };
	struct fault fault;

	/* The file head stays at 1 record; two anchors hold, one is of a journal that went otherwise. */
	(void)state;
	for (int i = 0; i < 300; i++) {
		folder_append(journal, i);
		if (i != 9 && i != 270)
			continue;
		journal_head(journal, &head);
		anchors[i == 270].size = head.size;
		strcpy(anchors[i == 270].root, head.root);
	}
	anchors[2] = anchors[1];
	anchors[2].size = 200;
	struct journal_verdict verdict;
	assert_true(verify_folder(folder->path, anchors, 2, &verdict, &fault));
	assert_int_equal(verdict.problem_count, 0);
	assert_int_equal(verdict.anchors_matched, 2);
	assert_true(anchors[0].matches && anchors[1].matches);
	assert_int_equal(verdict.unanchored_from, 272);
	assert_int_equal(verdict.records, 301);
	verify_clear(&verdict);

	assert_true(verify_folder(folder->path, anchors, 3, &verdict, &fault));
	assert_int_equal(verdict.problem_count, 1);
	assert_false(anchors[2].matches);
	verify_clear(&verdict);

	/* Cut below an anchor that lies elsewhere: the file head alone would not notice. */
	size_t size;
	SCOPE(free) char *bytes = folder_read(folder, "journal.jsonl", &size);
	assert_int_equal(truncate(folder_file(folder, "journal.jsonl"), (off_t)line_start(bytes, size, 100)), 0);
	assert_true(verify_folder(folder->path, anchors, 2, &verdict, &fault));
	assert_int_equal(verdict.problem_count, 1);
	assert_non_null(strstr(verdict.problems[0].text, "tag of version a1") == NULL ?
	    strstr(verdict.problems[0].text, "counted 272 records, and there are 100") : NULL);
	verify_clear(&verdict);
	journal_close(journal);
	folder_free(folder);
}

static void
verifying_writes_nothing(void **state)
{
	struct original original = original_new(2);
	struct fault fault;
	struct journal_verdict verdict;

	/* A copied folder holds neither lock nor anything else, and need not be writable. */
	(void)state;
	unlink(folder_file(original.folder, "journal.lock"));
	folder_write(original.folder, "journal.jsonl", original.bytes, original.size - 5);
	unlink(folder_file(original.folder, "head"));
	assert_true(verify_folder(original.folder->path, NULL, 0, &verdict, &fault));
	assert_int_equal(verdict.records, 2);
	assert_true(verdict.torn_bytes > 100);
	verify_clear(&verdict);
	assert_int_not_equal(access(folder_file(original.folder, "journal.lock"), F_OK), 0);
	assert_int_not_equal(access(folder_file(original.folder, "head"), F_OK), 0);
	struct stat status;
	assert_int_equal(stat(folder_file(original.folder, "journal.jsonl"), &status), 0);
	assert_int_equal(status.st_size, original.size - 5);
	unlink(folder_file(original.folder, "journal.jsonl"));
	assert_false(verify_folder(original.folder->path, NULL, 0, &verdict, &fault));
	assert_int_equal(fault.code, FAULT_NOT_FOUND);
	original_free(&original);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_journal_has_no_problem_and_is_anchored_by_its_head),
		cmocka_unit_test(every_flipped_bit_is_found_and_placed),
		cmocka_unit_test(removed_repeated_reordered_and_foreign_lines_are_found_and_placed),
		cmocka_unit_test(a_cut_at_any_byte_below_the_head_is_refused),
		cmocka_unit_test(another_agents_journal_and_an_older_copy_are_refused),
		cmocka_unit_test(a_missing_or_damaged_head_or_a_missing_journal_is_refused),
		cmocka_unit_test(anchors_from_elsewhere_are_each_checked),
		cmocka_unit_test(verifying_writes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
