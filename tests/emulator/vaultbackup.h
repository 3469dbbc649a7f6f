#ifndef VAULTBACKUP_H
#define VAULTBACKUP_H

/* Backup and restore of a whole key with all its versions (REST: Backup Key, Restore Key). */

struct vault_call;

/**
 * vaultbackup_backup(c), vaultbackup_restore(c):
 * Hand out a key as an opaque text, encrypted for this world alone; take it in again, in any vault
 * of the subscription where the name is free.
 */
void vaultbackup_backup(struct vault_call *c);
void vaultbackup_restore(struct vault_call *c);

#endif
