/* Durable files when a system call fails, the process ends, or another does the same at once. */

#include "playground.h"

#include "faultydisk.h"
#include "file.h"
#include "scope.h"

#include <sys/wait.h>

static struct faulty_disk faulty;

static int
setup(void **state)
{
	faulty_reset(&faulty);
	return playground_enter(state);
}

static void
a_replacement_that_fails_anywhere_leaves_old_or_new(void **state)
{
	enum { CALLS = 8, RENAME = 6 };	/* the last of the nine, a close after reading, cannot fail it */

	(void)state;
	playground_put("a", "old");
	for (int at = 1; at <= CALLS; at++) {
		struct fault fault = { 0 };

		faulty_reset(&faulty);
		faulty.fail_at = at;
		faulty.fail_errno = ENOSPC;
		assert_false(file_replace(&faulty.disk, "a", "new", 3, &fault));
		assert_int_equal(fault.code, FAULT_SYSTEM);
		assert_non_null(strstr(fault.text, "free some space"));
		assert_true(playground_holds("a", at <= RENAME ? "old" : "new"));
		assert_int_equal(playground_count(), 1);
	}
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
		assert_int_equal(playground_count(), at <= RENAME ? 0 : 1);
		assert_int_equal(playground_holds("a", "new"), at > RENAME);
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
			playground_put("a", "old");
			deaths += dies_at(replace_a, after ? 0 : at, after ? at : 0);
			assert_true(playground_holds("a", "old") || playground_holds("a", "new"));
			faulty_reset(&faulty);
			assert_true(replace_a());
			assert_true(playground_holds("a", "new"));
			assert_int_equal(playground_count(), 1);
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
			assert_true(access("a", F_OK) != 0 || playground_holds("a", "new"));
			if (access("a", F_OK) != 0) {
				faulty_reset(&faulty);
				assert_true(create_a());
				assert_true(playground_holds("a", "new"));
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
	assert_int_equal(playground_count(), 1);
}

#define IN_PLAYGROUND(test) cmocka_unit_test_setup_teardown(test, setup, playground_leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLAYGROUND(a_replacement_that_fails_anywhere_leaves_old_or_new),
		IN_PLAYGROUND(a_creation_that_fails_anywhere_leaves_all_or_nothing),
		IN_PLAYGROUND(a_crash_anywhere_leaves_old_or_new_and_heals),
		IN_PLAYGROUND(a_crash_anywhere_leaves_a_whole_file_or_none),
		IN_PLAYGROUND(of_many_creators_one_wins_with_a_whole_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
