#include "findings.h"

#include "file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool
findings_add(struct journal_verdict *verdict, uint64_t n, uint64_t offset, struct fault *fault,
    const char *format, ...)
{
	va_list arguments;
	char *text = NULL;
	int size;

	if (verdict->problem_count == FINDINGS_MAX) {
		verdict->problems_left_out++;
		return true;
	}
	if (verdict->problems == NULL &&
	    (verdict->problems = calloc(FINDINGS_MAX, sizeof *verdict->problems)) == NULL)
		return fault_system(fault, "Memory for what is wrong with the journal");
	va_start(arguments, format);
	size = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (size < 0)
		return fault_system(fault, "Memory for what is wrong with the journal");
	verdict->problems[verdict->problem_count++] = (struct journal_problem){ n, offset, text };
	return true;
}

bool
findings_has(const struct journal_verdict *verdict, uint64_t n)
{
	for (size_t i = 0; i < verdict->problem_count; i++)
		if (verdict->problems[i].n == n)
			return true;
	return false;
}

void
findings_drop(struct journal_verdict *verdict)
{
	if (verdict->problem_count > 0)
		free(verdict->problems[--verdict->problem_count].text);
}

void
findings_clear(struct journal_verdict *verdict)
{
	while (verdict->problem_count > 0)
		findings_drop(verdict);
	free(verdict->problems);
	verdict->problems = NULL;
}
