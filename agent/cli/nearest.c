#include "nearest.h"

#include "suggest.h"

#include <stdio.h>

void
nearest_offer(struct nearest *nearest, const char *name)
{
	int distance = suggest_distance(nearest->word, name);

	if (distance == SUGGEST_TOO_FAR || (nearest->best != NULL && distance >= nearest->distance))
		return;
	nearest->best = name;
	nearest->distance = distance;
}

const char *
nearest_print(const struct nearest *nearest, const char *before, char text[static NEAREST_TEXT])
{
	if (nearest->best == NULL)
		text[0] = '\0';
	else
		snprintf(text, NEAREST_TEXT, "; did you mean '%s%.90s'?", before, nearest->best);
	return text;
}
