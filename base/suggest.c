#include "suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { WORD_MAX = 64 };

static bool
same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static int
least(int a, int b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: the edit distance in which two neighbours may also change places, once. */
int
suggest_distance(const char *found, const char *known)
{
	size_t rows = strlen(found), columns = strlen(known);
	int table[WORD_MAX + 1][WORD_MAX + 1];

	if (rows > WORD_MAX || columns > WORD_MAX)
		return SUGGEST_TOO_FAR;
	for (size_t i = 0; i <= rows; i++) {
		for (size_t j = 0; j <= columns; j++) {
			/* From or to nothing: each letter is one slip. */
			if (i == 0 || j == 0) {
				table[i][j] = (int)(i + j);
				continue;
			}
			int best = least(table[i - 1][j], table[i][j - 1]) + 1;
			best = least(best, table[i - 1][j - 1] + !same(found[i - 1], known[j - 1]));
			if (i > 1 && j > 1 && same(found[i - 1], known[j - 2]) && same(found[i - 2], known[j - 1]))
				best = least(best, table[i - 2][j - 2] + 1);
			table[i][j] = best;
		}
	}

	/* One slip in a word of three letters or two, two in one of six, and so on. */
	int allowed = columns < 3 ? 1 : (int)(columns / 3);
	return table[rows][columns] <= allowed ? table[rows][columns] : SUGGEST_TOO_FAR;
}
