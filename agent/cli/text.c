#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ESCAPE_MAX = 10 };	/* "\U0010ffff" */

struct range {
	uint32_t first, last;
};

/* What a terminal obeys instead of showing, and what a reader cannot see: written out. */
static const struct range hidden[] = {
	{ 0x0000, 0x001f }, { 0x007f, 0x009f },		/* controls: C0, DEL, C1 */
	{ 0x00ad, 0x00ad }, { 0x061c, 0x061c },
	{ 0x200b, 0x200f }, { 0x2028, 0x202e },		/* zero width, separators, embedding and override */
	{ 0x2060, 0x206f }, { 0xfeff, 0xfeff },		/* invisible operators, isolates, byte order mark */
	{ 0xfff9, 0xfffb }, { 0xe0000, 0xe007f },	/* annotations, tags */
};

/* Marks that stand on the character before. */
static const struct range combining[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd }, { 0x0610, 0x061a }, { 0x064b, 0x065f },
	{ 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
};

/* Characters of two columns (UAX #11, W and F, in whole blocks). */
static const struct range wide[] = {
	{ 0x1100, 0x115f }, { 0x2e80, 0x303e }, { 0x3041, 0x33ff }, { 0x3400, 0x4dbf }, { 0x4e00, 0x9fff },
	{ 0xa000, 0xa4cf }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff }, { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 },
	{ 0xffe0, 0xffe6 }, { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool
is_in(const struct range *ranges, size_t count, uint32_t character)
{
	for (size_t i = 0; i < count; i++)
		if (character >= ranges[i].first && character <= ranges[i].last)
			return true;
	return false;
}

/* Length in bytes of the character that ${text} starts with, 0 if its first byte starts none (RFC 3629, 4). */
static size_t
decode(const unsigned char *text, uint32_t *ret_character)
{
	static const struct { unsigned char mask, lead; uint32_t least; } forms[] = {
		{ 0x80, 0x00, 0x0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 },
	};

	for (size_t more = 0; more < COUNT(forms); more++) {
		if ((text[0] & forms[more].mask) != forms[more].lead)
			continue;

		/* The NUL at the end is no continuation byte, so this never runs past it. */
		uint32_t character = text[0] & (unsigned char)~forms[more].mask;
		for (size_t i = 1; i <= more; i++) {
			if ((text[i] & 0xc0) != 0x80)
				return 0;
			character = character << 6 | (text[i] & 0x3f);
		}

		/* Longer than needed, half of a surrogate pair, or beyond Unicode: not UTF-8. */
		if (character < forms[more].least || character > 0x10ffff ||
		    (character >= 0xd800 && character <= 0xdfff))
			return 0;
		*ret_character = character;
		return more + 1;
	}
	return 0;
}

/* One character or stray byte: its bytes and its columns. */
static size_t
step(const char *text, size_t *ret_columns)
{
	uint32_t character = 0;
	size_t size = decode((const unsigned char *)text, &character);

	if (size == 0) {
		*ret_columns = 1;
		return 1;
	}
	*ret_columns = 1;
	if (is_in(combining, COUNT(combining), character))
		*ret_columns = 0;
	else if (is_in(wide, COUNT(wide), character))
		*ret_columns = 2;
	return size;
}

char *
text_visible(const char *text)
{
	char *visible = malloc(strlen(text) * ESCAPE_MAX + 1), *end = visible;

	if (visible == NULL)
		return NULL;
	while (*text != '\0') {
		uint32_t character = 0;
		size_t size = decode((const unsigned char *)text, &character);

		/* A byte that is no character is shown as a byte, a hidden character as its number. */
		if (size == 0) {
			end += sprintf(end, "\\x%02x", (unsigned char)*text);
			size = 1;
		} else if (is_in(hidden, COUNT(hidden), character)) {
			end += sprintf(end, character < 0x80 ? "\\x%02x" :
			    character < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)character);
		} else {
			memcpy(end, text, size);
			end += size;
		}
		text += size;
	}
	*end = '\0';
	return visible;
}

size_t
text_width(const char *text)
{
	size_t width = 0, columns;

	while (*text != '\0') {
		text += step(text, &columns);
		width += columns;
	}
	return width;
}

size_t
text_fit(const char *text, size_t columns)
{
	size_t size = 0, used = 0, more;

	while (text[size] != '\0') {
		size_t bytes = step(text + size, &more);

		if (used + more > columns)
			break;
		used += more;
		size += bytes;
	}
	return size;
}

size_t
text_fit_end(const char *text, size_t columns)
{
	size_t whole = text_width(text);

	/* Drop characters from the start until the rest fits. */
	while (whole > columns) {
		size_t less;

		text += step(text, &less);
		whole -= less;
	}
	return strlen(text);
}

size_t
text_break(const char *text, size_t columns)
{
	size_t most = text_fit(text, columns), cut = most;

	/* All of it fits, or the line ends at a blank by luck. */
	if (text[most] == '\0' || text[most] == ' ')
		return most > 0 || text[0] == '\0' ? most : 1;

	/* Go back to a blank; a word longer than the line is cut where the line ends. */
	while (cut > 0 && text[cut - 1] != ' ')
		cut--;
	while (cut > 0 && text[cut - 1] == ' ')
		cut--;
	if (cut > 0)
		return cut;
	size_t unused;
	return most > 0 ? most : step(text, &unused);
}
