#include "playground.h"

#include "clock.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

static void
on_stop(int number)
{
	(void)number;
	clock_stop();
}

static void
wall_time_is_that_of_the_machine(void **state)
{
	int64_t before = (int64_t)time(NULL) * 1000, now = clock_wall_ms(clock_system());

	(void)state;
	/* time() may lag by one tick of the kernel. */
	assert_true(now >= before - 1000);
	assert_true(now <= ((int64_t)time(NULL) + 2) * 1000);
}

static void
a_wait_lasts_as_long_as_asked(void **state)
{
	static const int64_t spans[] = { 1, 5, 30 };
	const struct clock *clock = clock_system();

	(void)state;
	for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
		int64_t begin = clock_monotonic_ms(clock);

		assert_true(clock_wait_ms(clock, spans[i]));
		assert_true(clock_monotonic_ms(clock) - begin >= spans[i]);
	}
	assert_true(clock_wait_ms(clock, 0));
	assert_true(clock_wait_ms(clock, -5));
	assert_false(clock_stopped());
}

/* Start a child that waits for an hour and exits 0 if it was woken by a stop. */
static pid_t
start_waiter(int *ret_fd)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child != 0) {
		close(ends[1]);
		*ret_fd = ends[0];
		return child;
	}

	/* Block the signal before saying "ready", as clock.c itself does around its test. */
	sigset_t block, before;
	sigemptyset(&block);
	sigaddset(&block, SIGTERM);
	sigprocmask(SIG_BLOCK, &block, &before);
	signal(SIGTERM, on_stop);
	if (write(ends[1], "r", 1) != 1)
		_exit(1);
	sigprocmask(SIG_SETMASK, &before, NULL);
	bool whole = clock_wait_ms(clock_system(), 3600000);

	/* Once stopped, no later wait waits either. */
	bool again = clock_wait_ms(clock_system(), 3600000);
	_exit(!whole && !again && clock_stopped() ? 0 : 2);
}

static void
a_stop_ends_a_wait_at_any_moment(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		int fd, status;
		char byte;
		pid_t child = start_waiter(&fd);

		assert_int_equal(read(fd, &byte, 1), 1);
		close(fd);

		/* Sometimes it comes before the wait, sometimes within. */
		for (volatile int spin = 0; spin < i * 20000; spin = spin + 1)
			continue;
		assert_int_equal(kill(child, SIGTERM), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wall_time_is_that_of_the_machine),
		cmocka_unit_test(a_wait_lasts_as_long_as_asked),
		cmocka_unit_test(a_stop_ends_a_wait_at_any_moment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
