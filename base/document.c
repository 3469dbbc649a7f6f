#include "document.h"

#include "place.h"
#include "problems.h"
#include "scope.h"

#include <stdarg.h>
#include <string.h>

struct document {
	struct document_text source;
	struct problems *problems;
	size_t first;		/* number of the first problem of this document */
	bool crowded;		/* DOCUMENT_PROBLEMS_MAX was reached, and it was said */
	bool out_of_memory;
	json_t *root;
};

/* Add one, unless there are so many that they help nobody. */
static void
add(struct document *document, const struct problem_place *place, const char *text)
{
	if (document->crowded)
		return;
	if (problems_total(document->problems) - document->first >= DOCUMENT_PROBLEMS_MAX) {
		document->crowded = true;
		text = "there are more problems; mend these first";
	}
	problems_add(document->problems, place, "%s", text);
}

void
document_problem(struct document *document, const char *pointer, const char *format, ...)
{
	const struct document_text *source = &document->source;
	struct problem_place place = { .file = source->file, .line = 1, .column = 1, .pointer = pointer };
	va_list arguments;
	char *text = NULL;

	/* vasprintf leaves its result undefined when it fails. */
	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);

	/* Only text that jansson took can be walked. */
	if (document->root != NULL)
		place_find(source->text, source->size, pointer, &place.line, &place.column);
	if (text != NULL)
		add(document, &place, text);
	else
		document->out_of_memory = true;
	free(text);
}

void
document_out_of_memory(struct document *document)
{
	document->out_of_memory = true;
}

json_t *
document_root(const struct document *document)
{
	return document->root;
}

/* A place_visit: report each member whose name its object had before. */
static bool
report_repeated(void *context, const struct place *found)
{
	struct document *document = context;
	struct problem_place place = { document->source.file, found->line, found->column, found->pointer };

	if (found->repeated == NULL)
		return true;

	/* The name is quoted as it was written, so it holds no bare control characters. */
	SCOPE(free) char *text = NULL;
	if (asprintf(&text, "\"%.*s\" stands more than once in its object; keep one of them",
	    (int)found->repeated_size, found->repeated) < 0) {
		text = NULL;
		return false;
	}
	add(document, &place, text);
	return true;
}

/*
 * jansson ends its sentence with the text it stumbled over, which might be a PIN that somebody forgot to quote: cut it
 * off, but for the end of the file, which gives nothing away.
 */
static void
report_syntax(struct document *document, json_error_t *error)
{
	struct problem_place place = { .file = document->source.file,
		.line = error->line > 0 ? (unsigned)error->line : 1,
		.column = error->column > 0 ? (unsigned)error->column : 1 };
	char *near = strstr(error->text, " near '"), text[sizeof error->text + 128];

	if (near != NULL)
		*near = '\0';
	snprintf(text, sizeof text, "this is not JSON: %s; look for a missing or needless quote, comma or bracket "
	    "at or before this place", error->text);
	add(document, &place, text);
}

/* Fill a new document from its text. */
static bool
load(struct document *document, struct fault *fault)
{
	const struct document_text *source = &document->source;
	json_error_t error;

	/* A device or a journal in place of a policy must not fill the memory. */
	if (source->size > DOCUMENT_SIZE_MAX) {
		document_problem(document, "", "the file has more than %d bytes; it cannot be what it should be",
		    DOCUMENT_SIZE_MAX);
		return problems_fault(document->problems, document->first, FAULT_DATA, fault);
	}

	/* Any JSON value is read, so that a list in place of an object is told as what it is. */
	document->root = json_loadb(source->text, source->size, JSON_DECODE_ANY, &error);
	if (document->root == NULL && json_error_code(&error) == json_error_out_of_memory)
		return fault_set(fault, FAULT_SYSTEM, "Read %s: out of memory", source->file);
	if (document->root == NULL) {
		report_syntax(document, &error);
		return problems_fault(document->problems, document->first, FAULT_DATA, fault);
	}
	if (!place_walk(source->text, source->size, report_repeated, document))
		return fault_set(fault, FAULT_SYSTEM, "Read %s: out of memory", source->file);
	return true;
}

bool
document_parse(const struct document_text *source, struct problems *problems,
    struct document **ret_document, struct fault *fault)
{
	SCOPE(document) struct document *document = calloc(1, sizeof *document);

	if (document == NULL)
		return fault_system(fault, "Read %s", source->file);
	document->source = *source;
	document->problems = problems;
	document->first = problems_total(problems);
	if (!load(document, fault))
		return false;
	*ret_document = scope_move(document);
	return true;
}

/* Whether ${a} stands behind ${b} in the text. */
static bool
behind(const struct problem *a, const struct problem *b)
{
	return a->line != b->line ? a->line > b->line : a->column > b->column;
}

/* In the order of the text; problems of one place stay in the order they were found in. There are few. */
static void
sort(struct problem *list, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct problem moved = list[i];
		size_t to = i;
		for (; to > 0 && behind(&list[to - 1], &moved); to--)
			list[to] = list[to - 1];
		list[to] = moved;
	}
}

bool
document_finish(struct document *document, enum fault_code code, struct fault *fault)
{
	struct problems *problems = document->problems;
	size_t count = problems->count > document->first ? problems->count - document->first : 0;

	if (document->out_of_memory)
		return fault_set(fault, FAULT_SYSTEM, "Read %s: out of memory", document->source.file);
	if (problems_total(problems) == document->first)
		return true;

	/* The remark that there are more belongs behind them, wherever it arose. */
	if (document->crowded && count > 0)
		count--;
	if (count > 0)
		sort(problems->list + document->first, count);
	return problems_fault(problems, document->first, code, fault);
}

void
document_free(struct document *document)
{
	if (document == NULL)
		return;
	json_decref(document->root);
	free(document);
}
