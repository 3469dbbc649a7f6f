#include "terminal.h"

#include "scope.h"
#include "text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { NARROWEST = 40, WIDEST = 200 };

/* Select Graphic Rendition (ECMA-48, 8.3.117). */
static const char *const styles[TERMINAL_STYLES] = {
	[STYLE_PLAIN] = "",
	[STYLE_STRONG] = "\033[1m",
	[STYLE_GOOD] = "\033[32m",
	[STYLE_WARNING] = "\033[33m",
	[STYLE_BAD] = "\033[1;31m",
	[STYLE_FAINT] = "\033[2m",
};

static const struct {
	const char *utf8, *ascii;
} signs[] = {
	[SIGN_GOOD] = { "\u2713", "+" },
	[SIGN_BAD] = { "\u2717", "x" },
	[SIGN_WARNING] = { "!", "!" },
	[SIGN_NOTE] = { "\u00b7", "-" },
	[SIGN_ADVICE] = { "\u2192", "->" },
	[SIGN_CUT] = { "\u2026", "~" },
};

/* The first of these that is set and not empty decides, as for setlocale(3). */
static bool
locale_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *value = getenv(names[i]);

		if (value != NULL && value[0] != '\0')
			return strcasestr(value, "utf-8") != NULL || strcasestr(value, "utf8") != NULL;
	}
	return false;
}

/* NO_COLOR counts when it is set to anything at all but nothing (no-color.org). */
static bool
colours_wanted(void)
{
	const char *off = getenv("NO_COLOR"), *kind = getenv("TERM");

	return (off == NULL || off[0] == '\0') && kind != NULL && strcmp(kind, "dumb") != 0;
}

void
terminal_open(FILE *file, struct terminal *ret_terminal)
{
	int fd = fileno(file);
	struct winsize size;

	*ret_terminal = (struct terminal){
		.file = file,
		.interactive = fd >= 0 && isatty(fd),
		.utf8 = locale_is_utf8(),
		.width = TERMINAL_WIDTH,
	};
	if (!ret_terminal->interactive)
		return;

	/* A terminal that claims to have no columns has not been told its size. */
	ret_terminal->colours = colours_wanted();
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= NARROWEST)
		ret_terminal->width = size.ws_col < WIDEST ? size.ws_col : WIDEST;
}

/* Text that is visible already. */
static void
put_raw(const struct terminal *terminal, enum terminal_style style, const char *text, size_t size)
{
	bool coloured = terminal->colours && styles[style][0] != '\0';

	if (coloured)
		fputs(styles[style], terminal->file);
	fwrite(text, 1, size, terminal->file);
	if (coloured)
		fputs("\033[0m", terminal->file);
}

void
terminal_put(const struct terminal *terminal, enum terminal_style style, const char *text)
{
	SCOPE(free) char *visible = text_visible(text);

	if (visible == NULL)
		visible = strdup("(out of memory)");
	if (visible != NULL)
		put_raw(terminal, style, visible, strlen(visible));
}

void
terminal_line(const struct terminal *terminal, enum terminal_style style, const char *format, ...)
{
	SCOPE(free) char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	terminal_put(terminal, style, text != NULL ? text : "(out of memory)");
	putc('\n', terminal->file);
}

void
terminal_flow(const struct terminal *terminal, unsigned used, unsigned indent, const char *text)
{
	SCOPE(free) char *visible = text_visible(text);
	const char *rest = visible != NULL ? visible : "(out of memory)";

	/* Ten columns are given to the text whatever stands before it. */
	do {
		size_t room = terminal->width > used + 10 ? terminal->width - used : 10;
		size_t size = text_break(rest, room);

		/* A URL or an id in two pieces can be neither copied nor found: rather a line too long. */
		if (rest[size] != ' ' && rest[size] != '\0')
			size = strcspn(rest, " ");
		put_raw(terminal, STYLE_PLAIN, rest, size);
		putc('\n', terminal->file);
		rest += size;
		rest += strspn(rest, " ");
		if (*rest != '\0')
			fprintf(terminal->file, "%*s", (int)indent, "");
		used = indent;
	} while (*rest != '\0');
}

void
terminal_paragraph(const struct terminal *terminal, unsigned indent, const char *format, ...)
{
	SCOPE(free) char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	fprintf(terminal->file, "%*s", (int)indent, "");
	terminal_flow(terminal, indent, indent, text != NULL ? text : "(out of memory)");
}

const char *
terminal_sign(const struct terminal *terminal, enum terminal_sign sign)
{
	return terminal->utf8 ? signs[sign].utf8 : signs[sign].ascii;
}

/* Carriage return, then Erase in Line (ECMA-48, 8.3.41). */
void
terminal_rewind(const struct terminal *terminal)
{
	if (terminal->interactive)
		fputs("\r\033[K", terminal->file);
}
