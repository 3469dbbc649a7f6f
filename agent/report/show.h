#ifndef SHOW_H
#define SHOW_H

#include "journal.h"

/*
 * Records as people read them: `audit show`. Nothing here is safe for a terminal yet; whoever prints sees to that.
 */

/* Which records; what is NULL or 0 does not filter. */
struct show_filter {
	const char *policy;
	const char *rotation;		/* the whole id or its beginning, of either case */
	int64_t since_ms;		/* wall time: this moment and later */
};

/** Whether ${record} passes ${filter} (NULL: all do). */
bool show_matches(const struct show_filter *filter, const struct journal_record *record);

/** Call ${visit} for each record of ${journal} that passes, in order. Errors: as journal_read. */
bool show_read(struct journal *journal, const struct show_filter *filter, journal_visit *visit,
    void *context, struct fault *fault) __attribute__((warn_unused_result));

/** What happened, in one sentence made from step, phase, reason and detail. The caller frees it. Errors: FAULT_SYSTEM, no memory. */
bool show_sentence(const struct journal_record *record, char **ret_text, struct fault *fault)
    __attribute__((warn_unused_result));

/**
 * show_line(record, ret_text, fault):
 * One line: number, time (UTC, seconds), policy, first 8 digits of the rotation, step, phase, sentence; "-" where there is none. The caller frees it.
 */
bool show_line(const struct journal_record *record, char **ret_text, struct fault *fault)
    __attribute__((warn_unused_result));

/**
 * The record as JSON for programs: all its members as they stand, and "text", the sentence. A new reference; NULL without memory.
 */
json_t *show_json(const struct journal_record *record);

#endif
