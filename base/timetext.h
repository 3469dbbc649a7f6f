#ifndef TIMETEXT_H
#define TIMETEXT_H

#include "duration.h"
#include "fault.h"

#include <stddef.h>
#include <stdint.h>

enum { TIMETEXT_SIZE = 32 };	/* "2026-11-22T01:45:00.000Z" and a NUL fit */

/**
 * Print Unix milliseconds as RFC 3339 in UTC with milliseconds; what lies outside the years 0000
 * to 9999 shows as the nearest moment within. Returns ${text}.
 */
const char *timetext_print_ms(int64_t wall_ms, char text[static TIMETEXT_SIZE]);

/** Print Unix seconds as RFC 3339 in UTC without a fraction. Returns ${text}. */
const char *timetext_print_s(int64_t wall_s, char text[static TIMETEXT_SIZE]);

/**
 * timetext_parse(text, ret_ms, fault):
 * Read an RFC 3339 date-time (5.6: any offset, any fraction of which milliseconds are kept;
 * second 60 only where a leap second can be, at the end of a UTC month: it counts as the second
 * after it, since Unix time has no number for it). "T" and "Z" may be small. Errors: FAULT_DATA.
 */
bool timetext_parse(const char *text, int64_t *ret_wall_ms, struct fault *fault)
    __attribute__((warn_unused_result));

/** Read an RFC 3339 full-date ("2026-12-20"); gives its first millisecond in UTC. Errors: FAULT_DATA. */
bool timetext_parse_date(const char *text, int64_t *ret_wall_ms, struct fault *fault)
    __attribute__((warn_unused_result));

#endif
