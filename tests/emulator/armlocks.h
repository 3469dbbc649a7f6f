#ifndef ARMLOCKS_H
#define ARMLOCKS_H

/* Management locks, in the world's member "locks": an array in the shape that Resource Manager shows. */

#include <stdbool.h>

struct armid;
struct exchange;

/**
 * armlocks_check(x, id):
 * Whether no lock forbids the request: ReadOnly stops every write at and below its scope, CanNotDelete every removal. On failure the answer (409 ScopeLocked) is set.
 */
bool armlocks_check(struct exchange *x, const struct armid *id) __attribute__((warn_unused_result));

#endif
