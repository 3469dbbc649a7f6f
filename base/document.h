#ifndef DOCUMENT_H
#define DOCUMENT_H

#include "fault.h"

#include <jansson.h>
#include <stddef.h>

/*
 * A JSON file that a person wrote, while it is read: a policy, the settings.  Every problem is collected with its place
 * (line, column, JSON Pointer); rules.h says what its members may be.  No I/O.
 */

struct document;
struct problems;

enum {
	DOCUMENT_SIZE_MAX = 1 << 20,	/* bytes */
	DOCUMENT_PROBLEMS_MAX = 100	/* told of one file; the rest is only said to exist */
};

struct document_text {
	const char *file;		/* for messages */
	const char *text;		/* UTF-8; need not end in a NUL */
	size_t size;			/* bytes */
};

/**
 * document_parse(source, problems, ret_document, fault):
 * Read JSON text (RFC 8259), which must outlive the document, as must ${problems}. A member that stands twice is a
 * problem, and reading goes on with the last of them; text that is no JSON is one problem, with line and column.
 * Errors: FAULT_DATA, no JSON, or over DOCUMENT_SIZE_MAX; FAULT_SYSTEM, no memory.
 */
bool document_parse(const struct document_text *source, struct problems *problems,
    struct document **ret_document, struct fault *fault) __attribute__((warn_unused_result));

/** The value that the text holds; borrowed. */
json_t *document_root(const struct document *document);

/** Add a problem at ${pointer}; the place of a member that is missing is that of its object. */
void document_problem(struct document *document, const char *pointer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Say that memory ran out while reading; document_finish then fails. */
void document_out_of_memory(struct document *document);

/**
 * document_finish(document, code, fault):
 * True if there was no problem. Else put this document's problems in the order of the text, and fail with ${code} and a
 * sentence that counts them and quotes the first. Errors: FAULT_SYSTEM, memory ran out.
 */
bool document_finish(struct document *document, enum fault_code code, struct fault *fault)
    __attribute__((warn_unused_result));

/** NULL is allowed; the problems stay. */
void document_free(struct document *document);

static inline void
scope_document(struct document **document)
{
	document_free(*document);
}

#endif
