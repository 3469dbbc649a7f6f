#ifndef VAULTCALL_H
#define VAULTCALL_H

#include "client.h"
#include "vault.h"

/*
 * What reading and writing of keys share: the URLs of key operations, and the answer that is a
 * key.
 */

#define VAULTCALL_API_VERSION "7.4"

/* The key that a call is about. */
struct vaultcall_key {
	const char *vault_url;		/* "https://hospital.vault.azure.net" */
	const char *name;
	const char *version;		/* NULL or "": none */
};

/**
 * vaultcall_url(key, tail, query, ret_url, fault):
 * VAULT/keys/NAME[/VERSION]TAIL?api-version=7.4QUERY; ${tail} "" or "/versions", ${query} "" or
 * "&maxresults=25".  The caller frees it.
 * Errors: FAULT_DATA, the vault's URL has a path, or a name has characters that no key has.
 */
bool vaultcall_url(const struct vaultcall_key *key, const char *tail, const char *query,
    char **ret_url, struct fault *fault) __attribute__((warn_unused_result));

/**
 * Send ${call} and read the key it answers with, which must be ${key}'s. Errors: client_json's;
 * FAULT_PROTOCOL (FAULT_UNKNOWN if ${call->once}).
 */
bool vaultcall_key(struct azure *azure, const struct client_call *call,
    const struct vaultcall_key *key, struct vault_key *ret_key, struct fault *fault)
    __attribute__((warn_unused_result));

/** Read a KeyBundle that must be ${key}'s. Errors: FAULT_PROTOCOL. No I/O. */
bool vaultcall_read(const json_t *bundle, const struct vaultcall_key *key,
    struct vault_key *ret_key, struct fault *fault) __attribute__((warn_unused_result));

#endif
