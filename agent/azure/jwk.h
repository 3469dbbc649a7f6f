#ifndef JWK_H
#define JWK_H

#include "fault.h"
#include "publickey.h"

#include <jansson.h>

/*
 * JSON Web Keys (RFC 7517, RFC 7518 section 6) as Key Vault writes them, and their key_ops as
 * the bits of vault.h.
 */

/**
 * The public half of an RSA, RSA-HSM, EC or EC-HSM key; leading zero bytes are allowed. Errors:
 * FAULT_DATA, malformed or of a shape keyturn does not handle.
 */
bool jwk_public_key(const json_t *jwk, struct public_key *ret_key, struct fault *fault)
    __attribute__((warn_unused_result));

/**
 * An array of operation names as bits; VAULT_OP_OTHER for each unknown one. 0 for anything but
 * an array.
 */
unsigned jwk_read_ops(const json_t *names);

/** Bits as an array of names in the order of the table; new reference, NULL without memory. */
json_t *jwk_print_ops(unsigned ops);

/** The name of one bit, or NULL. */
const char *jwk_op_name(unsigned op);

#endif
