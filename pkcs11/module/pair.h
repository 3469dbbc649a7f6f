#ifndef PAIR_H
#define PAIR_H

#include "object.h"

/*
 * A key pair, or half of one, with the handles it has in this session;
 * CK_INVALID_HANDLE: no such half.
 */
struct pair {
	CK_OBJECT_HANDLE private_half, public_half;
	struct hsm_key key;
};

/**
 * pair_read(session, handle, class, ret_pair, fault):
 * Describe one key object (CKO_PRIVATE_KEY or CKO_PUBLIC_KEY): name, shape,
 * public key as far as this half tells it, attributes. A key of a shape that
 * keyturn does not make has shape.family 0.
 */
bool pair_read(const struct session *session, CK_OBJECT_HANDLE handle, CK_OBJECT_CLASS class,
    struct pair *ret_pair, struct fault *fault) __attribute__((warn_unused_result));

/**
 * Join two halves of one id: attributes from the private one, the public key
 * from the public one.
 */
void pair_join(struct pair *private_half, const struct pair *public_half);

/**
 * pair_find(session, name, ret_pair, ret_found, fault):
 * The token objects of that name, at most one of each class; signs nothing.
 * Errors: FAULT_DATA, more than one key answers to the name, or others share
 *         its CKA_ID.
 */
bool pair_find(const struct session *session, const struct hsm_name *name,
    struct pair *ret_pair, bool *ret_found, struct fault *fault)
    __attribute__((warn_unused_result));

/** The name for messages: "key 'LABEL' (id HEX)". */
enum { PAIR_TEXT = HSM_LABEL_MAX + 2 * HSM_ID_MAX + 32 };
const char *pair_text(const struct hsm_name *name, char text[static PAIR_TEXT]);

#endif
