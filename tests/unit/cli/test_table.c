#include "table.h"
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const ids[] = {
	"3f2a91c04b7e4d5aa1b2c3d4e5f60718", "3f2a91c04b7e9999a1b2c3d4e5f60718", "00112233445566778899aabbccddeeff",
};

/* Print a table into memory; the caller frees it. */
static char *
render(const struct table *table, unsigned width, bool utf8)
{
	char *text = NULL;
	size_t size;
	struct terminal terminal = { .file = open_memstream(&text, &size), .utf8 = utf8, .width = width };

	assert_non_null(terminal.file);
	table_print(table, &terminal, 0);
	fclose(terminal.file);
	return text;
}

/* The widest line, in columns. */
static size_t
widest(const char *text)
{
	size_t most = 0;

	while (*text != '\0') {
		size_t size = strcspn(text, "\n");
		char *line = strndup(text, size);

		if (text_width(line) > most)
			most = text_width(line);
		free(line);
		text += size + (text[size] == '\n');
	}
	return most;
}

static struct table *
make(void)
{
	static const struct table_column columns[] = {
		{ "VERSION", TABLE_ID }, { "CREATED", TABLE_PLAIN }, { "SERVICE", TABLE_NAME }, { "WHAT", TABLE_FLOW },
	};
	struct table *table = table_new(columns, 4);

	for (size_t i = 0; i < 3; i++)
		table_add(table, (struct table_cell[]){
			{ ids[i], STYLE_PLAIN }, { "2026-11-22", STYLE_PLAIN },
			{ i == 0 ? "hospital-west-radiology-fhir" : "hospital-west-radiology-dicom", STYLE_BAD },
			{ "points at a version that is disabled, so its data may be unreadable", STYLE_PLAIN },
		});
	return table;
}

static void
no_line_is_wider_than_the_terminal(void **state)
{
	struct table *table = make();

	(void)state;
	for (unsigned width = 80; width >= 60; width--) {
		char *text = render(table, width, true);

		assert_true(widest(text) <= width);
		free(text);
	}
	table_free(table);
}

static void
shortened_ids_can_still_be_told_apart(void **state)
{
	struct table *table = make();
	char *text = render(table, 80, true);

	/* The first two share twelve digits: thirteen are shown. */
	(void)state;
	assert_non_null(strstr(text, "3f2a91c04b7e4\u2026"));
	assert_non_null(strstr(text, "3f2a91c04b7e9\u2026"));
	free(text);
	table_free(table);
}

static void
names_are_told_apart_by_their_ends(void **state)
{
	struct table *table = make();
	char *text = render(table, 60, true);

	(void)state;
	assert_non_null(strstr(text, "fhir "));
	assert_non_null(strstr(text, "dicom "));
	free(text);
	table_free(table);
}

static void
what_fits_is_shown_in_full(void **state)
{
	struct table *table = make();
	char *text = render(table, 200, true);

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_non_null(strstr(text, ids[i]));
	assert_non_null(strstr(text, "so its data may be unreadable"));
	free(text);
	table_free(table);
}

static void
a_plain_locale_gets_plain_characters(void **state)
{
	struct table *table = make();
	char *text = render(table, 80, false);

	(void)state;
	for (const char *p = text; *p != '\0'; p++)
		assert_true((unsigned char)*p < 0x80);
	assert_true(widest(text) <= 80);
	free(text);
	table_free(table);
}

static void
a_cell_cannot_break_the_row_or_the_terminal(void **state)
{
	static const struct table_column columns[] = { { "NAME", TABLE_PLAIN }, { "NOTE", TABLE_PLAIN } };
	struct table *table = table_new(columns, 2);

	(void)state;
	table_add(table, (struct table_cell[]){ { "a\nb\033[31m", STYLE_PLAIN }, { NULL, STYLE_PLAIN } });
	char *text = render(table, 80, true);
	assert_string_equal(text, "NAME            NOTE\na\\x0ab\\x1b[31m  -\n");
	free(text);
	table_free(table);
}

static void
an_empty_table_prints_nothing(void **state)
{
	static const struct table_column columns[] = { { "NAME", TABLE_PLAIN } };
	struct table *table = table_new(columns, 1);
	char *text = render(table, 80, true);

	(void)state;
	assert_string_equal(text, "");
	free(text);
	table_free(table);
	table_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_line_is_wider_than_the_terminal),
		cmocka_unit_test(shortened_ids_can_still_be_told_apart),
		cmocka_unit_test(names_are_told_apart_by_their_ends),
		cmocka_unit_test(what_fits_is_shown_in_full),
		cmocka_unit_test(a_plain_locale_gets_plain_characters),
		cmocka_unit_test(a_cell_cannot_break_the_row_or_the_terminal),
		cmocka_unit_test(an_empty_table_prints_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
