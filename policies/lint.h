#ifndef LINT_H
#define LINT_H

#include "policy.h"

/*
 * A policy while it is read, before it is known to be good. Only policy.c and lint.c need it.
 */

struct document;

struct policy_draft {
	struct policy policy;	/* first, so that one table of rules serves both; key.shape.bits comes from the two below */
	unsigned rsa_bits;	/* of "bits"; 0: absent or bad */
	int curve_bits;		/* of "curve"; 0: absent or bad */
	int keep;		/* of "keep", which has one value yet */
};

/**
 * lint_check(document, draft):
 * The rules that tie members together, which no row of a table can say. Members that were absent or bad are passed over,
 * since that was told already. Fills key.shape and rotate from what was read.
 */
void lint_check(struct document *document, struct policy_draft *draft);

#endif
