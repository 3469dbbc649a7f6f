#ifndef DURATION_H
#define DURATION_H

#include "fault.h"

#include <stdint.h>

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
 * gaps. Capitals only, as in ISO 8601, although the appendix' ABNF would take small letters too.
 * Errors: FAULT_DATA, also for one longer than 100 years (of 365.25 days; 12 months are a year).
 */
bool duration_parse(const char *text, struct duration *ret_duration, struct fault *fault)
    __attribute__((warn_unused_result));

/** ${wall_ms} plus ${duration}, months first; a day that the month lacks becomes that month's last (UTC). */
int64_t duration_add(int64_t wall_ms, const struct duration *duration);

enum { DURATION_TEXT_SIZE = 32 };

/** For people, cut to one unit: "45 s", "12 min", "2 h", "3 days"; each from two of it on. Returns ${text}. */
const char *duration_print_human(int64_t span_ms, char text[static DURATION_TEXT_SIZE]);

#endif
