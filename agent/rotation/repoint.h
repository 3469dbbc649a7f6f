#ifndef REPOINT_H
#define REPOINT_H

#include "observe.h"

/*
 * Putting a key reference on a service: GET, change one string, PUT.  Shared by the steps of a rotation, by rollback and by
 * revalidate.
 */

struct repoint {
	const char *step;		/* of the journal: "repoint", "undo", "rollback", "revalidate" */
	const char *rotation;		/* "" outside a rotation */
	const char *from, *to;		/* key URLs; from "" for a first customer-managed key */
};

/**
 * repoint_write(observer, service, request, fault):
 * Read the service once more, refuse if it moved since it was looked at (another key URL, not at rest), PUT it, and record in the
 * journal (phase note) where to ask for an operation that Azure accepted.  The end is for the next look.
 * Errors: FAULT_REFUSED, it moved, or Azure refused: nothing changed; FAULT_UNKNOWN, look before anything else; FAULT_RETRY.
 */
bool repoint_write(struct observer *observer, const struct service_fact *service,
    const struct repoint *request, struct fault *fault) __attribute__((warn_unused_result));

/**
 * repoint_settle(observer, index, kid, fault):
 * Wait until service ${index} of the policy is at rest and names ${kid}, telling the listener. For rollback and revalidate, which
 * do not park. Errors: FAULT_FAILED, it came to rest otherwise; FAULT_STOPPED.
 */
bool repoint_settle(struct observer *observer, size_t index, const char *kid,
    struct fault *fault) __attribute__((warn_unused_result));

/** SHA-256 over the PUT body with ${kid} in it, members sorted: equal digests mean that nothing else differs. */
bool repoint_body_digest(const struct service_fact *service, const char *kid,
    char ret_hex[static DIGEST_HEX_SIZE], struct fault *fault) __attribute__((warn_unused_result));

#endif
