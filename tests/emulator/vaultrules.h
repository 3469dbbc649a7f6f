#ifndef VAULTRULES_H
#define VAULTRULES_H

/*
 * What Key Vault accepts in names, key types, operations, attributes and tags. Each check sets
 * the answer (400, BadParameter) when it fails.
 */

#include <jansson.h>
#include <stdbool.h>

struct vault_call;

/**
 * vaultrules_name(c):
 * The key's name in the path: 1 to 127 letters, digits and hyphens.
 */
bool vaultrules_name(struct vault_call *c) __attribute__((warn_unused_result));

/**
 * vaultrules_kty(c, kty):
 * A key type that a vault of this SKU holds: RSA, RSA-HSM, EC, EC-HSM; the HSM ones need Premium.
 */
bool vaultrules_kty(struct vault_call *c, const char *kty) __attribute__((warn_unused_result));

/**
 * vaultrules_ops(c, ops, kty):
 * Known operations that the type can do; "import" only alone, and only for RSA-HSM. ${ops} may be
 * NULL.
 */
bool vaultrules_ops(struct vault_call *c, const json_t *ops, const char *kty) __attribute__((warn_unused_result));

/**
 * vaultrules_attributes(c, attributes):
 * Well-formed writable attributes and none that are read-only. ${attributes} may be NULL.
 */
bool vaultrules_attributes(struct vault_call *c, const json_t *attributes) __attribute__((warn_unused_result));

/**
 * vaultrules_tags(c, tags):
 * At most 15 tags of up to 256 characters each in name and value. ${tags} may be NULL.
 */
bool vaultrules_tags(struct vault_call *c, const json_t *tags) __attribute__((warn_unused_result));

/**
 * vaultrules_is_kek(version):
 * Return whether a version may import and do nothing else.
 */
bool vaultrules_is_kek(const json_t *version);

/**
 * vaultrules_default_ops(kty):
 * Return the operations of a key for which none were asked, a new reference.
 */
json_t *vaultrules_default_ops(const char *kty);

#endif
