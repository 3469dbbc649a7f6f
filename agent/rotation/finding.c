#include "finding.h"

#include "fault.h"
#include "member.h"
#include "utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const level_names[] = {
	[FINDING_OK] = "ok",
	[FINDING_NOTE] = "note",
	[FINDING_WARNING] = "warning",
	[FINDING_PROBLEM] = "problem",
};

void
finding_init(struct findings *findings)
{
	*findings = (struct findings){ .list = json_array() };
}

void
finding_add(struct findings *findings, enum finding_level level, const char *subject,
    const char *advice, const char *format, ...)
{
	char text[FAULT_TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	utf8_trim(text);
	if (level == FINDING_PROBLEM)
		findings->problems++;
	if (level == FINDING_WARNING)
		findings->warnings++;
	json_array_append_new(findings->list, json_pack("{s:s,s:s,s:s,s:s}", "level",
	    level_names[level], "subject", subject, "text", text, "advice", advice));
}

static const json_t *
first_of(const struct findings *findings, enum finding_level level)
{
	size_t index;
	json_t *finding;

	json_array_foreach(findings->list, index, finding)
		if (strcmp(member_text(finding, "/level", ""), level_names[level]) == 0)
			return finding;
	return NULL;
}

const char *
finding_first(const struct findings *findings, enum finding_level level)
{
	const json_t *finding = first_of(findings, level);

	return finding == NULL ? "" : member_text(finding, "/text", "");
}

const char *
finding_first_subject(const struct findings *findings, enum finding_level level)
{
	const json_t *finding = first_of(findings, level);

	return finding == NULL ? "" : member_text(finding, "/subject", "");
}

const char *
finding_first_advice(const struct findings *findings, enum finding_level level)
{
	const json_t *finding = first_of(findings, level);

	return finding == NULL ? "" : member_text(finding, "/advice", "");
}

void
finding_drop_fine(struct findings *findings)
{
	for (size_t i = json_array_size(findings->list); i > 0; i--)
		if (strcmp(member_text(json_array_get(findings->list, i - 1), "/level", ""),
		    level_names[FINDING_OK]) == 0)
			json_array_remove(findings->list, i - 1);
}

json_t *
finding_take(struct findings *findings)
{
	json_t *list = findings->list;

	findings->list = json_array();
	return list;
}

void
finding_clear(struct findings *findings)
{
	json_decref(findings->list);
	findings->list = NULL;
}
