/*
 * The list of enrolled KEKs, on a real disk.
 */
#include "kek.h"

#include "disk.h"
#include "file.h"
#include "scope.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>
#include <sys/stat.h>

static const char one[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
static const char two[] = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";
static char directory[64], path[96];

static int
make_directory(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/keyturn-kek-XXXXXX");
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/keks", directory);
	return 0;
}

static int
remove_directory(void **state)
{
	char lock[128];

	(void)state;
	snprintf(lock, sizeof lock, "%s.lock", path);
	unlink(path);
	unlink(lock);
	return rmdir(directory);
}

static void
put(const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}

static bool
parses(const char *text, struct kek_list **ret_list, struct fault *fault)
{
	return kek_list_parse(text, strlen(text), "keks", ret_list, fault);
}

static void
fingerprints_comments_and_blank_lines_are_read(void **state)
{
	SCOPE(kek_list) struct kek_list *list = NULL;
	char text[512], upper[] = "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF";
	struct fault fault;

	(void)state;
	snprintf(text, sizeof text, "# keys of the hospital\n\n%s  the vault's\r\n  \t\n%s\n%s again",
	    one, two, upper);
	assert_true(parses(text, &list, &fault));
	assert_int_equal(kek_list_count(list), 2);
	assert_true(kek_list_has(list, one));
	assert_true(kek_list_has(list, upper));
	assert_true(kek_list_has(list, two));
	assert_false(kek_list_has(list, "00"));
	assert_false(kek_list_has(list, ""));
	assert_false(kek_list_has(list,
	    "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"));
}

static void
every_bad_line_is_named_with_its_number(void **state)
{
	struct kek_list *list = NULL;
	char text[512];
	struct fault fault;

	(void)state;
	snprintf(text, sizeof text, "%s ok\nabc\n %s indented\n%sff  too long\n", one, two, two);
	assert_false(parses(text, &list, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	assert_null(list);
	assert_non_null(strstr(fault.text, "keks:2:"));
	assert_non_null(strstr(fault.text, "keks:3:"));
	assert_non_null(strstr(fault.text, "keks:4:"));
	assert_null(strstr(fault.text, "keks:1:"));
	snprintf(text, sizeof text, "%s", one);
	text[5] = 0;
	assert_false(kek_list_parse(text, sizeof one - 1, "keks", &list, &fault));
	assert_non_null(strstr(fault.text, "zero byte"));
}

static void
a_list_that_others_may_write_is_not_read(void **state)
{
	SCOPE(kek_list) struct kek_list *list = NULL;
	static const mode_t bad[] = { 0664, 0646, 0622 };
	struct fault fault;
	char text[128];

	(void)state;
	snprintf(text, sizeof text, "%s\n", one);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		put(text, bad[i]);
		assert_false(kek_list_read(path, &list, &fault));
		assert_int_equal(fault.code, FAULT_PERMISSION);
		assert_non_null(strstr(fault.text, path));
		assert_false(kek_list_add(disk_system(), path, two, "x", &fault));
		assert_int_equal(fault.code, FAULT_PERMISSION);
	}
	put(text, 0644);
	assert_true(kek_list_read(path, &list, &fault));
	assert_int_equal(kek_list_count(list), 1);
}

static void
no_file_is_an_empty_list(void **state)
{
	SCOPE(kek_list) struct kek_list *list = NULL;
	struct fault fault;

	(void)state;
	assert_true(kek_list_read(path, &list, &fault));
	assert_int_equal(kek_list_count(list), 0);
}

static void
adding_keeps_what_is_there_and_adds_once(void **state)
{
	SCOPE(free) char *text = NULL;
	char before[256], want[512];
	struct fault fault;
	struct stat status;
	size_t size;

	(void)state;
	snprintf(before, sizeof before, "# ours\n%s  first", one);
	put(before, 0640);
	assert_true(kek_list_add(disk_system(), path, one, "again", &fault));
	assert_true(kek_list_add(disk_system(), path, two, "https://v/keys/k/1", &fault));
	assert_true(kek_list_add(disk_system(), path, two, "another comment", &fault));
	assert_true(file_read(path, 4096, &text, &size, &fault));
	snprintf(want, sizeof want, "%s\n%s  https://v/keys/k/1\n", before, two);
	assert_string_equal(text, want);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0640);
}

static void
what_is_no_fingerprint_or_no_comment_is_not_added(void **state)
{
	struct fault fault;

	(void)state;
	assert_false(kek_list_add(disk_system(), path, "1234", "x", &fault));
	assert_int_equal(fault.code, FAULT_USAGE);
	assert_false(kek_list_add(disk_system(), path, one, "a\nb", &fault));
	assert_int_equal(fault.code, FAULT_USAGE);
	assert_int_equal(access(path, F_OK), -1);
}

static int
failing_sync(void *context, int fd)
{
	(void)context;
	(void)fd;
	errno = ENOSPC;
	return -1;
}

static void
a_full_disk_leaves_the_old_list(void **state)
{
	SCOPE(kek_list) struct kek_list *list = NULL;
	struct disk full = *disk_system();
	struct fault fault;

	(void)state;
	assert_true(kek_list_add(disk_system(), path, one, "x", &fault));
	full.sync = failing_sync;
	assert_false(kek_list_add(&full, path, two, "y", &fault));
	assert_int_equal(fault.code, FAULT_SYSTEM);
	assert_true(kek_list_read(path, &list, &fault));
	assert_true(kek_list_has(list, one));
	assert_false(kek_list_has(list, two));
}

static void
a_fingerprint_reads_as_twelve_words(void **state)
{
	char text[KEK_WORDS_TEXT], again[KEK_WORDS_TEXT];
	size_t blanks = 0;

	(void)state;
	kek_words(one, text);
	for (const char *at = text; *at != 0; at++)
		blanks += *at == ' ';
	assert_int_equal(blanks, KEK_WORDS - 1);
	assert_string_equal(kek_words(one, again), text);
	assert_string_not_equal(kek_words(two, again), text);
	assert_string_equal(kek_words("xyz", again), "");
}

#define DISK_TEST(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fingerprints_comments_and_blank_lines_are_read),
		cmocka_unit_test(every_bad_line_is_named_with_its_number),
		DISK_TEST(a_list_that_others_may_write_is_not_read),
		DISK_TEST(no_file_is_an_empty_list),
		DISK_TEST(adding_keeps_what_is_there_and_adds_once),
		DISK_TEST(what_is_no_fingerprint_or_no_comment_is_not_added),
		DISK_TEST(a_full_disk_leaves_the_old_list),
		cmocka_unit_test(a_fingerprint_reads_as_twelve_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
