#include "problems.h"

#include "scope.h"

#include <stdarg.h>
#include <string.h>

static void
clear_one(struct problem *problem)
{
	free(problem->file);
	free(problem->pointer);
	free(problem->text);
}

/* Copy the place into ${problem}; a half-made one is for clear_one. */
static bool
fill_place(struct problem *problem, const struct problem_place *place)
{
	problem->line = place->line;
	problem->column = place->column;
	problem->file = strdup(place->file);
	problem->pointer = strdup(place->pointer == NULL ? "" : place->pointer);
	return problem->file != NULL && problem->pointer != NULL;
}

void
problems_add(struct problems *problems, const struct problem_place *place, const char *format, ...)
{
	struct problem problem = { 0 };
	struct problem *list;
	va_list arguments;

	/* Make room first, so that a complete problem always finds its place. */
	list = reallocarray(problems->list, problems->count + 1, sizeof *list);
	if (list == NULL) {
		problems->lost++;
		return;
	}
	problems->list = list;

	/* vasprintf leaves its result undefined when it fails. */
	va_start(arguments, format);
	if (vasprintf(&problem.text, format, arguments) < 0)
		problem.text = NULL;
	va_end(arguments);

	/* Half a problem would mislead: count it as lost instead. */
	if (problem.text == NULL || !fill_place(&problem, place)) {
		clear_one(&problem);
		problems->lost++;
		return;
	}
	list[problems->count++] = problem;
}

size_t
problems_total(const struct problems *problems)
{
	return problems->count + problems->lost;
}

/* Control characters (C0, DEL, C1) in names and file names must not reach a terminal. */
static void
defuse(char *text)
{
	for (unsigned char *at = (unsigned char *)text; *at != '\0'; at++) {
		bool wide = *at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0;
		if (*at >= 0x20 && *at != 0x7f && !wide)
			continue;
		*at = '?';
		if (wide)
			*++at = '?';
	}
}

char *
problem_print(const struct problem *problem)
{
	char place[32] = "", *text = NULL;
	bool pointed = problem->pointer[0] != '\0';

	if (problem->line != 0)
		snprintf(place, sizeof place, "%u:%u:", problem->line, problem->column);
	if (asprintf(&text, "%s:%s %s%s%s", problem->file, place, problem->pointer,
	    pointed ? ": " : "", problem->text) < 0)
		return NULL;
	defuse(text);
	return text;
}

bool
problems_fault(const struct problems *problems, size_t first, enum fault_code code, struct fault *fault)
{
	size_t count = problems_total(problems) - first;

	/* Without memory to keep them, all that can be said is that they exist. */
	if (first >= problems->count)
		return fault_set(fault, FAULT_SYSTEM,
		    "%zu problems were found, but there was no memory to keep them", count);

	SCOPE(free) char *text = problem_print(&problems->list[first]);
	const char *quoted = text == NULL ? problems->list[first].text : text;
	if (count == 1)
		return fault_set(fault, code, "%s", quoted);
	return fault_set(fault, code, "%zu problems; the first: %s", count, quoted);
}

void
problems_clear(struct problems *problems)
{
	for (size_t i = 0; i < problems->count; i++)
		clear_one(&problems->list[i]);
	free(problems->list);
	*problems = (struct problems){ 0 };
}
