#ifndef HISTORY_H
#define HISTORY_H

#include "journal.h"
#include "service.h"
#include "stepname.h"
#include "vault.h"

/*
 * What the journal says of one policy: the versions it knows, the unfinished or last rotation, what each service was last
 * pointed at.  Replayed from records, never stored: what the agent recovers from is what the auditor reads.
 */

enum { ROTATION_ID_SIZE = 33, HISTORY_REASON_MAX = 1000 };

/* A version that keyturn imported or adopted. */
struct history_version {
	char kid[VAULT_KID_MAX];
	char rotation[ROTATION_ID_SIZE];	/* "" if adopted */
	char fingerprint[DIGEST_HEX_SIZE];
	bool adopted;
	bool named;			/* some service names it, or once did: it is needed for ever */
	bool twin;			/* a second version of one import: harmless, never used */
	int64_t imported_ms;		/* 0 if adopted */
	int64_t proven_ms;		/* 0: never passed prove */
};

/* A service, as far as the journal knows it. */
struct history_service {
	char id[SERVICE_URL_MAX];
	char last_kid[SERVICE_URL_MAX];	/* last set by us or adopted; "" if none */
	/* Of the unfinished or last rotation: */
	bool before_known;		/* it was there when the rotation began, or has been repointed since */
	char before[SERVICE_URL_MAX];	/* what it named then */
	enum service_probe baseline;	/* 0: no probe was asked for */
	int64_t intent_ms;		/* last intent to repoint it or to put it back; 0: none */
	int64_t repointed_ms;		/* 0: not yet */
	bool confirm_done;		/* the confirm step is over … */
	bool confirmed;			/* … and the probe answered */
	bool undone;			/* it was put back: tried again on an operator's word only */
	bool failed;			/* it failed and is to be put back */
	char body_sha256[DIGEST_HEX_SIZE];	/* of the PUT's body as it was intended */
	bool has_operation;		/* a PUT was accepted and not seen to its end */
	struct service_operation operation;
};

struct history_rotation {
	char id[ROTATION_ID_SIZE];	/* "": there never was one */
	bool open;			/* started and not ended */
	int64_t started_ms, ended_ms;
	char trigger[16];		/* "operator" or "schedule" */
	char vault[VAULT_KID_MAX];	/* what it was begun for: URL, key name and token of the policy then */
	char key_name[128];
	char token[512];
	bool done[STEP_COUNT];		/* recorded as done, services' steps excepted */
	int64_t intent_ms[STEP_COUNT];	/* last intent; 0: none */
	bool import_unknown;		/* an import was sent, or about to be, and nothing tells what came of it */
	char fingerprint[DIGEST_HEX_SIZE];	/* of the HSM key */
	char kek_kid[VAULT_KID_MAX];
	char blob_sha256[DIGEST_HEX_SIZE];
	char wrap_kek_kid[VAULT_KID_MAX];	/* under which the blob was made */
	char answered_kid[VAULT_KID_MAX];	/* as the import's answer named it, not yet seen in the vault */
	char kid[VAULT_KID_MAX];	/* of the imported version */
	unsigned failures;		/* since something last went well */
	int64_t failed_ms;
	char failure[HISTORY_REASON_MAX];
	char failed_step[16];
};

/* An import of a .byok file that was sent, and of which nothing tells what came of it. */
struct history_byok {
	bool unknown;
	int64_t sent_ms;
	char fingerprint[DIGEST_HEX_SIZE];
	char blob_sha256[DIGEST_HEX_SIZE];	/* of the file's bytes */
	char answered_kid[VAULT_KID_MAX];	/* as the import's answer named it, not yet proven */
	char other_kid[VAULT_KID_MAX];	/* the version it made, if the file held another key than was promised */
};

struct history {
	uint64_t next;			/* number of the next record to take in */
	bool adopted;			/* there is a baseline */
	int64_t adopted_ms;
	int64_t success_ms;		/* end of the last rotation that was finished; 0: none */
	int64_t rolled_back_ms;		/* of a rollback since the last rotation began; 0: none */
	int64_t refused_ms;		/* of a start that was refused since the last rotation began; 0: none */
	char refusal[HISTORY_REASON_MAX];	/* why, as recorded */
	struct history_rotation rotation;
	struct history_byok byok;
	int64_t kek_sent_ms;		/* last intent of kek enroll to make the KEK, unless certainly without effect; 0: none */
	struct history_version *versions;	/* in the order they became known */
	size_t version_count;
	struct history_service *services;
	size_t service_count;
};

/** Take in what ${journal} holds of ${policy} beyond what ${history} has seen. A zeroed history is an empty one; ${journal} may be NULL. */
bool history_refresh(struct history *history, struct journal *journal, const char *policy,
    struct fault *fault) __attribute__((warn_unused_result));

void history_clear(struct history *history);

/** The version with that key identifier, or NULL. */
const struct history_version *history_version(const struct history *history, const char *kid);

/** The service with that ARM id (compared case-insensitively), or NULL. */
const struct history_service *history_service(const struct history *history, const char *id);

#endif
