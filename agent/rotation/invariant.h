#ifndef INVARIANT_H
#define INVARIANT_H

#include "facts.h"

/*
 * What must hold before and after every step, on facts and the verified journal:
 *
 *  1. every version that a service names, or ever named, exists, is enabled, is in date, has its operations;
 *  2. a service is only ever pointed at a version that passed prove, or that adopt recorded;
 *  3. no step disables, deletes or expires a version (there is no code that does: nothing to look at);
 *  4. the newest version came from our HSM, or was adopted.
 */

enum { INVARIANT_READABLE = 1, INVARIANT_PROVEN = 2, INVARIANT_PROVENANCE = 4 };

/* One breach, identified so that before and after can be compared. */
struct invariant_breach {
	int invariant;
	char kid[VAULT_KID_MAX];
	char service[160];		/* "" where no single service is concerned */
};

struct invariant_report {
	struct invariant_breach *list;	/* owned */
	size_t count;
};

/** Evaluate all of them and describe each breach in ${findings} (which may be NULL). Errors: FAULT_SYSTEM, memory. */
bool invariant_check(const struct facts *facts, struct invariant_report *ret_report,
    struct findings *findings, struct fault *fault) __attribute__((warn_unused_result));

/** The first breach of ${after} that ${before} has not, or NULL: only what is newly broken counts, so that one can climb out of a bad state. */
const struct invariant_breach *invariant_newly_broken(const struct invariant_report *before,
    const struct invariant_report *after);

/** Whether one of the report breaks ${invariant}. */
bool invariant_broken(const struct invariant_report *report, int invariant);

void invariant_clear(struct invariant_report *report);

static inline void
scope_invariant(struct invariant_report *report)
{
	invariant_clear(report);
}

#endif
