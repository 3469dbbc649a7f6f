#ifndef VAULTSTORE_H
#define VAULTSTORE_H

/*
 * Vaults, keys and versions in the world's tree. A vault holds "keys" and "deleted", both
 * {lower-case name: key}. A key is {"name", "versions", "policy"}, its versions oldest first; a
 * version is {"version", "kty", "pem", "public", "key_ops", "attributes", "tags", "origin",
 * "made_ms", "changed_ms", "before", "zero_padded"}.
 */

#include <jansson.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>

struct world;

/* A vault to be made. */
struct vaultstore_plan {
	const char *name, *sku;		/* sku: "premium" or "standard" */
	int retention_days;		/* of deleted keys, 7 to 90 */
	bool purge_protection;
};

/**
 * vaultstore_create(w, plan):
 * Make an empty vault in the world's resource group and return it (borrowed), or NULL if the name
 * is taken.
 */
json_t *vaultstore_create(struct world *w, const struct vaultstore_plan *plan);

/**
 * vaultstore_vault(w, host):
 * Return the vault behind a host name (lower case, a port is ignored), or NULL. Borrowed.
 */
json_t *vaultstore_vault(struct world *w, const char *host);

/**
 * vaultstore_key(vault, name), vaultstore_deleted(vault, name):
 * Return the key, or the deleted key, of that name (compared without regard to case), or NULL.
 * Borrowed.
 */
json_t *vaultstore_key(const json_t *vault, const char *name);
json_t *vaultstore_deleted(const json_t *vault, const char *name);

/**
 * vaultstore_version(key, version):
 * Return the version of a key, the latest one if ${version} is NULL or empty; NULL if there is no
 * such version, or ${key} is NULL. Borrowed.
 */
json_t *vaultstore_version(const json_t *key, const char *version);

/**
 * vaultstore_version_at(key, version, at_ms):
 * The same as of an earlier time, for reads that lag: versions made later do not exist.
 */
json_t *vaultstore_version_at(const json_t *key, const char *version, int64_t at_ms);

/**
 * vaultstore_face_at(version, at_ms):
 * Return the changeable part of a version ("key_ops", "attributes", "tags") as of that time.
 * Borrowed.
 */
const json_t *vaultstore_face_at(const json_t *version, int64_t at_ms);

/**
 * vaultstore_seen_at_ms(w, kind):
 * Return the time as of which reads ("reads_s") or lists ("lists_s") show things: now, less the
 * lag that was ordered.
 */
int64_t vaultstore_seen_at_ms(struct world *w, const char *kind);

/* A version to be made. */
struct vaultstore_fresh {
	const char *name, *kty;
	const char *origin;		/* "created", "rotated", "byok" or "imported" */
	EVP_PKEY *key;			/* stays the caller's */
	json_t *key_ops, *attributes, *tags;	/* taken over; attributes without times */
	bool zero_padded;
};

/**
 * vaultstore_add(w, vault, fresh):
 * Make a new version, and the key if it is the first. Return the version (borrowed), or NULL if
 * the key cannot be written as PEM.
 */
json_t *vaultstore_add(struct world *w, json_t *vault, struct vaultstore_fresh *fresh);

/**
 * vaultstore_change(w, version):
 * Note how a version looks before it is changed, and that it is updated now.
 */
void vaultstore_change(struct world *w, json_t *version);

/**
 * vaultstore_tidy(w, vault):
 * Let time have done its work: purge deleted keys whose day has come.
 */
void vaultstore_tidy(struct world *w, json_t *vault);

#endif
