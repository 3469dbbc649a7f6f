#ifndef RECORD_H
#define RECORD_H

#include "encode.h"
#include "journal.h"

/*
 * One line of the journal: made once, hashed as written, and read in two ways. The frame (number, hash of the line before, time)
 * is read without a parser, for verification; the whole is parsed for those who want to know what happened.
 */

enum { RECORD_FRAME_MAX = 128, RECORD_TIME_SIZE = 24 };	/* {"v":1,"n":…,"prev":"…", and "2026-11-22T01:45:00.000Z" */

struct actor;

/* What stands in the frame of a line; pointers go into the line. */
struct record_frame {
	uint64_t n;
	const char *prev;	/* DIGEST_HEX_SIZE - 1 lower-case hex digits, no NUL after them */
	const char *time;	/* RECORD_TIME_SIZE characters */
};

/**
 * record_print(entry, actor, wall_ms, ret_text, fault):
 * The line from "t" to the closing brace, without frame and newline, as a string that the caller frees. Bytes of the texts that are not
 * UTF-8 become U+FFFD. Errors: FAULT_DATA, the line would be longer than JOURNAL_LINE_MAX or the detail cannot be written; FAULT_SYSTEM.
 */
bool record_print(const struct journal_entry *entry, const struct actor *actor, int64_t wall_ms,
    char **ret_text, struct fault *fault) __attribute__((warn_unused_result));

/** Print the frame {"v":1,"n":N,"prev":"HEX", into ${text}. Returns its length in bytes. */
size_t record_print_frame(uint64_t n, const uint8_t prev[static DIGEST_SIZE],
    char text[static RECORD_FRAME_MAX]);

/** Read the frame, strictly. Errors: FAULT_DATA, it is not one; the text ("it …") says what it is instead. */
bool record_parse_frame(const char *line, size_t size, struct record_frame *ret_frame,
    struct fault *fault) __attribute__((warn_unused_result));

/**
 * record_parse(line, size, ret_object, ret_record, fault):
 * Read a whole line, without newline. ${*ret_record} points into the line and into ${*ret_object}, which the caller releases.
 * Errors: FAULT_DATA; the text says which record and what is wrong.
 */
bool record_parse(const char *line, size_t size, json_t **ret_object,
    struct journal_record *ret_record, struct fault *fault) __attribute__((warn_unused_result));

#endif
