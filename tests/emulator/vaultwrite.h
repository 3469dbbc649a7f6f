#ifndef VAULTWRITE_H
#define VAULTWRITE_H

/* Operations that make or change key versions (REST: Create Key, Import Key, Update Key). */

struct vault_call;

/**
 * vaultwrite_create(c), vaultwrite_import(c):
 * Make a new version with material of the vault's own, or with material that is brought: a
 * transfer blob ("key_hsm") or a plain JSON Web Key.
 */
void vaultwrite_create(struct vault_call *c);
void vaultwrite_import(struct vault_call *c);

/**
 * vaultwrite_update(c):
 * Change operations, attributes and tags of a version; what is not mentioned stays.
 */
void vaultwrite_update(struct vault_call *c);

/**
 * vaultwrite_check_free(c, name):
 * Check that no deleted key holds the name; else the answer (409) is set.
 */
_Bool vaultwrite_check_free(struct vault_call *c, const char *name);

#endif
