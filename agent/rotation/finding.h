#ifndef FINDING_H
#define FINDING_H

#include <jansson.h>
#include <stdbool.h>

/*
 * What a look found worth telling, as the JSON that the commands print: a list of
 * {"level", "subject", "text", "advice"}.  The counters stay right even when memory for the list runs out.
 */

enum finding_level { FINDING_OK = 1, FINDING_NOTE, FINDING_WARNING, FINDING_PROBLEM };

struct findings {
	json_t *list;			/* owned: see finding_clear */
	unsigned problems, warnings;
};

/** Start an empty list. */
void finding_init(struct findings *findings);

/** Add one; ${advice} may be "". */
void finding_add(struct findings *findings, enum finding_level level, const char *subject,
    const char *advice, const char *format, ...) __attribute__((format(printf, 5, 6)));

/** The first text of that level, or "" if there is none. Borrowed. */
const char *finding_first(const struct findings *findings, enum finding_level level);

/** What it is about: a name, URL or "". Borrowed. */
const char *finding_first_subject(const struct findings *findings, enum finding_level level);

/** The advice that goes with it. Borrowed. */
const char *finding_first_advice(const struct findings *findings, enum finding_level level);

/** Leave out what is fine, where only what is worth telling is wanted. */
void finding_drop_fine(struct findings *findings);

/** Hand the list on and leave an empty one behind. */
json_t *finding_take(struct findings *findings);

void finding_clear(struct findings *findings);

static inline void
scope_findings(struct findings *findings)
{
	finding_clear(findings);
}

#endif
