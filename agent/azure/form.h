#ifndef FORM_H
#define FORM_H

#include "fault.h"

#include <stddef.h>

/*
 * The body of a token request, application/x-www-form-urlencoded. It may hold a client secret,
 * so it is wiped when it ends.
 */

enum { FORM_MAX = 200000 };	/* bytes: a secret of SECRET_MAX, each byte as three */

struct form {
	size_t size;
	char text[FORM_MAX];
};

/** A new, empty form, or NULL without memory. */
struct form *form_new(void);

/** Append NAME=VALUE, percent-encoded. Errors: FAULT_DATA, too long. */
bool form_add(struct form *form, const char *name, const char *value, struct fault *fault)
    __attribute__((warn_unused_result));

/** Wipe and release; NULL is allowed. */
void form_free(struct form *form);

static inline void
scope_form(struct form **form)
{
	form_free(*form);
}

#endif
