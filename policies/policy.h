#ifndef POLICY_H
#define POLICY_H

#include "fault.h"
#include "publickey.h"
#include "timetext.h"

#include <stddef.h>

/*
 * A policy: which key, in which vault, how often, for which services.  policy.schema.json beside this file is the contract;
 * unknown and repeated members are errors, and every error of a file is reported at once (problems.h).
 */

struct problems;

enum policy_after_import { POLICY_SEAL = 1, POLICY_KEEP, POLICY_DESTROY };
enum policy_recovery { POLICY_RECOVERY_NONE = 1, POLICY_RECOVERY_VAULT_BACKUP, POLICY_RECOVERY_HSM_BACKUP };

struct policy_service {
	char *kind;			/* a name of the table of service kinds */
	char *id;			/* ARM resource id */
	bool enable_cmk;		/* may be given its first customer-managed key */
	bool probe;			/* ask its data plane before and after; default true */
};

struct policy {
	char *file;			/* where it was read from */
	char sha256[DIGEST_HEX_SIZE];	/* of the file's bytes */
	char *name;
	char *description;		/* may be NULL */
	struct {
		struct key_shape shape;
		char *token;		/* PKCS #11 URI of the token, as in the settings' list of tokens */
		enum policy_after_import after_import;
		enum policy_recovery recovery;
	} key;
	struct {
		char *url;		/* "https://hospital.vault.azure.net", lower case, no slash at the end */
		char *key_name;
		struct { char *name; unsigned bits; bool create; } kek;
	} vault;
	struct {
		bool scheduled;		/* false: only when told to */
		char *every_text;	/* "P90D" */
		struct duration every;
	} rotate;
	bool repair_previous;		/* guard may enable earlier versions that somebody disabled */
	struct policy_service *services;
	size_t service_count;
};

/**
 * policy_parse(file, text, size, ret_policy, problems, fault):
 * Read one policy from ${size} bytes; no I/O. ${file} is for messages. Problems are added to ${problems}, and then the
 * result is false with FAULT_DATA and a fault that counts them and quotes the first.
 */
bool policy_parse(const char *file, const char *text, size_t size, struct policy **ret_policy,
    struct problems *problems, struct fault *fault) __attribute__((warn_unused_result));

/* All policies of a folder, by name. */
struct policy_set {
	struct policy **list;
	size_t count;
};

/**
 * policy_load(folder, ret_set, problems, fault):
 * Read every *.json of ${folder}, sorted by file name; two policies of one name, or two with the same vault key, are problems of both.
 * Good policies come out in ${*ret_set} even when others are bad and the result is false (FAULT_DATA); the caller clears it in any case.
 * Names that begin with a dot are passed over. Errors: FAULT_SETTINGS, the folder cannot be read; FAULT_SYSTEM. The set is then empty.
 */
bool policy_load(const char *folder, struct policy_set *ret_set,
    struct problems *problems, struct fault *fault) __attribute__((warn_unused_result));

/** The policy of that name, or NULL; borrowed. */
const struct policy *policy_find(const struct policy_set *set, const char *name);

void policy_free(struct policy *policy);
void policy_set_clear(struct policy_set *set);

static inline void
scope_policy(struct policy **policy)
{
	policy_free(*policy);
}

static inline void
scope_policy_set(struct policy_set *set)
{
	policy_set_clear(set);
}

const char *policy_after_import_name(enum policy_after_import value);	/* "seal", "keep", "destroy" */
const char *policy_recovery_name(enum policy_recovery value);		/* "none", "vault-backup", "hsm-backup" */

#endif
