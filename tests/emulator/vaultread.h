#ifndef VAULTREAD_H
#define VAULTREAD_H

/* Operations that only look (REST: Get Key, Get Keys, Get Key Versions, Get Deleted Keys). */

struct vault_call;

void vaultread_get(struct vault_call *c);
void vaultread_keys(struct vault_call *c);
void vaultread_versions(struct vault_call *c);
void vaultread_deleted_keys(struct vault_call *c);

/**
 * vaultread_answer_missing(c):
 * Answer that the key, or the version, is not there (404, KeyNotFound).
 */
void vaultread_answer_missing(struct vault_call *c);

#endif
