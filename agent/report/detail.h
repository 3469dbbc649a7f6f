#ifndef DETAIL_H
#define DETAIL_H

#include <jansson.h>

/**
 * The facts of a record's detail as "name value, name value": members of objects as name.member, lists by how many they hold, hashes and
 * URLs shortened so that a line stays a line. The caller frees it; NULL without memory.
 */
char *detail_print(const json_t *detail);

#endif
