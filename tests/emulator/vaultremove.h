#ifndef VAULTREMOVE_H
#define VAULTREMOVE_H

/*
 * Deleting keys, and what can still be done then (REST: Delete Key, Get Deleted Key, Recover
 * Deleted Key, Purge Deleted Key).
 */

struct vault_call;

void vaultremove_delete(struct vault_call *c);
void vaultremove_get(struct vault_call *c);
void vaultremove_recover(struct vault_call *c);
void vaultremove_purge(struct vault_call *c);

#endif
