#ifndef VERIFY_H
#define VERIFY_H

#include "journal.h"

#include <stddef.h>

/*
 * Check a journal from its files alone, writing nothing: for auditors, who may have nothing but a copy of the folder.
 */

/* A head that somebody noted elsewhere, such as in a tag of a vault's version. */
struct journal_anchor {
	uint64_t size;
	char root[JOURNAL_ROOT_SIZE];	/* hex of either case */
	char source[160];		/* where it was noted, for messages */
	bool matches;			/* set by verify_folder */
};

/* One thing that is wrong. */
struct journal_problem {
	uint64_t n;			/* the record it is about */
	uint64_t offset;		/* the byte of the journal where it shows */
	char *text;			/* a sentence: what is wrong, and what was expected */
};

struct journal_verdict {
	uint64_t records;		/* whole lines */
	uint64_t bytes;			/* in whole lines */
	char root[JOURNAL_ROOT_SIZE];	/* over those lines, as they stand */
	int64_t first_ms, last_ms;	/* times of the first and last record; 0 without records */
	bool rehearsal;
	uint64_t torn_bytes;		/* behind the last whole line, as a crash or a writer at work leaves them; no problem */
	bool head_found, head_matches;
	struct journal_head head;
	size_t anchors, anchors_matched;
	uint64_t unanchored_from;	/* from this record on nothing shows that no whole lines were cut off or rewritten; == records: all is anchored */
	struct journal_problem *problems;
	size_t problem_count;		/* as many as are in the list */
	uint64_t problems_left_out;	/* further ones */
};

/**
 * verify_folder(directory, anchors, count, ret_verdict, fault):
 * Recompute the chain and the tree of DIRECTORY/journal.jsonl and compare them with DIRECTORY/head and with ${count} further
 * ${anchors} (may be NULL). True means that it could be checked; whether the journal is good, problem_count == 0 says. Release
 * ${*ret_verdict} by verify_clear. Errors: FAULT_NOT_FOUND, no journal; FAULT_SYSTEM.
 */
bool verify_folder(const char *directory, struct journal_anchor *anchors, size_t count,
    struct journal_verdict *ret_verdict, struct fault *fault) __attribute__((warn_unused_result));

/** Release what it holds. */
void verify_clear(struct journal_verdict *verdict);

static inline void
scope_verdict(struct journal_verdict *verdict)
{
	verify_clear(verdict);
}

#endif
