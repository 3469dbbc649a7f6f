#include "utf8.h"

#include <string.h>

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
