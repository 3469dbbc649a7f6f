#ifndef VAULTROTATION_H
#define VAULTROTATION_H

/*
 * Key Vault's own rotation, which makes new material inside the vault (REST: Rotate Key, Get and
 * Update Key Rotation Policy).
 */

#include <jansson.h>

struct vault_call;
struct world;

void vaultrotation_rotate(struct vault_call *c);
void vaultrotation_get(struct vault_call *c);
void vaultrotation_put(struct vault_call *c);

/**
 * vaultrotation_tidy(w, vault):
 * Rotate every key whose policy says that its time has come by the world's clock.
 */
void vaultrotation_tidy(struct world *w, json_t *vault);

#endif
