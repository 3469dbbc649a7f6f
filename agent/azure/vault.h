#ifndef VAULT_H
#define VAULT_H

#include "azure.h"
#include "publickey.h"
#include "vault_name.h"

#include <jansson.h>
#include <stdint.h>

/*
 * Keys of a Key Vault or Managed HSM (REST, api-version 7.4).  A vault is named by its URL
 * ("https://hospital.vault.azure.net"), a version by vault URL, key name and 32-character version.
 */

/* Bytes that the vault answered; the caller frees them. */
struct vault_bytes {
	uint8_t *bytes;
	size_t size;
};

/* Attributes that lists and bundles share. Times are Unix seconds; 0: not set. */
struct vault_item {
	char kid[VAULT_KID_MAX];
	char version[VAULT_VERSION_MAX];	/* lower case */
	bool enabled;
	int64_t not_before, expires, created, updated;
	char recovery_level[64];
	json_t *tags;			/* object or NULL; owned: see vault_item_clear */
};

/* One version, as GET shows it. */
struct vault_key {
	struct vault_item item;
	char kty[16];			/* "RSA-HSM", "EC", … */
	unsigned ops;
	bool has_public_key;		/* false for a kty or size that keyturn does not handle */
	struct public_key public_key;
};

void vault_item_clear(struct vault_item *item);
void vault_key_clear(struct vault_key *key);

static inline void
scope_vault_key(struct vault_key *key)
{
	vault_key_clear(key);
}

/**
 * vault_get(azure, vault_url, name, version, ret_key, ret_found, fault):
 * GET /keys/NAME/VERSION; ${version} NULL for the current one. ${*ret_found} false on 404. A version that the vault will not show
 * because it is disabled (403 KeyDisabled) is found, with item.enabled false and the rest empty.
 * On success with ${*ret_found} the caller clears ${*ret_key}.
 * Errors: FAULT_PERMISSION, FAULT_UNAVAILABLE, FAULT_RETRY, FAULT_PROTOCOL; each with Azure's code, message and request id.
 */
bool vault_get(struct azure *azure, const char *vault_url, const char *name,
    const char *version, struct vault_key *ret_key, bool *ret_found, struct fault *fault)
    __attribute__((warn_unused_result));

/** GET /keys/NAME/versions, all pages, oldest first (by created, then by version). No key material. An unknown key has none. The caller frees by vault_items_free. */
bool vault_versions(struct azure *azure, const char *vault_url, const char *name,
    struct vault_item **ret_items, size_t *ret_count, struct fault *fault)
    __attribute__((warn_unused_result));

void vault_items_free(struct vault_item *items, size_t count);

/** POST /keys/NAME/create of an RSA-HSM key of ${bits} with key_ops exactly ["import"]. Makes a new version each time. */
bool vault_create_kek(struct azure *azure, const char *vault_url, const char *name,
    unsigned bits, struct vault_key *ret_key, struct fault *fault)
    __attribute__((warn_unused_result));

struct vault_import {
	struct key_shape shape;		/* RSA: kty RSA-HSM; EC: EC-HSM with crv */
	unsigned ops;			/* key_ops of the new version */
	const char *byok;		/* the bytes of the .byok file */
	size_t byok_size;
	json_t *tags;			/* object of strings, borrowed; at most 15 */
};

/**
 * vault_import(azure, vault_url, name, import, ret_key, fault):
 * PUT /keys/NAME with key_hsm. Sent once, whatever happens: never repeated by itself, since each success makes a version.
 * Errors: FAULT_UNKNOWN, it was sent and no answer (or a 5xx) tells whether it took effect: list versions before anything else;
 *         the others mean that nothing was made.
 */
bool vault_import(struct azure *azure, const char *vault_url, const char *name,
    const struct vault_import *import, struct vault_key *ret_key, struct fault *fault)
    __attribute__((warn_unused_result));

/** POST …/unwrapkey. ${alg} "RSA-OAEP-256". The caller frees ${*ret_bytes}. */
bool vault_unwrap(struct azure *azure, const char *kid, const char *alg, const void *bytes,
    size_t size, struct vault_bytes *ret_bytes, struct fault *fault)
    __attribute__((warn_unused_result));

/** POST …/sign of a digest. ${alg} "ES256", "RS256", …. The caller frees ${ret_bytes->bytes}. */
bool vault_sign(struct azure *azure, const char *kid, const char *alg, const void *digest,
    size_t size, struct vault_bytes *ret_bytes, struct fault *fault)
    __attribute__((warn_unused_result));

/* Which attributes vault_update sets; the rest stays. */
struct vault_change {
	const bool *enabled;
	const int64_t *expires;
	const unsigned *ops;
	json_t *tags;			/* replaces all tags; borrowed */
};

/** PATCH /keys/NAME/VERSION. */
bool vault_update(struct azure *azure, const char *kid, const struct vault_change *change,
    struct vault_key *ret_key, struct fault *fault) __attribute__((warn_unused_result));

/** Whether the key's rotation policy (GET /keys/NAME/rotationpolicy) lets the service make material of its own (action Rotate). */
bool vault_rotates_itself(struct azure *azure, const char *vault_url, const char *name,
    bool *ret_rotates, struct fault *fault) __attribute__((warn_unused_result));

#endif
