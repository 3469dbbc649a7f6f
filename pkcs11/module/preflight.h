#ifndef PREFLIGHT_H
#define PREFLIGHT_H

#include "session.h"

/*
 * Which wrap route this token can be trusted with. Mechanism numbers and flags
 * prove nothing, so each route wraps a throw-away session key, by the very code
 * of the real transfer, for a throw-away software KEK, and OpenSSL opens the
 * result.
 */

struct preflight {
	struct { enum hsm_wrap_verdict verdict; char reason[256]; } routes[HSM_ROUTE_COUNT];
	enum hsm_route chosen;		/* the first exact one; else, where accepted, the first zero-padded one */
	bool zero_padded;		/* of the chosen one */
	enum hsm_route working;		/* the first that wraps at all, for the test of a seal */
};

/**
 * preflight_run(session, ret_preflight, fault):
 * Try the routes in the order of the design until one is exact.
 * Errors: as the token answers, where that is a policy or a fault of the token
 *         and not "this route does not exist": then no further route is tried.
 */
bool preflight_run(const struct session *session, struct preflight *ret_preflight,
    struct fault *fault) __attribute__((warn_unused_result));

/**
 * All routes, for `hsm check`: does not stop at the first exact one, and takes
 * a stop as that route's verdict.
 */
bool preflight_run_all(const struct session *session, struct preflight *ret_preflight,
    struct fault *fault) __attribute__((warn_unused_result));

/* A throw-away pair of session objects. */
struct probe;

/**
 * P-256 where the token has it (67 or 138 bytes of PKCS #8, no multiple of 8,
 * so padding shows), else RSA-2048.
 */
bool preflight_probe(const struct session *session, struct probe **ret_probe,
    struct fault *fault) __attribute__((warn_unused_result));

CK_OBJECT_HANDLE preflight_probe_key(const struct probe *probe);

/** Destroys the objects; NULL is allowed. */
void preflight_probe_free(struct probe *probe);

#endif
