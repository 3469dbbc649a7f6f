#ifndef OBSERVE_H
#define OBSERVE_H

#include "engine.h"
#include "facts.h"
#include "lock.h"

/*
 * Looking: fills facts from the vault, the services, the HSM and the state folder.  It changes nothing anywhere.
 */

/* Which parts to look at. */
enum {
	OBSERVE_VAULT = 1,		/* versions of the key, and those that services name */
	OBSERVE_SERVICES = 2,
	OBSERVE_PROBES = 4,		/* ask the services' data planes */
	OBSERVE_KEK = 8,
	OBSERVE_HSM = 16,		/* the open rotation's key, and whether the KEK is enrolled */
	OBSERVE_BLOB = 32
};

/* Looks at one policy for the life of a command; keeps what cannot change between looks. */
struct observer {
	struct engine *engine;
	const struct policy *policy;
	struct history history;
	struct hsm *hsm;		/* opened at the first need */
	char joined[ROTATION_ID_SIZE];	/* the rotation that this command began or goes on with; "" before */
	int64_t asked_ms;		/* wall time of the operator's word; 0: nobody's */
	char told[HISTORY_REASON_MAX];	/* the last broken invariant that was told while waiting */
	struct vault_key *known;	/* bundles by kid and time of update, since material never changes */
	size_t known_count;
};

void observer_init(struct observer *observer, struct engine *engine, const struct policy *policy);
void observer_clear(struct observer *observer);

static inline void
scope_observer(struct observer *observer)
{
	observer_clear(observer);
}

/** Take in the journal. */
bool observer_refresh(struct observer *observer, struct fault *fault)
    __attribute__((warn_unused_result));

/**
 * observe(observer, parts, ret_facts, fault):
 * Look at ${parts}. A service that cannot be read is a fact (its why), not a fault; a vault or HSM that cannot be read is a fault.
 * The caller clears ${*ret_facts}, which borrows from ${observer}.
 */
bool observe(struct observer *observer, unsigned parts, struct facts *ret_facts,
    struct fault *fault) __attribute__((warn_unused_result));

/** The policy's token, opened and logged in at the first call; stays the observer's. */
bool observer_hsm(struct observer *observer, struct hsm **ret_hsm, struct fault *fault)
    __attribute__((warn_unused_result));

/**
 * The lock that covers login, generation and sweeping: a login may rewrite the token's own files, and what another process is just
 * making looks like debris. Waits up to a minute. Errors: FAULT_RETRY, it stays taken: the text says by whom.
 */
bool observer_lock_token(struct observer *observer, const char *purpose, struct lock **ret_lock,
    struct fault *fault) __attribute__((warn_unused_result));

/** Log out of the token, before a long wait. */
void observer_release_hsm(struct observer *observer);

/** The name of rotation ${id}'s key in the HSM: CKA_ID and label. */
bool observer_key_name(const struct observer *observer, const char *id, struct hsm_name *ret_name,
    struct fault *fault) __attribute__((warn_unused_result));

/** The path of rotation ${id}'s blob; the caller frees it. */
bool observer_blob_path(const struct observer *observer, const char *id, char **ret_path,
    struct fault *fault) __attribute__((warn_unused_result));

#endif
