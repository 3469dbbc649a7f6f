#ifndef VAULT_NAME_H
#define VAULT_NAME_H

#include "fault.h"

#include <stdint.h>

/*
 * How Key Vault names keys and what may be done with them: identifiers and operations as text. No I/O.
 */

enum { VAULT_KID_MAX = 512, VAULT_VERSION_MAX = 64 };

/* The parts of a key identifier. */
struct vault_name {
	char url[VAULT_KID_MAX];	/* "https://hospital.vault.azure.net" */
	char name[128];
	char version[VAULT_VERSION_MAX];
};

/* key_ops as a set of bits. */
enum {
	VAULT_OP_ENCRYPT = 1, VAULT_OP_DECRYPT = 2, VAULT_OP_SIGN = 4, VAULT_OP_VERIFY = 8,
	VAULT_OP_WRAP = 16, VAULT_OP_UNWRAP = 32, VAULT_OP_IMPORT = 64, VAULT_OP_EXPORT = 128,
	VAULT_OP_OTHER = 256		/* one that keyturn does not know */
};

/** Split a key identifier into vault URL (lower case, no slash at the end), name and version ("" if versionless). Errors: FAULT_DATA. No I/O. */
bool vault_parse_kid(const char *kid, struct vault_name *ret_name, struct fault *fault)
    __attribute__((warn_unused_result));

/** Whether two key identifiers name the same version: host, name and version compared case-insensitively. */
bool vault_same_kid(const char *a, const char *b);

/** "wrapKey unwrapKey" for a set of operations. The caller frees it. */
char *vault_print_ops(unsigned ops);

#endif
