#ifndef LINES_H
#define LINES_H

#include "fault.h"

#include <stdint.h>
#include <sys/types.h>

/*
 * A file of lines as a stream: one buffer, whatever the size of the file. Reads with pread, so that nobody's file position moves.
 */

enum line_kind {
	LINE_WHOLE = 1,		/* ends in a newline */
	LINE_LONG,		/* ends in one, but has more bytes than a record may have; its first ones are at hand */
	LINE_TORN,		/* the file's last bytes: without a newline, or with NULs among them, as a crash leaves them */
	LINE_NONE		/* the end was reached */
};

struct line {
	enum line_kind kind;
	const char *bytes;	/* without the newline; valid until the next call; not for LINE_TORN */
	size_t size;		/* bytes at hand */
	uint64_t offset;	/* of the first byte in the file */
	uint64_t next;		/* of the first byte after the line and its newline */
};

struct lines;

/** Read ${fd}, which stays the caller's, from byte ${from} up to byte ${until}. Release by lines_free. Errors: FAULT_SYSTEM. */
bool lines_new(int fd, uint64_t from, uint64_t until, struct lines **ret_lines,
    struct fault *fault) __attribute__((warn_unused_result));

/** The next line. Errors: FAULT_SYSTEM, reading failed; FAULT_DATA, the file became shorter meanwhile. */
bool lines_next(struct lines *lines, struct line *ret_line, struct fault *fault)
    __attribute__((warn_unused_result));

/** NULL is allowed. */
void lines_free(struct lines *lines);

static inline void
scope_lines(struct lines **lines)
{
	lines_free(*lines);
}

#endif
