#include "notice.h"

#include "member.h"
#include "scope.h"
#include "text.h"

#include <string.h>

static const struct level {
	const char *name;
	enum terminal_sign sign;
	enum terminal_style style;
} levels[] = {
	{ "problem", SIGN_BAD, STYLE_BAD },
	{ "warning", SIGN_WARNING, STYLE_WARNING },
	{ "note", SIGN_NOTE, STYLE_PLAIN },
	{ "ok", SIGN_GOOD, STYLE_GOOD },
};

enum { LEVELS = sizeof levels / sizeof levels[0], INDENT = 2, NOTE = 2 };

/* An unknown level is shown as a note rather than hidden. */
static const struct level *
find_level(const char *name)
{
	for (size_t i = 0; i < LEVELS; i++)
		if (strcmp(levels[i].name, name) == 0)
			return &levels[i];
	return &levels[NOTE];
}

enum terminal_style
notice_style(const char *level)
{
	return find_level(level)->style;
}

void
notice_print(const struct terminal *terminal, const json_t *finding)
{
	const struct level *level = find_level(member_text(finding, "/level", ""));
	const char *subject = member_text(finding, "/subject", ""), *advice = member_text(finding, "/advice", "");
	SCOPE(free) char *sentence = NULL;

	/* The sign alone would be lost on who cannot see it: a problem and a warning are also called so. */
	terminal_put(terminal, level->style, terminal_sign(terminal, level->sign));
	if (asprintf(&sentence, "%s%s%s%s%s", level->style == STYLE_BAD || level->style == STYLE_WARNING ?
	    level->name : "", level->style == STYLE_BAD || level->style == STYLE_WARNING ? ": " : "",
	    subject, subject[0] != '\0' ? ": " : "", member_text(finding, "/text", "")) < 0)
		sentence = NULL;
	putc(' ', terminal->file);
	terminal_flow(terminal, INDENT, INDENT, sentence != NULL ? sentence : "");
	if (advice[0] == '\0')
		return;

	/* What to do gets a line of its own. */
	fprintf(terminal->file, "  %s ", terminal_sign(terminal, SIGN_ADVICE));
	unsigned used = INDENT + 1 + (unsigned)text_width(terminal_sign(terminal, SIGN_ADVICE));
	terminal_flow(terminal, used, used, advice);
}

/* The rows of the table of levels are in the order of their weight. */
static void
print_levels(const struct terminal *terminal, const json_t *findings, size_t levels_shown)
{
	size_t index;
	json_t *finding;

	for (size_t i = 0; i < levels_shown; i++)
		json_array_foreach(findings, index, finding)
			if (find_level(member_text(finding, "/level", "")) == &levels[i])
				notice_print(terminal, finding);
}

void
notice_print_all(const struct terminal *terminal, const json_t *findings)
{
	print_levels(terminal, findings, LEVELS);
}

void
notice_print_open(const struct terminal *terminal, const json_t *findings)
{
	print_levels(terminal, findings, LEVELS - 1);
}

const char *
notice_time(const char *time, bool with_time, char text[static 32])
{
	size_t size = strlen(time);

	/* "2026-11-22T01:45:00Z": the date is 10 characters, the time to the minute 5. */
	if (size < 16 || time[10] != 'T')
		snprintf(text, 32, "%.31s", size > 0 ? time : "-");
	else if (with_time)
		snprintf(text, 32, "%.10s %.5s", time, time + 11);
	else
		snprintf(text, 32, "%.10s", time);
	return text;
}
