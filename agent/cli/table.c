#include "table.h"

#include "scope.h"
#include "text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	GAP = 2,		/* blanks between columns */
	ID_LEAST = 8,		/* digits of an id that are always shown */
	NAME_LEAST = 12,		/* columns a shortened name keeps */
	FLOW_WISH = 24,		/* columns that sentences keep as long as names can be cut */
	FLOW_LEAST = 10		/* and what they keep at last */
};

struct cell {
	char *text;		/* visible */
	enum terminal_style style;
};

struct table {
	const struct table_column *columns;
	size_t column_count;
	struct cell *cells;	/* row after row */
	size_t row_count, room;	/* room in rows */
	size_t lost;		/* rows there was no memory for */
};

struct table *
table_new(const struct table_column *columns, size_t count)
{
	struct table *table = calloc(1, sizeof *table);

	if (table != NULL) {
		table->columns = columns;
		table->column_count = count;
	}
	return table;
}

static bool
make_room(struct table *table)
{
	size_t room = table->room > 0 ? table->room * 2 : 16;
	struct cell *cells;

	if (table->row_count < table->room)
		return true;
	if ((cells = reallocarray(table->cells, room * table->column_count, sizeof *cells)) == NULL)
		return false;
	table->cells = cells;
	table->room = room;
	return true;
}

void
table_add(struct table *table, const struct table_cell *cells)
{
	if (table == NULL)
		return;
	if (!make_room(table)) {
		table->lost++;
		return;
	}

	/* Take the row in as a whole or not at all. */
	struct cell *row = table->cells + table->row_count * table->column_count;
	bool whole = true;
	for (size_t i = 0; i < table->column_count; i++) {
		const char *text = cells[i].text;

		row[i].text = text_visible(text == NULL || text[0] == '\0' ? "-" : text);
		row[i].style = cells[i].style;
		whole = whole && row[i].text != NULL;
	}
	if (whole) {
		table->row_count++;
		return;
	}
	for (size_t i = 0; i < table->column_count; i++)
		free(row[i].text);
	table->lost++;
}

static const struct cell *
at(const struct table *table, size_t row, size_t column)
{
	return &table->cells[row * table->column_count + column];
}

/* The widest text of a column, its title included. */
static size_t
natural_width(const struct table *table, size_t column)
{
	size_t widest = text_width(table->columns[column].title);

	for (size_t row = 0; row < table->row_count; row++) {
		size_t width = text_width(at(table, row, column)->text);

		if (width > widest)
			widest = width;
	}
	return widest;
}

/* How many bytes two texts begin with in common; SIZE_MAX if they are the same. */
static size_t
common_start(const char *a, const char *b)
{
	size_t size = 0;

	while (a[size] != '\0' && a[size] == b[size])
		size++;
	return a[size] == b[size] ? SIZE_MAX : size;
}

/* The least width, sign of the cut included, at which different ids of a column still look different. */
static size_t
id_width(const struct table *table, size_t column)
{
	size_t digits = ID_LEAST;

	for (size_t row = 0; row < table->row_count; row++)
		for (size_t other = 0; other < row; other++) {
			size_t common = common_start(at(table, row, column)->text,
			    at(table, other, column)->text);

			if (common != SIZE_MAX && common + 1 > digits)
				digits = common + 1;
		}
	return digits + 1;
}

/* How narrow a column may be made. */
static size_t
least_width(const struct table *table, size_t column, size_t natural)
{
	size_t least = natural;

	switch (table->columns[column].kind) {
	case TABLE_PLAIN:
		break;
	case TABLE_ID:
		least = id_width(table, column);
		break;
	case TABLE_NAME:
		least = NAME_LEAST;
		break;
	case TABLE_FLOW:
		least = FLOW_WISH;
		break;
	}
	if (least < text_width(table->columns[column].title))
		least = text_width(table->columns[column].title);
	return least < natural ? least : natural;
}

/* Take ${over} columns away from the columns of one kind, from the widest first. */
static size_t
shrink(const struct table *table, enum table_kind kind, size_t *widths, const size_t *least, size_t over)
{
	while (over > 0) {
		size_t widest = table->column_count;

		for (size_t i = 0; i < table->column_count; i++)
			if (table->columns[i].kind == kind && widths[i] > least[i] &&
			    (widest == table->column_count || widths[i] > widths[widest]))
				widest = i;
		if (widest == table->column_count)
			break;
		widths[widest]--;
		over--;
	}
	return over;
}

/* Ids are cut to their least at once, so that they look the same in every table. Gives what is over still. */
static size_t
cut_ids(const struct table *table, size_t *widths, const size_t *least, size_t over)
{
	for (size_t i = 0; i < table->column_count; i++) {
		if (table->columns[i].kind != TABLE_ID)
			continue;
		size_t less = widths[i] - least[i];
		over = over > less ? over - less : 0;
		widths[i] = least[i];
	}
	return over;
}

/* Ids lose their tails first, then sentences flow, and then names are cut. */
static void
measure(const struct table *table, size_t room, size_t widths[static TABLE_COLUMNS_MAX])
{
	size_t least[TABLE_COLUMNS_MAX], total = 0;

	for (size_t i = 0; i < table->column_count; i++) {
		widths[i] = natural_width(table, i);
		least[i] = least_width(table, i, widths[i]);
		total += widths[i] + (i > 0 ? GAP : 0);
	}
	if (total <= room)
		return;
	size_t over = cut_ids(table, widths, least, total - room);
	over = shrink(table, TABLE_FLOW, widths, least, over);
	over = shrink(table, TABLE_NAME, widths, least, over);

	/* Where nothing else gives way, sentences stand in a narrow column. */
	for (size_t i = 0; i < table->column_count; i++)
		least[i] = FLOW_LEAST;
	shrink(table, TABLE_FLOW, widths, least, over);
}

/* Print a text in exactly ${width} columns, or as it is where the line ends after it. */
static void
put_cell(const struct terminal *terminal, const struct cell *cell, const char *text, size_t width, bool last)
{
	terminal_put(terminal, cell->style, text);
	if (!last)
		for (size_t used = text_width(text); used < width + GAP; used++)
			putc(' ', terminal->file);
}

/* The text as it fits ${width} columns. The caller frees it. */
static char *
shorten(const struct terminal *terminal, enum table_kind kind, const char *text, size_t width)
{
	const char *sign = terminal_sign(terminal, SIGN_CUT);
	size_t tail = kind == TABLE_NAME ? (width - 1) / 2 : 0;
	char *shortened;

	if (kind == TABLE_PLAIN || text_width(text) <= width)
		return strdup(text);
	int head = (int)text_fit(text, width - 1 - tail);
	const char *end = text + strlen(text) - text_fit_end(text, tail);
	return asprintf(&shortened, "%.*s%s%s", head, text, sign, end) < 0 ? NULL : shortened;
}

/* Wrap the text of a last column of sentences: further lines start below the first. */
static void
put_flow(const struct terminal *terminal, const struct cell *cell, size_t width, size_t offset)
{
	const char *rest = cell->text;

	for (;;) {
		SCOPE(free) char *part = strndup(rest, text_break(rest, width));

		if (part != NULL)
			terminal_put(terminal, cell->style, part);
		rest += text_break(rest, width);
		rest += strspn(rest, " ");
		if (*rest == '\0')
			return;
		fprintf(terminal->file, "\n%*s", (int)offset, "");
	}
}

static void
print_row(const struct table *table, const struct terminal *terminal, const struct cell *cells,
    const size_t *widths, unsigned indent)
{
	size_t offset = indent;

	fprintf(terminal->file, "%*s", (int)indent, "");
	for (size_t i = 0; i < table->column_count; i++) {
		enum table_kind kind = table->columns[i].kind;

		if (kind == TABLE_FLOW) {
			put_flow(terminal, &cells[i], widths[i], offset);
		} else {
			SCOPE(free) char *text = shorten(terminal, kind, cells[i].text, widths[i]);

			put_cell(terminal, &cells[i], text != NULL ? text : "?", widths[i],
			    i + 1 == table->column_count);
		}
		offset += widths[i] + GAP;
	}
	putc('\n', terminal->file);
}

void
table_print(const struct table *table, const struct terminal *terminal, unsigned indent)
{
	size_t widths[TABLE_COLUMNS_MAX];

	if (table == NULL || table->lost > 0)
		terminal_line(terminal, STYLE_BAD, "Not all of this table could be held in memory.");
	if (table == NULL || table->row_count == 0)
		return;

	/* The titles are a row like the others, in another style. */
	struct cell titles[TABLE_COLUMNS_MAX];
	measure(table, terminal->width > indent ? terminal->width - indent : 1, widths);
	for (size_t i = 0; i < table->column_count; i++) {
		titles[i].text = (char *)(uintptr_t)table->columns[i].title;
		titles[i].style = STYLE_FAINT;
	}
	print_row(table, terminal, titles, widths, indent);
	for (size_t row = 0; row < table->row_count; row++)
		print_row(table, terminal, at(table, row, 0), widths, indent);
}

void
table_free(struct table *table)
{
	if (table == NULL)
		return;
	for (size_t i = 0; i < table->row_count * table->column_count; i++)
		free(table->cells[i].text);
	free(table->cells);
	free(table);
}
