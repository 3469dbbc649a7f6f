#include "utf8.h"

#include <string.h>

/* The first bytes of UTF-8 characters, with how many follow and what the second may be (RFC 3629, 4). */
static const struct {
	unsigned char first_low, first_high, second_low, second_high;
	size_t size;
} rows[] = {
	{ 0x00, 0x7f, 0, 0, 1 },
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

size_t
utf8_size(const unsigned char *at, size_t left)
{
	for (size_t i = 0; left > 0 && i < sizeof rows / sizeof rows[0]; i++) {
		size_t size = rows[i].size;

		if (*at < rows[i].first_low || *at > rows[i].first_high)
			continue;
		if (size > left)
			return 0;
		if (size > 1 && (at[1] < rows[i].second_low || at[1] > rows[i].second_high))
			return 0;
		for (size_t k = 2; k < size; k++)
			if ((at[k] & 0xc0) != 0x80)
				return 0;
		return size;
	}
	return 0;
}

/* How many bytes a character has that begins with ${first}; 1 for a byte that begins none. */
static size_t
length_of(unsigned char first)
{
	if (first >= 0xF0)
		return 4;
	if (first >= 0xE0)
		return 3;
	return first >= 0xC0 ? 2 : 1;
}

char *
utf8_trim(char *text)
{
	size_t end = strlen(text), start = end;

	/* Go back over at most three bytes that continue a character, to the one that begins it. */
	while (start > 0 && end - start < 3 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
		start--;
	if (start > 0 && length_of((unsigned char)text[start - 1]) > end - start + 1)
		text[start - 1] = '\0';
	return text;
}

char *
utf8_copy(char *to, size_t room, const char *from)
{
	const unsigned char *at = (const unsigned char *)from;
	size_t left = strlen(from), length = 0;

	while (left > 0) {
		size_t size = utf8_size(at, left);
		const char *character = size == 0 ? "\xEF\xBF\xBD" : (const char *)at;
		size_t wanted = size == 0 ? 3 : size;

		if (length + wanted >= room)
			break;
		memcpy(to + length, character, wanted);
		length += wanted;
		at += size == 0 ? 1 : size;
		left -= size == 0 ? 1 : size;
	}
	to[length] = '\0';
	return to;
}
