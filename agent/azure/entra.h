#ifndef ENTRA_H
#define ENTRA_H

#include "credential.h"

/*
 * Bearer tokens, in memory only, one for each scope: asked for when needed, asked anew in good
 * time, kept in use while a new one cannot be had, and not asked for again at once after a
 * refusal.  Times are monotonic.  For one thread.
 */

struct entra;
struct secret;

/** ${options}, ${http} and ${clock} are borrowed. Nothing is sent. Errors: FAULT_SETTINGS. */
bool entra_open(const struct azure_options *options, struct http *http,
    const struct clock *clock, struct entra **ret_entra, struct fault *fault)
    __attribute__((warn_unused_result));

/**
 * entra_token(entra, scope, ret_token, fault):
 * A token for ${scope} ("https://vault.azure.net/.default"), which stays the cache's and is
 * valid until the next call.
 * Errors: FAULT_PERMISSION and FAULT_RETRY, Entra's refusal in its words with advice;
 *         FAULT_PROTOCOL, an answer that is none; http_exchange's and secret_read's.  A failure
 *         is repeated from memory for a while (RETRY-AFTER, 5 s, or 60 s after a 4xx).
 */
bool entra_token(struct entra *entra, const char *scope, const struct secret **ret_token,
    struct fault *fault) __attribute__((warn_unused_result));

/** Forget the token of ${scope}: a resource refused it. */
void entra_drop(struct entra *entra, const char *scope);

/**
 * The claim oid of the newest token, "" if there was none that could be read. Not verified: for
 * the record only.
 */
const char *entra_object_id(const struct entra *entra);

/** Wipe and release; NULL is allowed. */
void entra_close(struct entra *entra);

#endif
