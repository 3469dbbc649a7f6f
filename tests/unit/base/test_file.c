#include "playground.h"

#include "faultydisk.h"
#include "file.h"
#include "scope.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char directory[PLAYGROUND_PATH];
static struct faulty_disk faulty;

static int
setup(void **state)
{
	(void)state;
	faulty_reset(&faulty);
	playground_make(directory);
	assert_int_equal(chdir(directory), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	assert_int_equal(chdir("/"), 0);
	playground_remove(directory);
	return 0;
}

static void
put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static bool
holds(const char *path, const char *text)
{
	SCOPE(free) char *bytes = NULL;
	size_t size;

	return file_read(path, 1000, &bytes, &size, NULL) && size == strlen(text) &&
	    memcmp(bytes, text, size) == 0;
}

/* How many files lie in the playground: nothing temporary may stay. */
static int
count_files(void)
{
	DIR *listing = opendir(".");
	const struct dirent *entry;
	int count = 0;

	assert_non_null(listing);
	while ((entry = readdir(listing)) != NULL)
		if (entry->d_name[0] != '.')
			count++;
	closedir(listing);
	return count;
}

static void
reading_gives_all_bytes_and_a_nul(void **state)
{
	SCOPE(free) char *bytes = NULL;
	SCOPE(free) char *empty = NULL;
	size_t size;

	(void)state;
	put("a", "hello");
	assert_true(file_read("a", 5, &bytes, &size, NULL));
	assert_int_equal(size, 5);
	assert_string_equal(bytes, "hello");
	put("b", "");
	assert_true(file_read("b", 0, &empty, &size, NULL));
	assert_int_equal(size, 0);
	assert_string_equal(empty, "");
}

static void
reading_refuses_what_is_too_long_or_no_file(void **state)
{
	struct fault fault = { 0 };
	char *bytes = NULL;
	size_t size;

	(void)state;
	put("a", "hello");
	assert_false(file_read("a", 4, &bytes, &size, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	assert_string_equal(fault.text, "a is longer than 4 bytes");
	assert_false(file_read("none", 4, &bytes, &size, &fault));
	assert_int_equal(fault.code, FAULT_NOT_FOUND);
	assert_false(file_read(".", 4, &bytes, &size, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_false(file_read("fifo", 4, &bytes, &size, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	assert_false(file_read("a/b", 4, &bytes, &size, &fault));
	assert_int_equal(fault.code, FAULT_SYSTEM);
	assert_null(bytes);
}

/* The kernel's files say that they are empty, as does a file that is still growing. */
static void
reading_goes_on_past_the_size_that_was_announced(void **state)
{
	SCOPE(free) char *bytes = NULL;
	struct stat status;
	struct fault fault = { 0 };
	size_t size;

	(void)state;
	assert_int_equal(stat("/proc/self/status", &status), 0);
	assert_int_equal(status.st_size, 0);
	assert_true(file_read("/proc/self/status", 65536, &bytes, &size, NULL));
	assert_true(size > 100);
	assert_int_equal(strlen(bytes), size);
	assert_non_null(strstr(bytes, "voluntary_ctxt_switches"));
	assert_false(file_read("/proc/self/status", 99, &bytes, &size, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
}

static void
replacing_is_durable_in_its_order_of_calls(void **state)
{
	(void)state;
	put("a", "old");
	assert_true(file_replace(&faulty.disk, "a", "new", 3, NULL));
	assert_true(holds("a", "new"));
	assert_string_equal(faulty.trace,
	    "remove open write sync close rename open sync close ");
	assert_int_equal(count_files(), 1);
}

static void
a_replaced_file_is_private_whatever_lay_there(void **state)
{
	struct stat status;

	(void)state;
	put("a", "old");
	put("a.new", "left by a crash, and longer than the new text");
	assert_int_equal(chmod("a", 0666) | chmod("a.new", 0666), 0);
	assert_true(file_replace(&faulty.disk, "a", "new", 3, NULL));
	assert_true(holds("a", "new"));
	assert_int_equal(stat("a", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(count_files(), 1);
}

static void
a_link_in_the_place_of_the_temporary_file_is_not_followed(void **state)
{
	(void)state;
	put("victim", "precious");
	assert_int_equal(symlink("victim", "a.new"), 0);
	assert_true(file_replace(&faulty.disk, "a", "new", 3, NULL));
	assert_true(holds("victim", "precious"));
	assert_true(holds("a", "new"));
}

static void
short_and_interrupted_writes_are_gone_on_with(void **state)
{
	(void)state;
	faulty.write_max = 3;
	faulty.interrupt = true;
	assert_true(file_replace(&faulty.disk, "a", "0123456789", 10, NULL));
	assert_true(holds("a", "0123456789"));
	faulty_reset(&faulty);
	faulty.write_nothing = true;
	assert_false(file_replace(&faulty.disk, "a", "x", 1, NULL));
	assert_true(holds("a", "0123456789"));
}

static void
empty_files_can_be_written(void **state)
{
	(void)state;
	assert_true(file_replace(&faulty.disk, "a", NULL, 0, NULL));
	assert_true(holds("a", ""));
	assert_true(file_create(&faulty.disk, "b", NULL, 0, NULL));
	assert_true(holds("b", ""));
}

static void
a_replacement_that_fails_anywhere_leaves_old_or_new(void **state)
{
	enum { CALLS = 8, RENAME = 6 };	/* the last of the nine, a close after reading, cannot fail it */

	(void)state;
	put("a", "old");
	for (int at = 1; at <= CALLS; at++) {
		struct fault fault = { 0 };

		faulty_reset(&faulty);
		faulty.fail_at = at;
		faulty.fail_errno = ENOSPC;
		assert_false(file_replace(&faulty.disk, "a", "new", 3, &fault));
		assert_int_equal(fault.code, FAULT_SYSTEM);
		assert_non_null(strstr(fault.text, "free some space"));
		assert_true(holds("a", at <= RENAME ? "old" : "new"));
		assert_int_equal(count_files(), 1);
	}
}

static void
a_failed_sync_is_not_tried_again(void **state)
{
	(void)state;
	faulty.fail_at = 4;
	assert_false(file_replace(&faulty.disk, "a", "new", 3, NULL));
	assert_string_equal(faulty.trace, "remove open write sync close remove ");
}

static void
creating_does_not_overwrite(void **state)
{
	struct fault fault = { 0 };

	(void)state;
	assert_true(file_create(&faulty.disk, "a", "one", 3, NULL));
	assert_string_equal(faulty.trace, "open write sync close rename_new open sync close ");
	assert_false(file_create(&faulty.disk, "a", "two", 3, &fault));
	assert_int_equal(fault.code, FAULT_REFUSED);
	assert_non_null(strstr(fault.text, "a exists already"));
	assert_true(holds("a", "one"));
	assert_int_equal(count_files(), 1);
}

static void
a_creation_that_fails_anywhere_leaves_all_or_nothing(void **state)
{
	enum { CALLS = 7, RENAME = 5 };

	(void)state;
	for (int at = 1; at <= CALLS; at++) {
		struct fault fault = { 0 };

		faulty_reset(&faulty);
		faulty.fail_at = at;
		assert_false(file_create(&faulty.disk, "a", "new", 3, &fault));
		assert_int_equal(fault.code, FAULT_SYSTEM);
		assert_int_equal(count_files(), at <= RENAME ? 0 : 1);
		assert_int_equal(holds("a", "new"), at > RENAME);
		unlink("a");
	}
}

/* Run ${write} in a process that ends around call ${at}; returns whether it ended there. */
static bool
dies_at(bool (*write)(void), int before, int after)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		faulty_reset(&faulty);
		faulty.die_before = before;
		faulty.die_after = after;
		_exit(write() ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_not_equal(WEXITSTATUS(status), 1);
	return WEXITSTATUS(status) == FAULTY_DIED;
}

static bool
replace_a(void)
{
	return file_replace(&faulty.disk, "a", "new", 3, NULL);
}

static bool
create_a(void)
{
	return file_create(&faulty.disk, "a", "new", 3, NULL);
}

static void
a_crash_anywhere_leaves_old_or_new_and_heals(void **state)
{
	int deaths = 0;

	(void)state;
	for (int at = 1; at <= 9; at++) {
		for (int after = 0; after <= 1; after++) {
			put("a", "old");
			deaths += dies_at(replace_a, after ? 0 : at, after ? at : 0);
			assert_true(holds("a", "old") || holds("a", "new"));
			faulty_reset(&faulty);
			assert_true(replace_a());
			assert_true(holds("a", "new"));
			assert_int_equal(count_files(), 1);
		}
	}
	assert_int_equal(deaths, 18);
}

static void
a_crash_anywhere_leaves_a_whole_file_or_none(void **state)
{
	int deaths = 0;

	(void)state;
	for (int at = 1; at <= 8; at++) {
		for (int after = 0; after <= 1; after++) {
			deaths += dies_at(create_a, after ? 0 : at, after ? at : 0);
			assert_true(access("a", F_OK) != 0 || holds("a", "new"));
			if (access("a", F_OK) != 0) {
				faulty_reset(&faulty);
				assert_true(create_a());
				assert_true(holds("a", "new"));
			}
			unlink("a");
		}
	}
	assert_int_equal(deaths, 16);
}

static void
of_many_creators_one_wins_with_a_whole_file(void **state)
{
	enum { CREATORS = 8, SIZE = 20000 };
	pid_t children[CREATORS];
	SCOPE(free) char *bytes = malloc(SIZE);
	SCOPE(free) char *found = NULL;
	size_t size;
	int winners = 0, winner = -1;

	(void)state;
	for (int i = 0; i < CREATORS; i++) {
		if ((children[i] = fork()) != 0)
			continue;
		memset(bytes, 'a' + i, SIZE);
		_exit(file_create(disk_system(), "a", bytes, SIZE, NULL) ? 0 : 1);
	}
	for (int i = 0; i < CREATORS; i++) {
		int status;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		if (status == 0) {
			winners++;
			winner = i;
		}
	}
	assert_int_equal(winners, 1);
	assert_true(file_read("a", SIZE, &found, &size, NULL));
	memset(bytes, 'a' + winner, SIZE);
	assert_int_equal(size, SIZE);
	assert_memory_equal(found, bytes, SIZE);
	assert_int_equal(count_files(), 1);
}

static void
removing_is_durable_and_can_be_repeated(void **state)
{
	struct fault fault = { 0 };

	(void)state;
	put("a", "x");
	assert_true(file_remove(&faulty.disk, "a", NULL));
	assert_string_equal(faulty.trace, "remove open sync close ");
	assert_int_equal(count_files(), 0);
	assert_true(file_remove(&faulty.disk, "a", NULL));
	faulty.fail_at = faulty.calls + 1;
	assert_false(file_remove(&faulty.disk, "a", &fault));
	assert_string_equal(fault.text, "Remove a: Input/output error");
}

static void
directories_are_made_with_their_parents_and_private(void **state)
{
	struct stat status;

	(void)state;
	assert_true(file_make_directory(&faulty.disk, "x/y//z/", NULL));
	assert_int_equal(stat("x/y/z", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	assert_int_equal(stat("x", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	faulty_reset(&faulty);
	assert_true(file_make_directory(&faulty.disk, "x/y/z", NULL));
	assert_null(strstr(faulty.trace, "sync"));
	assert_true(file_make_directory(&faulty.disk, "/", NULL));
	assert_true(file_make_directory(&faulty.disk, ".", NULL));
}

static void
each_new_directory_is_synced_into_its_parent(void **state)
{
	(void)state;
	assert_true(file_make_directory(&faulty.disk, "x/y", NULL));
	assert_string_equal(faulty.trace,
	    "make_directory open sync close make_directory open sync close ");
}

static void
a_file_in_the_way_of_a_directory_is_said(void **state)
{
	struct fault fault = { 0 };

	(void)state;
	put("x", "");
	assert_false(file_make_directory(&faulty.disk, "x/y", &fault));
	assert_int_equal(fault.code, FAULT_SYSTEM);
	assert_string_equal(fault.text, "x should be a directory and is something else");
	assert_false(file_make_directory(&faulty.disk, "", &fault));
	faulty.fail_at = faulty.calls + 1;
	faulty.fail_errno = EACCES;
	assert_false(file_make_directory(&faulty.disk, "new", &fault));
	assert_string_equal(fault.text, "Make the directory new: Permission denied");
}

static void
the_parent_of_a_path_is_found(void **state)
{
	static const char *const rows[] = { "name", "/name", "./name", "/tmp/name" };
	struct fault fault = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_true(file_sync_parent(&faulty.disk, rows[i], NULL));
	assert_false(file_sync_parent(&faulty.disk, "none/name", &fault));
	assert_string_equal(fault.text, "Open the directory none: No such file or directory");
}

static void
paths_are_formatted(void **state)
{
	SCOPE(free) char *path = NULL;

	(void)state;
	assert_true(file_path(&path, NULL, "%s/%d.lock", "/var/lib/keyturn", 7));
	assert_string_equal(path, "/var/lib/keyturn/7.lock");
}

#define IN_PLAYGROUND(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLAYGROUND(reading_gives_all_bytes_and_a_nul),
		IN_PLAYGROUND(reading_refuses_what_is_too_long_or_no_file),
		IN_PLAYGROUND(reading_goes_on_past_the_size_that_was_announced),
		IN_PLAYGROUND(replacing_is_durable_in_its_order_of_calls),
		IN_PLAYGROUND(a_replaced_file_is_private_whatever_lay_there),
		IN_PLAYGROUND(a_link_in_the_place_of_the_temporary_file_is_not_followed),
		IN_PLAYGROUND(short_and_interrupted_writes_are_gone_on_with),
		IN_PLAYGROUND(empty_files_can_be_written),
		IN_PLAYGROUND(a_replacement_that_fails_anywhere_leaves_old_or_new),
		IN_PLAYGROUND(a_failed_sync_is_not_tried_again),
		IN_PLAYGROUND(creating_does_not_overwrite),
		IN_PLAYGROUND(a_creation_that_fails_anywhere_leaves_all_or_nothing),
		IN_PLAYGROUND(a_crash_anywhere_leaves_old_or_new_and_heals),
		IN_PLAYGROUND(a_crash_anywhere_leaves_a_whole_file_or_none),
		IN_PLAYGROUND(of_many_creators_one_wins_with_a_whole_file),
		IN_PLAYGROUND(removing_is_durable_and_can_be_repeated),
		IN_PLAYGROUND(directories_are_made_with_their_parents_and_private),
		IN_PLAYGROUND(each_new_directory_is_synced_into_its_parent),
		IN_PLAYGROUND(a_file_in_the_way_of_a_directory_is_said),
		IN_PLAYGROUND(the_parent_of_a_path_is_found),
		IN_PLAYGROUND(paths_are_formatted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
