#ifndef TOKEN_H
#define TOKEN_H

/*
 * Access tokens: JSON Web Tokens that the emulated Entra signs and that every other service
 * checks.
 */

#include <stdbool.h>
#include <stddef.h>

struct exchange;
struct world;

/* Why a bearer token did not do. */
enum token_verdict {
	TOKEN_GOOD,
	TOKEN_MISSING,		/* no Authorization header, or another scheme */
	TOKEN_MALFORMED,	/* not a token of this tenant, or its signature is wrong */
	TOKEN_EXPIRED,		/* by the world's clock */
	TOKEN_AUDIENCE		/* issued for another resource */
};

/* How long a token lives, in seconds. */
enum { TOKEN_LIFETIME_S = 3599 };

/**
 * token_issue(w, audience):
 * Return a new token of the client for ${audience}, the caller's to free; NULL if it cannot be
 * signed.
 */
char *token_issue(struct world *w, const char *audience);

/**
 * token_check(x, audiences, count):
 * Check the bearer token of a request for one of the ${count} ${audiences} (compared without
 * regard to one trailing slash). On success set ${x->principal}; on failure the answer (401 with
 * WWW-Authenticate and the ARM error envelope) is already set.
 */
bool token_check(struct exchange *x, const char *const *audiences, size_t count) __attribute__((warn_unused_result));

/**
 * token_judge(x, audiences, count):
 * The same without an answer, for services that word their own refusal.
 */
enum token_verdict token_judge(struct exchange *x, const char *const *audiences, size_t count);

#endif
