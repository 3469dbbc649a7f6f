#ifndef SERVICEKEY_H
#define SERVICEKEY_H

/* A health service at the door of the vault: as which identity it comes, which keys it takes, and how it wraps a data key. */

#include "seal.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct encryption_refusal;
struct world;

/* Which service uses which version. */
struct servicekey {
	struct world *world;
	const json_t *resource;
	const char *url;		/* https://VAULT-HOST/keys/NAME/VERSION */
};

/* A key URL taken apart; every part is malloc'ed. */
struct servicekey_url {
	char *vault;			/* first label of the host, lower case */
	char *name;
	char *version;			/* NULL if the URL names none */
};

/**
 * servicekey_parse(url, ret_url):
 * Take a key URL apart: https, a vault's host, /keys/NAME or /keys/NAME/VERSION. On failure ${ret_url} holds nothing.
 */
bool servicekey_parse(const char *url, struct servicekey_url *ret_url) __attribute__((warn_unused_result));
void servicekey_url_release(struct servicekey_url *url);
#define SERVICEKEY_URL __attribute__((cleanup(servicekey_url_release))) struct servicekey_url

/**
 * servicekey_principal(w, resource):
 * Return the object id as which ${resource} uses its key: its user-assigned identity, else its system-assigned one; for the legacy kind the first-party principal
 * of the database behind it. NULL if it has no identity.
 */
const char *servicekey_principal(struct world *w, const json_t *resource);

/**
 * servicekey_versioned(w, url):
 * Return ${url} as https://VAULT.vault.azure.net/keys/NAME/VERSION, the caller's to free; if it names no version, the newest one is taken. NULL if the URL is
 * malformed or there is no such key.
 */
char *servicekey_versioned(struct world *w, const char *url);

/**
 * servicekey_take(use, key, ret_wrapped, refusal):
 * Hold the version against the rules (RSA or RSA-HSM of 2048 or 3072 bits, a vault with soft delete and purge protection), then wrap ${key} and unwrap it again.
 * ${*ret_wrapped}: a new JSON string of base64.
 */
bool servicekey_take(const struct servicekey *use, const uint8_t key[static SEAL_KEY_SIZE], json_t **ret_wrapped,
    struct encryption_refusal *refusal) __attribute__((warn_unused_result));

/**
 * servicekey_unwrap(use, wrapped, ret_key, ret_why):
 * Unwrap a data key of base64 ${wrapped}; on failure ${*ret_why} is Key Vault's error code.
 */
bool servicekey_unwrap(const struct servicekey *use, const char *wrapped, uint8_t ret_key[static SEAL_KEY_SIZE], const char **ret_why)
    __attribute__((warn_unused_result));

#endif
