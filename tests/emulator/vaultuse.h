#ifndef VAULTUSE_H
#define VAULTUSE_H

/*
 * Cryptographic operations with a key version (REST: Wrap Key, Unwrap Key, Encrypt, Decrypt,
 * Sign, Verify).
 */

#include <jansson.h>

struct vault_call;
struct world;

/**
 * vaultuse_operate(c):
 * Do the operation that the route names ("wrapKey", ...) and answer.
 */
void vaultuse_operate(struct vault_call *c);

/**
 * vaultuse_refusal(w, version, operation):
 * Return why a version may not do an operation now, as the inner code of Key Vault's 403, or NULL
 * if it may: it must be enabled, the operation must be among its key_ops, and to encrypt, wrap or
 * sign it must be in date.
 */
const char *vaultuse_refusal(struct world *w, const json_t *version, const char *operation);

#endif
