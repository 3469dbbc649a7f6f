#include "lines.h"

#include "journal.h"
#include "scope.h"

#include <errno.h>
#include <string.h>

/* Room for a few longest lines, so that the rest of the buffer seldom moves. */
enum { ROOM = 4 * (JOURNAL_LINE_MAX + 1) };

struct lines {
	int fd;
	uint64_t offset;		/* in the file, of bytes[from] */
	uint64_t until;			/* end of what is to be read */
	size_t from, to;		/* what is at hand: bytes[from] up to bytes[to] */
	char bytes[ROOM];
};

bool
lines_new(int fd, uint64_t from, uint64_t until, struct lines **ret_lines, struct fault *fault)
{
	struct lines *lines = malloc(sizeof *lines);

	if (lines == NULL)
		return fault_system(fault, "Memory for reading the journal");
	lines->fd = fd;
	lines->offset = from;
	lines->until = until;
	lines->from = lines->to = 0;
	*ret_lines = lines;
	return true;
}

void
lines_free(struct lines *lines)
{
	free(lines);
}

/* Bytes of the file that are not in the buffer yet. */
static uint64_t
unread(const struct lines *lines)
{
	return lines->until - lines->offset - (lines->to - lines->from);
}

/* Move what is at hand to the front and fill the buffer as far as the file goes. */
static bool
fill(struct lines *lines, struct fault *fault)
{
	memmove(lines->bytes, lines->bytes + lines->from, lines->to - lines->from);
	lines->to -= lines->from;
	lines->from = 0;
	while (lines->to < ROOM && unread(lines) > 0) {
		size_t want = ROOM - lines->to;

		if (want > unread(lines))
			want = (size_t)unread(lines);
		ssize_t got = pread(lines->fd, lines->bytes + lines->to, want,
		    (off_t)(lines->offset + lines->to));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fault_system(fault, "Read the journal at byte %llu",
			    (unsigned long long)(lines->offset + lines->to));
		if (got == 0)
			return fault_set(fault, FAULT_DATA, "The journal became shorter while it was read: it ends "
			    "at byte %llu, and had %llu; somebody else writes or cuts it",
			    (unsigned long long)(lines->offset + lines->to), (unsigned long long)lines->until);
		lines->to += (size_t)got;
	}
	return true;
}

/* Pass over ${size} bytes at hand. */
static void
consume(struct lines *lines, size_t size)
{
	lines->from += size;
	lines->offset += size;
}

/*
 * No newline within the longest line: read on for one.  Without any, it is a torn tail, such as a hole of zeros; with one, it is
 * a line too long.
 */
static bool
pass_long(struct lines *lines, struct line *line, struct fault *fault)
{
	const char *newline = NULL;

	line->kind = LINE_LONG;
	line->bytes = "";
	line->size = 0;
	while (newline == NULL) {
		newline = memchr(lines->bytes + lines->from, '\n', lines->to - lines->from);
		if (newline != NULL)
			consume(lines, (size_t)(newline + 1 - (lines->bytes + lines->from)));
		else if (unread(lines) == 0) {
			consume(lines, lines->to - lines->from);
			line->kind = LINE_TORN;
			break;
		} else {
			consume(lines, lines->to - lines->from);
			if (!fill(lines, fault))
				return false;
		}
	}
	line->next = lines->offset;
	return true;
}

bool
lines_next(struct lines *lines, struct line *ret_line, struct fault *fault)
{
	struct line line = { .kind = LINE_WHOLE };
	const char *start = lines->bytes + lines->from, *newline;

	/* Look for the end of the line at hand, and only then for more of the file. */
	newline = memchr(start, '\n', lines->to - lines->from);
	if (newline == NULL && unread(lines) > 0) {
		if (!fill(lines, fault))
			return false;
		start = lines->bytes;
		newline = memchr(start, '\n', lines->to);
	}
	line.offset = lines->offset;
	if (newline == NULL && unread(lines) > 0) {
		if (!pass_long(lines, &line, fault))
			return false;
		*ret_line = line;
		return true;
	}

	line.bytes = start;
	line.size = newline == NULL ? lines->to - lines->from : (size_t)(newline - start);
	consume(lines, line.size + (newline != NULL));
	line.next = lines->offset;
	if (line.next == line.offset)
		line.kind = LINE_NONE;
	else if (newline == NULL ||
	    (line.next == lines->until && memchr(line.bytes, 0, line.size) != NULL))
		line.kind = LINE_TORN;
	else if (line.size > JOURNAL_LINE_MAX)
		line.kind = LINE_LONG;
	*ret_line = line;
	return true;
}
