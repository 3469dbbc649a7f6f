#ifndef FINDINGS_H
#define FINDINGS_H

#include "verify.h"

/* The list of problems of a verdict. Private to this room. */

enum { FINDINGS_MAX = 100 };	/* more only show that it is another file altogether */

/** Add a problem with record ${n}, seen at byte ${offset}; one too many is only counted. Errors: FAULT_SYSTEM, no memory. */
bool findings_add(struct journal_verdict *verdict, uint64_t n, uint64_t offset, struct fault *fault,
    const char *format, ...) __attribute__((warn_unused_result, format(printf, 5, 6)));

/** Whether there is a problem with record ${n} already. */
bool findings_has(const struct journal_verdict *verdict, uint64_t n);

/** Take the latest problem back, since a better explanation was found. */
void findings_drop(struct journal_verdict *verdict);

/** Release them all. */
void findings_clear(struct journal_verdict *verdict);

#endif
