#ifndef FACTS_H
#define FACTS_H

#include "finding.h"
#include "history.h"
#include "hsm.h"
#include "policy.h"

/*
 * What a look at the vault, the services, the HSM, the state folder and the journal showed, at one moment.  Everything that
 * is decided is decided on this, without I/O.
 */

enum provenance { PROVENANCE_FOREIGN, PROVENANCE_HSM, PROVENANCE_ADOPTED };

/* A version of the policy's vault key, or one that a service names or named. */
struct version_fact {
	char kid[VAULT_KID_MAX];
	char version[VAULT_VERSION_MAX];
	bool exists;			/* the vault shows it */
	bool of_policy_key;		/* it belongs to the policy's vault and key name */
	bool material_read;		/* kty, ops and public key below were shown */
	char unread[120];		/* of another vault that could not be asked: why; "" otherwise */
	struct vault_key key;		/* key.item is valid if exists */
	char fingerprint[DIGEST_HEX_SIZE];	/* "" if it has no public key that keyturn handles */
	char rotation_tag[ROTATION_ID_SIZE];	/* of its tags; "" if it has none */
	enum provenance provenance;
	bool proven;			/* passed prove, or adopted: a service may be pointed at it */
	bool named;			/* a service names it, or once did */
	bool named_now;
	bool twin;
	int64_t proven_ms;
};

struct service_fact {
	const struct policy_service *policy;
	const struct service_kind *kind;
	char name[160];			/* last segment of its id */
	bool read;			/* state is valid; else why tells */
	struct fault why;
	struct service_state state;
	bool operation_known;		/* an operation of ours was under way and has been polled */
	enum service_progress progress;
	int64_t retry_after_ms;
	struct fault operation_fault;	/* Azure's reason when progress is failed or canceled */
	bool probed;
	struct service_probe_result probe;
};

struct kek_fact {
	bool read, found;
	struct vault_key key;		/* valid if found */
	char fingerprint[DIGEST_HEX_SIZE];
	char unsound[300];		/* why it must not be used; "" if it may */
	bool enrolled_known;		/* the HSM was asked */
	bool enrolled;
};

struct hsm_fact {
	bool read;			/* the HSM was asked for the rotation's key */
	bool found;
	struct hsm_key key;		/* valid if found */
	struct hsm_token token;
};

struct blob_fact {
	bool present;
	char sha256[DIGEST_HEX_SIZE];
};

struct facts {
	const struct policy *policy;
	int64_t now_ms;
	int64_t settling_ms;		/* how long the vault's lists may lag */
	const struct history *history;
	bool vault_read;
	struct version_fact *versions;	/* oldest first; those of other keys last */
	size_t version_count;
	struct service_fact *services;	/* as in the policy */
	size_t service_count;
	struct kek_fact kek;
	struct hsm_fact hsm;
	struct blob_fact blob;
};

void facts_clear(struct facts *facts);

static inline void
scope_facts(struct facts *facts)
{
	facts_clear(facts);
}

/** The version with that key identifier, or NULL. */
const struct version_fact *facts_version(const struct facts *facts, const char *kid);

/** The newest version of the policy's key, or NULL. */
const struct version_fact *facts_newest(const struct facts *facts);

/**
 * Whether ${a} is newer than ${b}: by the time of creation, which the vault has in whole seconds; within one second the policy's
 * key goes before another, and versions of one key by their place in the list. Both belong to the same facts.
 */
bool facts_newer(const struct version_fact *a, const struct version_fact *b);

/** The newest version that some service names now; without services, the newest that is proven. NULL if there is none. */
const struct version_fact *facts_in_use(const struct facts *facts);

/** The version that the open rotation's import made, recognised by tag and public key, or NULL. */
const struct version_fact *facts_imported(const struct facts *facts);

/** What the journal knows of service ${index}, or NULL. */
const struct history_service *facts_service_history(const struct facts *facts, size_t index);

/** Whether services can keep using a version: exists, enabled, in date, with the operations they need. ${why}: the first thing that is wrong, in words. */
bool facts_usable(const struct facts *facts, const struct version_fact *version,
    char why[static 200]);

#endif
