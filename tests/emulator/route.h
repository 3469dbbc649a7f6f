#ifndef ROUTE_H
#define ROUTE_H

/*
 * Matching a request path against a pattern of segments, in which a star stands for any one
 * segment.
 */

#include <stdbool.h>

enum { ROUTE_STARS = 4 };

struct route_match {
	/* what the stars stood for; "" for an empty segment, NULL if there was no such star */
	char *star[ROUTE_STARS];
};

/**
 * route_match(pattern, path, ret_match):
 * Compare without regard to case; one slash at the path's end is ignored. On success route_release
 * must be called.
 */
bool route_match(const char *pattern, const char *path,
    struct route_match *ret_match) __attribute__((warn_unused_result));

/**
 * route_release(match):
 * Free the segments. A match full of NULLs is fine.
 */
void route_release(struct route_match *match);

#define ROUTE __attribute__((cleanup(route_release)))

#endif
