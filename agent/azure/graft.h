#ifndef GRAFT_H
#define GRAFT_H

#include <jansson.h>
#include <stdbool.h>

/*
 * Changing JSON at a place named by a JSON Pointer (RFC 6901), in which "*" stands for every
 * member of an object.
 */

/**
 * Remove every member that ${pointer} names; what is not there is no matter. False without
 * memory.
 */
bool graft_remove(json_t *object, const char *pointer) __attribute__((warn_unused_result));

/**
 * Set the member at ${pointer} (no "*"); objects that lack on the way, or are null, are made.
 * Steals ${value}. False without memory or if something else is in the way.
 */
bool graft_set(json_t *object, const char *pointer, json_t *value)
    __attribute__((warn_unused_result));

#endif
