#ifndef RULES_H
#define RULES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What the members of an object may be, as rows of a table, and the one reader that walks it.  A member without a row is
 * a problem, so that a typo is never silently ignored; so is each value that breaks its row.  Good values go into a
 * struct at the row's offset; what is absent or bad leaves the struct as it was, so that defaults are set beforehand.
 */

struct document;

enum rule_kind {
	RULE_TEXT = 1,		/* char *, owned by the struct */
	RULE_TEXTS,		/* char **, NULL-ended, owned: one string or a list of them */
	RULE_NUMBER,		/* unsigned */
	RULE_BOOLEAN,		/* bool */
	RULE_CHOICE,		/* an enum: one of a few words */
	RULE_OBJECT,		/* an object whose members fill the same struct */
	RULE_LIST,		/* a list of objects: an array of structs, owned, and a size_t at count_offset */
	RULE_IGNORED,		/* a string for other programs, such as "$schema" */
	RULE_REFUSED		/* a member that is known and not taken; right says why, as a sentence of its own */
};

/* A word and its value; a list of them ends with a NULL name. */
struct rule_choice {
	const char *name;
	int value;
	const char *refused;	/* if not NULL, why this version does not take the word */
};

struct rules;

struct rule {
	const char *name;
	enum rule_kind kind;
	bool required;
	bool quiet;		/* the value may be a secret, or hold one: never repeat it */
	const char *right;	/* goes on after "it must be …": what would be right, and if need be why */
	const char *each;	/* LIST, TEXTS: the same of one element; NULL: right serves both */
	size_t offset, count_offset;
	const char *pattern;	/* TEXT, TEXTS: POSIX extended expression that it matches as a whole */
	const char *never;	/* and one that no part of it may match */
	unsigned max;		/* characters; 0: as many as the file holds */
	const unsigned *numbers;	/* NUMBER: those allowed, 0-ended */
	const struct rule_choice *choices;
	const struct rules *members;	/* OBJECT, LIST */
};

struct rules {
	const struct rule *list;
	size_t count;
	size_t size;		/* LIST: of one struct */
	const void *defaults;	/* LIST: what a struct starts as; NULL: all zero */
};

/* Rows of an array, and for elements of a list, their struct's size and defaults. */
#define RULES(rows) { .list = (rows), .count = sizeof (rows) / sizeof (rows)[0] }
#define RULES_OF(rows, template) \
	{ .list = (rows), .count = sizeof (rows) / sizeof (rows)[0], .size = sizeof (template), .defaults = &(template) }

/**
 * rules_read(rules, document, target):
 * Read the document's root, an object, into the struct ${target}; problems go to the document. Strings with control
 * characters are problems everywhere, since texts are shown on terminals. What was stored is the caller's, also then.
 */
void rules_read(const struct rules *rules, struct document *document, void *target);

/** Free the texts, lists of texts and lists of structs that ${rules} put into ${target}; absent ones are NULL. */
void rules_clear(const struct rules *rules, void *target);

/** The value of the word ${name}, or 0. */
int rules_choice_value(const struct rule_choice *choices, const char *name);

/** The word for ${value}, or NULL. */
const char *rules_choice_name(const struct rule_choice *choices, int value);

#endif
