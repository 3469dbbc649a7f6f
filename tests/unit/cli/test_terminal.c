#include "terminal.h"

#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* One end of a pseudo terminal of 100 columns, as a stream; the other end stays open behind it. */
struct screen {
	FILE *file;
	int master;
};

static struct screen
open_screen(void)
{
	struct winsize size = { .ws_row = 24, .ws_col = 100 };
	struct screen screen;
	int slave;

	assert_int_equal(openpty(&screen.master, &slave, NULL, NULL, &size), 0);
	screen.file = fdopen(slave, "w");
	assert_non_null(screen.file);
	return screen;
}

static void
close_screen(struct screen *screen)
{
	fclose(screen->file);
	close(screen->master);
}

static int
plain_environment(void **state)
{
	(void)state;
	unsetenv("NO_COLOR");
	setenv("TERM", "xterm", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	return 0;
}

static void
a_terminal_has_colours_and_its_own_width(void **state)
{
	struct screen screen = open_screen();
	struct terminal terminal;

	(void)state;
	terminal_open(screen.file, &terminal);
	assert_true(terminal.interactive);
	assert_true(terminal.colours);
	assert_true(terminal.utf8);
	assert_int_equal(terminal.width, 100);
	close_screen(&screen);
}

static void
no_color_and_a_dumb_terminal_switch_colours_off(void **state)
{
	struct screen screen = open_screen();
	struct terminal terminal;

	(void)state;
	setenv("NO_COLOR", "1", 1);
	terminal_open(screen.file, &terminal);
	assert_false(terminal.colours);
	setenv("NO_COLOR", "", 1);
	terminal_open(screen.file, &terminal);
	assert_true(terminal.colours);
	setenv("TERM", "dumb", 1);
	terminal_open(screen.file, &terminal);
	assert_false(terminal.colours);
	unsetenv("TERM");
	terminal_open(screen.file, &terminal);
	assert_false(terminal.colours);
	close_screen(&screen);
}

static void
a_file_gets_neither_colours_nor_control_characters(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	struct terminal terminal;

	(void)state;
	terminal_open(file, &terminal);
	assert_false(terminal.interactive);
	assert_int_equal(terminal.width, 80);
	terminal_line(&terminal, STYLE_BAD, "name %s", "\033[2Jx\ny");
	terminal_put(&terminal, STYLE_GOOD, "ok");
	terminal_rewind(&terminal);
	fclose(file);
	assert_string_equal(text, "name \\x1b[2Jx\\x0ay\nok");
	free(text);
}

static void
a_terminal_gets_our_escapes_and_nobody_elses(void **state)
{
	struct screen screen = open_screen();
	struct terminal terminal;
	char seen[256] = "";

	(void)state;
	terminal_open(screen.file, &terminal);
	terminal_line(&terminal, STYLE_BAD, "%s", "\033]0;title\007");
	fflush(screen.file);
	ssize_t size = read(screen.master, seen, sizeof seen - 1);
	assert_true(size > 0);
	assert_string_equal(seen, "\033[1;31m\\x1b]0;title\\x07\033[0m\r\n");
	close_screen(&screen);
}

static void
paragraphs_wrap_between_words(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	struct terminal terminal = { .file = file, .width = 24 };

	(void)state;
	terminal_paragraph(&terminal, 2, "%s", "each of these lines is short enough");
	fclose(file);
	assert_string_equal(text, "  each of these lines is\n  short enough\n");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_terminal_has_colours_and_its_own_width, plain_environment),
		cmocka_unit_test_setup(no_color_and_a_dumb_terminal_switch_colours_off, plain_environment),
		cmocka_unit_test_setup(a_file_gets_neither_colours_nor_control_characters, plain_environment),
		cmocka_unit_test_setup(a_terminal_gets_our_escapes_and_nobody_elses, plain_environment),
		cmocka_unit_test_setup(paragraphs_wrap_between_words, plain_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
