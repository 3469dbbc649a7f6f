#include "playground.h"

#include "faultydisk.h"
#include "file.h"
#include "scope.h"

#include <sys/stat.h>

static struct faulty_disk faulty;

static int
setup(void **state)
{
	faulty_reset(&faulty);
	return playground_enter(state);
}

static void
reading_gives_all_bytes_and_a_nul(void **state)
{
	SCOPE(free) char *bytes = NULL;
	SCOPE(free) char *empty = NULL;
	size_t size;

	(void)state;
	playground_put("a", "hello");
	assert_true(file_read("a", 5, &bytes, &size, NULL));
	assert_int_equal(size, 5);
	assert_string_equal(bytes, "hello");
	playground_put("b", "");
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
	playground_put("a", "hello");
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
	playground_put("a", "old");
	assert_true(file_replace(&faulty.disk, "a", "new", 3, NULL));
	assert_true(playground_holds("a", "new"));
	assert_string_equal(faulty.trace,
	    "remove open write sync close rename open sync close ");
	assert_int_equal(playground_count(), 1);
}

static void
a_replaced_file_is_private_whatever_lay_there(void **state)
{
	struct stat status;

	(void)state;
	playground_put("a", "old");
	playground_put("a.new", "left by a crash, and longer than the new text");
	assert_int_equal(chmod("a", 0666) | chmod("a.new", 0666), 0);
	assert_true(file_replace(&faulty.disk, "a", "new", 3, NULL));
	assert_true(playground_holds("a", "new"));
	assert_int_equal(stat("a", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(playground_count(), 1);
}

static void
a_link_in_the_place_of_the_temporary_file_is_not_followed(void **state)
{
	(void)state;
	playground_put("victim", "precious");
	assert_int_equal(symlink("victim", "a.new"), 0);
	assert_true(file_replace(&faulty.disk, "a", "new", 3, NULL));
	assert_true(playground_holds("victim", "precious"));
	assert_true(playground_holds("a", "new"));
}

static void
short_and_interrupted_writes_are_gone_on_with(void **state)
{
	(void)state;
	faulty.write_max = 3;
	faulty.interrupt = true;
	assert_true(file_replace(&faulty.disk, "a", "0123456789", 10, NULL));
	assert_true(playground_holds("a", "0123456789"));
	faulty_reset(&faulty);
	faulty.write_nothing = true;
	assert_false(file_replace(&faulty.disk, "a", "x", 1, NULL));
	assert_true(playground_holds("a", "0123456789"));
}

static void
empty_files_can_be_written(void **state)
{
	(void)state;
	assert_true(file_replace(&faulty.disk, "a", NULL, 0, NULL));
	assert_true(playground_holds("a", ""));
	assert_true(file_create(&faulty.disk, "b", NULL, 0, NULL));
	assert_true(playground_holds("b", ""));
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
	assert_true(playground_holds("a", "one"));
	assert_int_equal(playground_count(), 1);
}

static void
removing_is_durable_and_can_be_repeated(void **state)
{
	struct fault fault = { 0 };

	(void)state;
	playground_put("a", "x");
	assert_true(file_remove(&faulty.disk, "a", NULL));
	assert_string_equal(faulty.trace, "remove open sync close ");
	assert_int_equal(playground_count(), 0);
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
	playground_put("x", "");
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

#define IN_PLAYGROUND(test) cmocka_unit_test_setup_teardown(test, setup, playground_leave)

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
		IN_PLAYGROUND(a_failed_sync_is_not_tried_again),
		IN_PLAYGROUND(creating_does_not_overwrite),
		IN_PLAYGROUND(removing_is_durable_and_can_be_repeated),
		IN_PLAYGROUND(directories_are_made_with_their_parents_and_private),
		IN_PLAYGROUND(each_new_directory_is_synced_into_its_parent),
		IN_PLAYGROUND(a_file_in_the_way_of_a_directory_is_said),
		IN_PLAYGROUND(the_parent_of_a_path_is_found),
		IN_PLAYGROUND(paths_are_formatted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
