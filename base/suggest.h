#ifndef SUGGEST_H
#define SUGGEST_H

#include <limits.h>

enum { SUGGEST_TOO_FAR = INT_MAX };

/**
 * How many slips of the keyboard lie between ${found} and ${known}: letters put in, left out, changed, or swapped with the
 * next (case does not count). SUGGEST_TOO_FAR if so many that nobody can have meant it.
 */
int suggest_distance(const char *found, const char *known);

#endif
