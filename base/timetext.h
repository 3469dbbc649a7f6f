#ifndef TIMETEXT_H
#define TIMETEXT_H

#include "fault.h"

#include <stddef.h>
#include <stdint.h>

enum { TIMETEXT_SIZE = 32 };	/* "2026-11-22T01:45:00.000Z" and a NUL fit */

/** Print Unix milliseconds as RFC 3339 in UTC with milliseconds. Returns ${text}. */
const char *timetext_print_ms(int64_t wall_ms, char text[static TIMETEXT_SIZE]);

/** Print Unix seconds as RFC 3339 in UTC without a fraction. Returns ${text}. */
const char *timetext_print_s(int64_t wall_s, char text[static TIMETEXT_SIZE]);

/**
 * timetext_parse(text, ret_ms, fault):
 * Read an RFC 3339 date-time (5.6: any offset, any fraction of which milliseconds are kept;
 * second 60 only where a leap second can be). Errors: FAULT_DATA.
 */
bool timetext_parse(const char *text, int64_t *ret_wall_ms, struct fault *fault)
    __attribute__((warn_unused_result));

/** Read an RFC 3339 full-date ("2026-12-20"); gives its first millisecond in UTC. Errors: FAULT_DATA. */
bool timetext_parse_date(const char *text, int64_t *ret_wall_ms, struct fault *fault)
    __attribute__((warn_unused_result));

/*
 * A duration keeps months apart from milliseconds, since months differ in length.
 */
struct duration {
	int32_t months;		/* years count 12 */
	int64_t ms;		/* weeks, days (24 h each), hours, minutes, seconds */
};

/**
 * duration_parse(text, ret_duration, fault):
 * Read an ISO 8601 duration in the dialect of RFC 3339 appendix A ("P90D", "PT4H", "P1Y2M",
 * "P2W"): no sign, no fraction, no mixture of weeks with others, units in order and without
 * gaps. Errors: FAULT_DATA, also for one longer than 100 years.
 */
bool duration_parse(const char *text, struct duration *ret_duration, struct fault *fault)
    __attribute__((warn_unused_result));

/** ${from} plus ${duration}; a day that the month lacks becomes that month's last (UTC). */
int64_t duration_add(int64_t wall_ms, const struct duration *duration);

/** For people: "3 days", "2 h", "45 s", "in 12 min" without the "in". Returns ${text}. */
const char *duration_print_human(int64_t span_ms, char text[static TIMETEXT_SIZE]);

#endif
