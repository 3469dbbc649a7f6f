#ifndef SEQUENCE_H
#define SEQUENCE_H

#include "chain.h"
#include "findings.h"

/*
 * The chain as an auditor reads it: where chain_take stops at the first thing that is wrong, this notes it and goes on behind it,
 * so that one run names all damage, each piece once and in its place. Private to this room.
 */
struct sequence {
	struct hasher *hasher;
	uint64_t expected;		/* number of the record that should come next */
	uint64_t strangers;		/* lines since the last record that are none */
	uint8_t last[DIGEST_SIZE];	/* hash of record expected - 1; zeros before the first */
	bool suspects;			/* the latest problem blames record expected - 2, for want of knowing better */
	uint64_t previous_offset;	/* of the latest record in order */
	struct merkle tree;		/* over all lines as they stand */
	bool rehearsal;
	char first_time[RECORD_TIME_SIZE + 1], last_time[RECORD_TIME_SIZE + 1];
};

/** Make it that of an empty file; the hasher is set by the caller afterwards and stays his. */
void sequence_clear(struct sequence *sequence);

/** Take the next line, and add to ${verdict} what is wrong with it. Errors: FAULT_SYSTEM. */
bool sequence_take(struct sequence *sequence, const struct line *line,
    struct journal_verdict *verdict, struct fault *fault) __attribute__((warn_unused_result));

#endif
