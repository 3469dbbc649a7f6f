#ifndef LIST_H
#define LIST_H

#include "pair.h"

struct pairs {
	struct pair *list;		/* freed by free() */
	size_t count;
};

/**
 * Every key pair, half pair and shell of the token, in the order the token
 * tells them.
 */
bool list_pairs(const struct session *session, struct pairs *ret_pairs, struct fault *fault)
    __attribute__((warn_unused_result));

/**
 * list_is_shell(session, handle, ret_is, fault):
 * Whether the object is what SoftHSM2 leaves of a key when its process dies
 * while writing it: a key object without id, label and material that says of
 * itself that it is neither of the token nor made there; or, on SoftHSM2 alone,
 * one of which no attribute can be read.
 */
bool list_is_shell(const struct session *session, CK_OBJECT_HANDLE handle, bool *ret_is,
    struct fault *fault) __attribute__((warn_unused_result));

#endif
