#ifndef VAULT_H
#define VAULT_H

/*
 * Key Vault's data plane: who may come in, which api-version speaks, and which operation is
 * meant.
 */

#include "vaultshow.h"

#include <jansson.h>
#include <stdbool.h>

struct exchange;

/* One operation on a vault, after the caller was let in. */
struct vault_call {
	struct exchange *x;
	struct vaultshow show;		/* world, vault, authority and api level */
	const char *name, *version;	/* segments of the path; NULL where it has none */
	const char *operation;		/* last column of the route */
	json_t *body;			/* an object; an empty one if no body came */
};

/*
 * The levels of api-versions at which something appeared: 7.1 is 71, and the dated versions go
 * on from there.
 */
enum {
	VAULT_LEVEL_IMPORT_OPERATION = 71,
	VAULT_LEVEL_ROTATION = 73,
	VAULT_LEVEL_HSM_PLATFORM = 75
};

/**
 * vault_handle(x):
 * Answer a request to a vault's host.
 */
void vault_handle(struct exchange *x);

/**
 * vault_scope(c):
 * Return the resource id that roles are checked against: the vault's, with the key's name if the
 * request has one. The caller's to free.
 */
char *vault_scope(const struct vault_call *c);

#endif
