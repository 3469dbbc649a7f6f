#include "playground.h"

#include <fcntl.h>
#include <sys/stat.h>

/* The unit is compiled here with a renameat2 of ours, to play a file system that lacks it. */
static int no_replace_errno;

static int
fake_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);

#define renameat2 fake_renameat2
#include "disk.c"
#undef renameat2

static int
fake_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
	if (no_replace_errno != 0) {
		errno = no_replace_errno;
		return -1;
	}
	return renameat2(from_fd, from, to_fd, to, flags);
}

static int
setup(void **state)
{
	no_replace_errno = 0;
	return playground_enter(state);
}

/* Make a file that holds ${text} by the table's calls. */
static void
put(const char *path, const char *text)
{
	const struct disk *disk = disk_system();
	int fd = disk->open(disk->context, path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	assert_true(fd >= 0);
	assert_int_equal(disk->write(disk->context, fd, text, strlen(text)), strlen(text));
	assert_int_equal(disk->sync(disk->context, fd), 0);
	assert_int_equal(disk->close(disk->context, fd), 0);
}

static void
each_call_does_what_its_namesake_does(void **state)
{
	const struct disk *disk = disk_system();
	struct stat status;

	(void)state;
	put("a", "12345");
	int fd = disk->open(disk->context, "a", O_WRONLY, 0);
	assert_int_equal(disk->truncate(disk->context, fd, 2), 0);
	assert_int_equal(disk->close(disk->context, fd), 0);
	assert_true(playground_holds("a", "12"));
	put("b", "old");
	assert_int_equal(disk->rename(disk->context, "a", "b"), 0);
	assert_true(playground_holds("b", "12"));
	assert_int_equal(disk->make_directory(disk->context, "d", 0700), 0);
	assert_int_equal(stat("d", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	assert_int_equal(disk->remove(disk->context, "b"), 0);
	assert_int_equal(access("b", F_OK), -1);
	assert_int_equal(disk->remove(disk->context, "b"), -1);
	assert_int_equal(errno, ENOENT);
}

/* rename_new must keep its word on every kind of file system. */
static void
check_rename_new(int missing_errno)
{
	const struct disk *disk = disk_system();

	no_replace_errno = missing_errno;
	put("from", "new");
	put("to", "old");
	assert_int_equal(disk->rename_new(disk->context, "from", "to"), -1);
	assert_int_equal(errno, EEXIST);
	assert_true(playground_holds("to", "old"));
	assert_true(playground_holds("from", "new"));

	assert_int_equal(disk->rename_new(disk->context, "from", "free"), 0);
	assert_true(playground_holds("free", "new"));
	assert_int_equal(access("from", F_OK), -1);
}

static void
rename_new_never_overwrites(void **state)
{
	(void)state;
	check_rename_new(0);
}

static void
rename_new_never_overwrites_without_renameat2(void **state)
{
	(void)state;
	check_rename_new(EINVAL);
}

static void
rename_new_never_overwrites_on_an_old_kernel(void **state)
{
	(void)state;
	check_rename_new(ENOSYS);
}

static void
rename_new_passes_other_errors_on(void **state)
{
	const struct disk *disk = disk_system();

	(void)state;
	put("from", "new");
	no_replace_errno = EROFS;
	assert_int_equal(disk->rename_new(disk->context, "from", "to"), -1);
	assert_int_equal(errno, EROFS);
	assert_int_equal(access("to", F_OK), -1);
}

#define IN_PLAYGROUND(test) cmocka_unit_test_setup_teardown(test, setup, playground_leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLAYGROUND(each_call_does_what_its_namesake_does),
		IN_PLAYGROUND(rename_new_never_overwrites),
		IN_PLAYGROUND(rename_new_never_overwrites_without_renameat2),
		IN_PLAYGROUND(rename_new_never_overwrites_on_an_old_kernel),
		IN_PLAYGROUND(rename_new_passes_other_errors_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
