#ifndef POINTER_H
#define POINTER_H

#include <stddef.h>

/*
 * JSON Pointers (RFC 6901) that grow by one part. The caller frees what he gets; NULL without memory.
 */

/** ${pointer} and the member ${name}, with "~" and "/" in it escaped (RFC 6901, 3). */
char *pointer_member(const char *pointer, const char *name);

/** ${pointer} and the element ${index} of a list, counted from 0. */
char *pointer_element(const char *pointer, size_t index);

/** Write "/" and ${name}, escaped, and a NUL to ${to}, which has room for 2 * strlen(name) + 2 bytes. Returns the NUL's place. */
char *pointer_put(char *to, const char *name);

#endif
