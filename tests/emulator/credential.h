#ifndef CREDENTIAL_H
#define CREDENTIAL_H

/*
 * How the client proves who it is at the token endpoint: by its secret, or by an assertion
 * signed with a registered certificate's key.
 */

#include <jansson.h>
#include <stdbool.h>

struct exchange;

/**
 * credential_take_basic(x, form):
 * Put client id and secret of an HTTP Basic header (RFC 6749, 2.3.1) into the form, where they are
 * missing there.
 */
void credential_take_basic(struct exchange *x, json_t *form);

/**
 * credential_check(x, form):
 * Check the application and its credential. On failure the answer with Entra's code is set.
 */
bool credential_check(struct exchange *x, const json_t *form) __attribute__((warn_unused_result));

/**
 * credential_thumbprints(pem):
 * Read a PEM certificate and return {"pem", "x5t", "x5t#S256", "not_before", "not_after"} as kept
 * in the world's member "certificates", or NULL.
 */
json_t *credential_thumbprints(const char *pem);

#endif
