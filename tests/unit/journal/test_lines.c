#include "folder.h"
#include "lines.h"

#include <fcntl.h>

/* A file of lines of these sizes (newline not counted), and what is to come of them. */
static void
write_lines(const struct folder *folder, const size_t *sizes, size_t count, bool torn)
{
	FILE *file = fopen(folder_file(folder, "journal.jsonl"), "we");

	assert_non_null(file);
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < sizes[i]; k++)
			putc('a' + (int)(i % 26), file);
		if (i + 1 < count || !torn)
			putc('\n', file);
	}
	assert_int_equal(fclose(file), 0);
}

static void
check_lines(const struct folder *folder, const size_t *sizes, size_t count, bool torn)
{
	SCOPE(fd) int fd = open(folder_file(folder, "journal.jsonl"), O_RDONLY | O_CLOEXEC);
	SCOPE(lines) struct lines *lines = NULL;
	uint64_t offset = 0;
	struct line line;
	struct stat status;

	assert_int_equal(fstat(fd, &status), 0);
	assert_true(lines_new(fd, 0, (uint64_t)status.st_size, &lines, NULL));
	for (size_t i = 0; i < count; i++) {
		bool last = torn && i + 1 == count;

		assert_true(lines_next(lines, &line, NULL));
		assert_int_equal(line.kind, last ? LINE_TORN : sizes[i] > JOURNAL_LINE_MAX ? LINE_LONG : LINE_WHOLE);
		assert_int_equal(line.offset, offset);
		offset += sizes[i] + !last;
		assert_int_equal(line.next, offset);
		if (line.kind != LINE_WHOLE)
			continue;
		assert_int_equal(line.size, sizes[i]);
		for (size_t k = 0; k < line.size; k++)
			assert_int_equal(line.bytes[k], 'a' + (int)(i % 26));
	}
	assert_true(lines_next(lines, &line, NULL));
	assert_int_equal(line.kind, LINE_NONE);
	assert_int_equal(line.offset, offset);
}

static void
lines_of_all_sizes_come_whole_whatever_the_buffer(void **state)
{
	static const size_t sizes[] = { 0, 1, 500, 65535, 65535, 65535, 65535, 65535, 3, 65536, 10, 262143, 262144, 262145, 7,
		700000, 0, 65535, 300000, 4 };
	struct folder *folder = folder_new();
	size_t count = sizeof sizes / sizeof sizes[0];

	(void)state;
	for (size_t some = 1; some <= count; some++) {
		write_lines(folder, sizes, some, false);
		check_lines(folder, sizes, some, false);
		if (sizes[some - 1] == 0)
			continue;
		write_lines(folder, sizes, some, true);
		check_lines(folder, sizes, some, true);
	}
	folder_free(folder);
}

static void
a_file_cut_while_it_is_read_is_said(void **state)
{
	static const size_t sizes[] = { 60000, 60000, 60000, 60000, 60000, 60000 };
	struct folder *folder = folder_new();
	struct lines *lines = NULL;
	struct line line;
	struct fault fault = { .code = 0 };

	(void)state;
	write_lines(folder, sizes, 6, false);
	SCOPE(fd) int fd = open(folder_file(folder, "journal.jsonl"), O_RDONLY | O_CLOEXEC);
	assert_true(lines_new(fd, 0, 6 * 60001, &lines, NULL));
	assert_true(lines_next(lines, &line, &fault));
	assert_int_equal(truncate(folder_file(folder, "journal.jsonl"), 100), 0);
	while (lines_next(lines, &line, &fault))
		assert_int_equal(line.kind, LINE_WHOLE);
	assert_int_equal(fault.code, FAULT_DATA);
	assert_non_null(strstr(fault.text, "became shorter"));
	lines_free(lines);
	folder_free(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_all_sizes_come_whole_whatever_the_buffer),
		cmocka_unit_test(a_file_cut_while_it_is_read_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
