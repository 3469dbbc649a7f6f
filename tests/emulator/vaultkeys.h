#ifndef VAULTKEYS_H
#define VAULTKEYS_H

/*
 * Keys of the vaults as the emulated health services use them: by URL, as the service's
 * identity, without HTTP between.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct world;

/* One wrap or unwrap. */
struct vaultkeys_call {
	const char *key_url;	/* https://VAULT-HOST/keys/NAME/VERSION under any host name of the vault */
	const char *principal;	/* object id of the identity on whose behalf this is done */
	const char *alg;	/* "RSA1_5", "RSA-OAEP" or "RSA-OAEP-256" */
	const uint8_t *in;
	size_t in_size;
	uint8_t *ret_out;	/* on success: result, malloc'ed, the caller's to free */
	size_t ret_size;	/* on success: its size in bytes */
	/*
	 * on failure: Key Vault's error code, static (VaultNotFound, KeyNotFound,
	 * ForbiddenByRbac, KeyDisabled, BadParameter ...)
	 */
	const char *reterr_why;
};

/**
 * vaultkeys_wrap(w, call), vaultkeys_unwrap(w, call):
 * Wrap or unwrap ${call->in} under the version that ${call->key_url} names. Vault, key and version
 * must exist, the principal must hold a role that allows it on the vault, the version must be
 * enabled, its key_ops must allow it, and to wrap it must be in date (nbf and exp do not stop
 * unwrapping).
 */
bool vaultkeys_wrap(struct world *w, struct vaultkeys_call *call) __attribute__((warn_unused_result));
bool vaultkeys_unwrap(struct world *w, struct vaultkeys_call *call) __attribute__((warn_unused_result));

/**
 * vaultkeys_bundle(w, key_url, authority):
 * Return the KeyBundle as GET would show it with a kid under ${authority} (a vault's host with
 * optional port), a new reference, or NULL if there is no such version. Without a version in the
 * URL it is the latest one.
 */
json_t *vaultkeys_bundle(struct world *w, const char *key_url, const char *authority);

/**
 * vaultkeys_versions(w, vault, name):
 * Return all KeyItems of the key ${name} in the vault named ${vault}, oldest first, a new
 * reference to an array, or NULL if there is no such key. The kids are
 * https://VAULT.vault.azure.net/keys/NAME/VERSION.
 */
json_t *vaultkeys_versions(struct world *w, const char *vault, const char *name);

#endif
