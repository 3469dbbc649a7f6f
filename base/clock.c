#include "clock.h"

#include <poll.h>
#include <signal.h>
#include <time.h>

static volatile sig_atomic_t stopped;

static int64_t
read_clock(clockid_t id)
{
	struct timespec now;

	/* Only a wrong id can make this fail, and ours are right. */
	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t
system_wall_ms(void *context)
{
	(void)context;
	return read_clock(CLOCK_REALTIME);
}

static int64_t
system_monotonic_ms(void *context)
{
	(void)context;
	return read_clock(CLOCK_BOOTTIME);
}

/* The stop signals are blocked outside the wait, so none can slip between the test and ppoll. */
static bool
system_wait_ms(void *context, int64_t duration_ms)
{
	int64_t end = read_clock(CLOCK_BOOTTIME) + duration_ms;
	sigset_t block, before;

	(void)context;
	sigemptyset(&block);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGINT);
	pthread_sigmask(SIG_BLOCK, &block, &before);
	while (!stopped) {
		int64_t left = end - read_clock(CLOCK_BOOTTIME);

		if (left <= 0)
			break;
		/* A suspended machine does not count against ppoll: wake up now and then. */
		if (left > 60000)
			left = 60000;
		struct timespec span = {
			.tv_sec = left / 1000,
			.tv_nsec = (left % 1000) * 1000000,
		};
		ppoll(NULL, 0, &span, &before);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return !stopped;
}

static const struct clock machine = {
	.wall_ms = system_wall_ms,
	.monotonic_ms = system_monotonic_ms,
	.wait_ms = system_wait_ms,
};

const struct clock *
clock_system(void)
{
	return &machine;
}

void
clock_stop(void)
{
	stopped = 1;
}

bool
clock_stopped(void)
{
	return stopped != 0;
}
