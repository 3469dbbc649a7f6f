#ifndef KEYBUNDLE_H
#define KEYBUNDLE_H

#include "vault.h"

/*
 * Key Vault's JSON of keys (KeyBundle and KeyItem of the REST definition 7.4) into the structs
 * of vault.h. No I/O.
 */

/** A KeyBundle. The caller clears ${*ret_key}. Errors: FAULT_PROTOCOL. */
bool keybundle_read(const json_t *bundle, struct vault_key *ret_key, struct fault *fault)
    __attribute__((warn_unused_result));

/** A KeyItem of a list. The caller clears ${*ret_item}. Errors: FAULT_PROTOCOL. */
bool keybundle_read_item(const json_t *object, struct vault_item *ret_item, struct fault *fault)
    __attribute__((warn_unused_result));

#endif
