/*
 * What the parser says of many policies: each line of standard input is one policy; each line of standard output is
 * {"good": bool, "problems": [{"pointer", "text", "line"}, ...]}.  agree.py compares that with the schema's verdict.
 */

#include "policy.h"
#include "problems.h"
#include "scope.h"

#include <string.h>

static bool
print_verdict(const char *text, size_t size)
{
	SCOPE(problems) struct problems problems = { 0 };
	SCOPE(policy) struct policy *policy = NULL;
	struct fault fault;
	bool good = policy_parse("policy", text, size, &policy, &problems, &fault);

	/* Anything but "the data is wrong" is a defect of the test itself. */
	if (!good && fault.code != FAULT_DATA) {
		fprintf(stderr, "%s\n", fault.text);
		return false;
	}
	SCOPE(json) json_t *list = json_array();
	for (size_t i = 0; i < problems.count; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:i}", "pointer", problems.list[i].pointer,
		    "text", problems.list[i].text, "line", (int)problems.list[i].line));
	SCOPE(json) json_t *verdict = json_pack("{s:b, s:O}", "good", good, "problems", list);
	if (verdict == NULL || json_dumpf(verdict, stdout, JSON_COMPACT) != 0)
		return false;
	return putchar('\n') != EOF;
}

int
main(void)
{
	SCOPE(free) char *line = NULL;
	size_t room = 0;
	ssize_t size;

	while ((size = getline(&line, &room, stdin)) > 0) {
		if (line[size - 1] == '\n')
			size--;
		if (!print_verdict(line, (size_t)size))
			return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
