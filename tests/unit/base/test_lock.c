#include "playground.h"

#include "lock.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* A clock that goes only when somebody waits, notes the waits, and can do something meanwhile. */
static struct {
	int64_t now;
	int64_t waits[64];
	int count;
	int stop_at, free_at;	/* number of the wait, from 1 */
	struct lock *held;
} times;

static int64_t
now(void *context)
{
	(void)context;
	return times.now;
}

static bool
wait_ms(void *context, int64_t duration_ms)
{
	(void)context;
	assert_true(duration_ms > 0);
	assert_true(times.count < 64);
	times.waits[times.count++] = duration_ms;
	times.now += duration_ms;
	if (times.count == times.free_at) {
		lock_free(times.held);
		times.held = NULL;
	}
	return times.count != times.stop_at;
}

static const struct clock clock_of_ours = {
	.wall_ms = now,
	.monotonic_ms = now,
	.wait_ms = wait_ms,
};

static int
setup(void **state)
{
	memset(&times, 0, sizeof times);
	times.now = 1000;
	return playground_enter(state);
}

static int
teardown(void **state)
{
	lock_free(times.held);
	return playground_leave(state);
}

static bool
take(const char *purpose, int64_t patience_ms, struct lock **ret_lock, struct fault *fault)
{
	return lock_take("l", purpose, &clock_of_ours, patience_ms, ret_lock, fault);
}

static void
read_text(char text[static 300])
{
	FILE *file = fopen("l", "r");

	assert_non_null(file);
	text[fread(text, 1, 299, file)] = 0;
	fclose(file);
}

static void
a_lock_is_taken_says_who_and_is_given_back(void **state)
{
	struct lock *lock = NULL;
	struct stat status;
	char text[300], wanted[64];

	(void)state;
	assert_true(take("rotate radiology", 0, &lock, NULL));
	snprintf(wanted, sizeof wanted, "%ld rotate radiology\n", (long)getpid());
	read_text(text);
	assert_string_equal(text, wanted);
	assert_int_equal(stat("l", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);

	/* The file stays, without our name. */
	lock_free(lock);
	read_text(text);
	assert_string_equal(text, "");
	assert_true(take("again", 0, &lock, NULL));
	lock_free(lock);
	lock_free(NULL);
	assert_int_equal(times.count, 0);
}

static void
a_held_lock_is_refused_at_once_and_names_its_holder(void **state)
{
	struct fault fault = { 0 };
	struct lock *lock = NULL;
	char wanted[100];

	(void)state;
	assert_true(take("rotate radiology", 0, &times.held, NULL));
	assert_false(take("status", 0, &lock, &fault));
	assert_null(lock);
	assert_int_equal(fault.code, FAULT_RETRY);
	snprintf(wanted, sizeof wanted, "process %ld (rotate radiology) holds it", (long)getpid());
	assert_non_null(strstr(fault.text, wanted));
	assert_int_equal(times.count, 0);
}

static void
waiting_backs_off_and_ends_with_the_patience(void **state)
{
	struct fault fault = { 0 };
	struct lock *lock = NULL;
	int64_t sum = 0;

	(void)state;
	assert_true(take("x", 0, &times.held, NULL));
	assert_false(take("y", 3000, &lock, &fault));
	assert_int_equal(fault.code, FAULT_RETRY);
	for (int i = 0; i < times.count; i++) {
		assert_true(times.waits[i] <= 200);
		if (i > 0 && i < times.count - 1)
			assert_true(times.waits[i] >= times.waits[i - 1]);
		sum += times.waits[i];
	}
	assert_int_equal(sum, 3000);
	assert_true(times.count > 15 && times.count < 30);
}

static void
a_lock_that_becomes_free_is_taken(void **state)
{
	struct lock *lock = NULL;

	(void)state;
	assert_true(take("x", 0, &times.held, NULL));
	times.free_at = 3;
	assert_true(take("y", 3000, &lock, NULL));
	assert_int_equal(times.count, 3);
	lock_free(lock);
}

static void
who_is_asked_to_stop_stops_waiting(void **state)
{
	struct fault fault = { 0 };
	struct lock *lock = NULL;

	(void)state;
	assert_true(take("x", 0, &times.held, NULL));
	times.stop_at = 2;
	assert_false(take("y", 3000, &lock, &fault));
	assert_int_equal(fault.code, FAULT_STOPPED);
	assert_int_equal(times.count, 2);
}

/* In a child: take the lock, tell the parent, and wait to be killed. */
static pid_t
hold_in_child(void)
{
	struct lock *lock = NULL;
	int ends[2];
	char byte = 0;

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		byte = take("die", 0, &lock, NULL) ? 'y' : 'n';
		if (write(ends[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	assert_int_equal(byte, 'y');
	return child;
}

static void
the_kernel_gives_back_what_a_dead_holder_held(void **state)
{
	struct fault fault = { 0 };
	struct lock *lock = NULL;
	char text[300], wanted[64];

	(void)state;
	pid_t child = hold_in_child();
	assert_false(take("x", 0, &lock, &fault));
	snprintf(wanted, sizeof wanted, "process %ld (die) holds it", (long)child);
	assert_non_null(strstr(fault.text, wanted));

	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_true(take("x", 0, &lock, NULL));

	/* Nothing of the dead holder's longer text is left behind ours. */
	snprintf(wanted, sizeof wanted, "%ld x\n", (long)getpid());
	read_text(text);
	assert_string_equal(text, wanted);
	lock_free(lock);
}

static void
a_long_purpose_is_cut_and_a_short_one_leaves_nothing_of_it(void **state)
{
	struct lock *lock = NULL;
	char purpose[1000], text[300], wanted[64];

	(void)state;
	memset(purpose, 'p', sizeof purpose - 1);
	purpose[sizeof purpose - 1] = 0;
	assert_true(take(purpose, 0, &lock, NULL));
	read_text(text);
	assert_true(strlen(text) <= 200);
	assert_int_equal(text[strlen(text) - 1], '\n');
	lock_free(lock);

	assert_true(take("s", 0, &lock, NULL));
	snprintf(wanted, sizeof wanted, "%ld s\n", (long)getpid());
	read_text(text);
	assert_string_equal(text, wanted);
	lock_free(lock);
}

static void
a_strange_holder_cannot_write_to_the_terminal(void **state)
{
	static const struct {
		const char *text, *wanted;
	} rows[] = {
		{ "12 a\x1b[2J\rb\nc", "process 12 (a?[2J?b) holds it" },
		{ "", "another process holds it" },
		{ "12", "process 12 (for what, it does not say) holds it" },
	};

	(void)state;
	assert_true(take("x", 0, &times.held, NULL));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fault fault = { 0 };
		struct lock *lock = NULL;
		int fd = open("l", O_WRONLY | O_TRUNC);

		assert_int_equal(write(fd, rows[i].text, strlen(rows[i].text)), strlen(rows[i].text));
		close(fd);
		assert_false(take("y", 0, &lock, &fault));
		if (strstr(fault.text, rows[i].wanted) == NULL)
			fail_msg("%s", fault.text);
	}
}

static void
places_where_no_lock_can_be_are_refused(void **state)
{
	struct fault fault = { 0 };
	struct lock *lock = NULL;

	(void)state;
	assert_false(lock_take("none/l", "x", &clock_of_ours, 0, &lock, &fault));
	assert_int_equal(fault.code, FAULT_SYSTEM);
	assert_string_equal(fault.text, "Open the lock file none/l: No such file or directory");
	assert_int_equal(symlink("elsewhere", "l"), 0);
	assert_false(take("x", 0, &lock, &fault));
	assert_int_equal(fault.code, FAULT_SYSTEM);
	assert_int_equal(access("elsewhere", F_OK), -1);
}

#define IN_PLAYGROUND(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLAYGROUND(a_lock_is_taken_says_who_and_is_given_back),
		IN_PLAYGROUND(a_held_lock_is_refused_at_once_and_names_its_holder),
		IN_PLAYGROUND(waiting_backs_off_and_ends_with_the_patience),
		IN_PLAYGROUND(a_lock_that_becomes_free_is_taken),
		IN_PLAYGROUND(who_is_asked_to_stop_stops_waiting),
		IN_PLAYGROUND(the_kernel_gives_back_what_a_dead_holder_held),
		IN_PLAYGROUND(a_long_purpose_is_cut_and_a_short_one_leaves_nothing_of_it),
		IN_PLAYGROUND(a_strange_holder_cannot_write_to_the_terminal),
		IN_PLAYGROUND(places_where_no_lock_can_be_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
