#ifndef TABLE_H
#define TABLE_H

#include "terminal.h"

#include <stddef.h>

/*
 * Rows and columns for people, no wider than the terminal (80 columns where there is none). What is too long is shortened by
 * the kind of its column; the full values are in --json.
 */

enum table_kind {
	TABLE_PLAIN,	/* short by nature: never shortened */
	TABLE_ID,	/* one of many random values: the first digits, at least 8 and as many as tell the column's values apart */
	TABLE_NAME,	/* start and end tell names apart: shortened in the middle */
	TABLE_FLOW	/* sentences: wrapped inside the column; the last column only */
};

struct table_column {
	const char *title;
	enum table_kind kind;
};

enum { TABLE_COLUMNS_MAX = 10 };

struct table_cell {
	const char *text;		/* NULL is shown as "-" */
	enum terminal_style style;
};

struct table;

/** ${columns} are borrowed, at most TABLE_COLUMNS_MAX of them. NULL without memory, which the other calls take as an empty table. */
struct table *table_new(const struct table_column *columns, size_t count);

/** Add a row of as many cells as there are columns; the texts are copied, made visible. A row for which there is no memory is told by table_print. */
void table_add(struct table *table, const struct table_cell *cells);

/** Print title line and rows, indented by ${indent} blanks; nothing for a table without rows. */
void table_print(const struct table *table, const struct terminal *terminal, unsigned indent);

/** NULL is allowed. */
void table_free(struct table *table);

static inline void
scope_table(struct table **table)
{
	table_free(*table);
}

#endif
