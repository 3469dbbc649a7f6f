#include "route.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void
route_release(struct route_match *match)
{
	for (unsigned i = 0; i < ROUTE_STARS; i++) {
		free(match->star[i]);
		match->star[i] = NULL;
	}
}

/* Length of the segment at ${text}. */
static size_t
segment(const char *text)
{
	return strcspn(text, "/");
}

/* Compare one segment each; a star takes whatever is there. */
static bool
step(const char *pattern, const char *path, struct route_match *match, unsigned *stars)
{
	size_t want = segment(pattern), have = segment(path);

	if (want == 1 && *pattern == '*' && *stars < ROUTE_STARS) {
		match->star[(*stars)++] = text_part(path, have);
		return true;
	}
	return want == have && strncasecmp(pattern, path, want) == 0;
}

bool
route_match(const char *pattern, const char *path, struct route_match *ret_match)
{
	struct route_match match = { { NULL } };
	unsigned stars = 0;

	/* Both begin with a slash; go on as long as both have a segment. */
	while (*pattern == '/' && *path == '/' && step(pattern + 1, path + 1, &match, &stars)) {
		pattern += 1 + segment(pattern + 1);
		path += 1 + segment(path + 1);
		if (*pattern != '\0' || (*path != '\0' && strcmp(path, "/") != 0))
			continue;
		*ret_match = match;
		return true;
	}
	route_release(&match);
	return false;
}
