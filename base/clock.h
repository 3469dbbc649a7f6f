#ifndef CLOCK_H
#define CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Time, as a table of functions, so that a test can hand in its own.
 * Wall time is for people, policies and the journal; monotonic time is for
 * time-outs, since an administrator cannot set it back.
 */
struct clock {
	void *context;

	/** Milliseconds since 1970-01-01T00:00:00Z. */
	int64_t (*wall_ms)(void *context);

	/** Milliseconds since some fixed moment; goes on while the machine sleeps. */
	int64_t (*monotonic_ms)(void *context);

	/** Wait; return false at once when the process has been asked to stop. */
	bool (*wait_ms)(void *context, int64_t duration_ms);
};

/** The machine's clocks. The wait ends early once clock_stop was called. */
const struct clock *clock_system(void);

/** Ask every present and later wait of clock_system to end. Safe in a signal handler. */
void clock_stop(void);

/** Whether clock_stop was called. */
bool clock_stopped(void);

static inline int64_t
clock_wall_ms(const struct clock *clock)
{
	return clock->wall_ms(clock->context);
}

static inline int64_t
clock_monotonic_ms(const struct clock *clock)
{
	return clock->monotonic_ms(clock->context);
}

static inline bool
clock_wait_ms(const struct clock *clock, int64_t duration_ms)
{
	return clock->wait_ms(clock->context, duration_ms);
}

#endif
