#include "progress.h"

#include <jansson.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct engine_event events[] = {
	{ ENGINE_STEP_STARTED, "rad", "import", "", "importing", 0, 0 },
	{ ENGINE_WAITING, "rad", "import", "", "Azure asks to wait", 1000, 1795312800000 },
	{ ENGINE_NOTE, "rad", "", "", "by the way", 0, 0 },
	{ ENGINE_STEP_DONE, "rad", "import", "", "version 3f2a", 2300, 0 },
	{ ENGINE_STEP_FOUND, "rad", "prove", "", "proven before", 0, 0 },
	{ ENGINE_STEP_FAILED, "rad", "repoint", "rad-fhir", "HTTP 403\033[31m", 400, 0 },
	{ ENGINE_WARNING, "rad", "", "", "look at this", 0, 0 },
};
enum { EVENTS = sizeof events / sizeof events[0] };

/* What is printed into memory of all events; the caller frees it. */
static char *
print_all(enum progress_form form)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	struct terminal terminal = { .file = file, .utf8 = true, .width = 80 };
	struct progress *progress = progress_open(&terminal, form, clock_system());
	struct engine_listener listener = progress_listener(progress);

	for (size_t i = 0; i < EVENTS; i++)
		listener.hear(listener.context, &events[i]);
	progress_close(progress);
	fclose(file);
	return text;
}

static void
a_log_gets_one_plain_line_an_event(void **state)
{
	char *text = print_all(PROGRESS_PLAIN);

	(void)state;
	assert_string_equal(text,
	    "rad: import started: importing\n"
	    "rad: import waiting: Azure asks to wait; next look at 2026-11-22T02:00:00Z\n"
	    "rad: note: by the way\n"
	    "rad: import done: version 3f2a\n"
	    "rad: prove found done: proven before\n"
	    "rad: repoint rad-fhir FAILED: HTTP 403\\x1b[31m\n"
	    "rad: WARNING: look at this\n");
	free(text);
}

static void
a_program_gets_one_object_an_event(void **state)
{
	char *text = print_all(PROGRESS_JSON), *rest = text;

	(void)state;
	for (size_t i = 0; i < EVENTS; i++) {
		char *line = strsep(&rest, "\n");
		json_t *object = json_loads(line, 0, NULL);

		assert_non_null(object);
		assert_int_equal(json_integer_value(json_object_get(object, "v")), 1);
		assert_string_equal(json_string_value(json_object_get(object, "event")),
		    progress_kind_name(events[i].kind));
		assert_string_equal(json_string_value(json_object_get(object, "text")), events[i].text);
		assert_int_equal(json_object_get(object, "until") != NULL, events[i].kind == ENGINE_WAITING);
		json_decref(object);
	}
	assert_string_equal(rest, "");
	free(text);
}

/* Read from the terminal's other end until ${wanted} was seen; false if the terminal says no more. */
static bool
see(int master, const char *wanted)
{
	static char seen[65536];
	size_t size = 0;

	while (size < sizeof seen - 1) {
		ssize_t got = read(master, seen + size, sizeof seen - 1 - size);

		if (got <= 0)
			return false;
		size += (size_t)got;
		seen[size] = '\0';
		if (strstr(seen, wanted) != NULL)
			return true;
	}
	return false;
}

static void
a_terminal_sees_the_seconds_go_by_and_then_a_check_mark(void **state)
{
	struct winsize window = { .ws_row = 24, .ws_col = 80 };
	int master, slave;

	/* The seconds are those since the step started, so a step that began 41 s ago shows the 42nd by itself. */
	(void)state;
	assert_int_equal(openpty(&master, &slave, NULL, NULL, &window), 0);
	FILE *file = fdopen(slave, "w");
	struct terminal terminal = { .file = file, .interactive = true, .utf8 = true, .width = 80 };
	struct progress *progress = progress_open(&terminal, PROGRESS_LIVE, clock_system());
	struct engine_listener listener = progress_listener(progress);
	struct engine_event event = { ENGINE_STEP_STARTED, "rad", "import", "", "importing", 41000, 0 };
	listener.hear(listener.context, &event);
	assert_true(see(master, "import  42 s  importing"));

	event = (struct engine_event){ ENGINE_STEP_DONE, "rad", "import", "", "version 3f2a", 42100, 0 };
	listener.hear(listener.context, &event);
	assert_true(see(master, "\u2713 import"));
	event = (struct engine_event){ ENGINE_STEP_FAILED, "rad", "repoint", "rad-fhir", "HTTP 403", 100, 0 };
	listener.hear(listener.context, &event);
	assert_true(see(master, "\u2717 repoint rad-fhir"));
	progress_close(progress);
	fclose(file);
	close(master);
}

static void
every_kind_of_event_has_a_name(void **state)
{
	(void)state;
	for (int kind = ENGINE_STEP_STARTED; kind <= ENGINE_WARNING; kind++)
		assert_non_null(progress_kind_name((enum engine_event_kind)kind));
	assert_null(progress_kind_name((enum engine_event_kind)0));
	assert_null(progress_kind_name((enum engine_event_kind)99));
	progress_close(NULL);
	assert_null(progress_listener(NULL).hear);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_gets_one_plain_line_an_event),
		cmocka_unit_test(a_program_gets_one_object_an_event),
		cmocka_unit_test(a_terminal_sees_the_seconds_go_by_and_then_a_check_mark),
		cmocka_unit_test(every_kind_of_event_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
