#ifndef GENERATE_H
#define GENERATE_H

#include "pair.h"

/*
 * What to make: a pair of token objects under a name, or a throw-away pair of
 * session objects.
 */
struct generation {
	const struct hsm_name *name;	/* NULL: session objects without a name */
	struct key_shape shape;
};

/* The two objects a generation made, and what a refusal was. */
struct generated {
	CK_OBJECT_HANDLE private_half, public_half;
	CK_RV rv;			/* set on failure too; CKR_OK if the fault is not the token's refusal */
};

/** C_GenerateKeyPair with keyturn's templates, which are the same for both uses. */
bool generate_pair(const struct session *session, const struct generation *generation,
    struct generated *generated, struct fault *fault) __attribute__((warn_unused_result));

/**
 * Read both halves back and compare: attributes, names, shape, and one
 * signature. Errors: FAULT_REFUSED, the token did otherwise than asked.
 */
bool generate_read_back(const struct session *session, const struct generation *generation,
    const struct generated *generated, struct pair *ret_pair, struct fault *fault)
    __attribute__((warn_unused_result));

#endif
