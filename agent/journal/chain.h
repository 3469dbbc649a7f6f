#ifndef CHAIN_H
#define CHAIN_H

#include "lines.h"
#include "merkle.h"
#include "record.h"

/*
 * The journal as far as it was verified: how many records, where they end, the hash that the next line must name, and the tree
 * over them. A plain value: a copy is a snapshot.
 */
struct chain {
	uint64_t records;
	uint64_t bytes;				/* where the next line begins */
	uint8_t last[DIGEST_SIZE];		/* SHA-256 of the last line; zeros before the first */
	struct merkle tree;
	char first_time[RECORD_TIME_SIZE + 1];	/* "t" of the first and of the last record; "" without records */
	char last_time[RECORD_TIME_SIZE + 1];
};

/** Make ${chain} that of an empty journal. */
void chain_clear(struct chain *chain);

/**
 * chain_take(chain, line, hasher, fault):
 * Verify that ${line} is the next record, and take it in. Errors: FAULT_DATA, it is not: the text says which record and byte, what
 * is wrong, and what was expected; the chain is then as before. FAULT_SYSTEM.
 */
bool chain_take(struct chain *chain, const struct line *line, struct hasher *hasher,
    struct fault *fault) __attribute__((warn_unused_result));

/** The root as hex. */
bool chain_root(const struct chain *chain, struct hasher *hasher, char ret_root[static JOURNAL_ROOT_SIZE],
    struct fault *fault) __attribute__((warn_unused_result));

/** Whether ${frame} names ${digest} as the line before. */
bool chain_names(const struct record_frame *frame, const uint8_t digest[static DIGEST_SIZE]);

#endif
