#include "vault.h"

#include "client.h"
#include "encode.h"
#include "jwk.h"
#include "member.h"
#include "scope.h"
#include "vaultcall.h"

#include <string.h>

enum { WHAT_MAX = 500, BYOK_MAX = 64 << 10, TAGS_MAX = 15, TAG_TEXT_MAX = 256 };

/* Create Key; the BYOK specification: key_ops of a key exchange key is exactly import. */
bool
vault_create_kek(struct azure *azure, const char *vault_url, const char *name,
    unsigned bits, struct vault_key *ret_key, struct fault *fault)
{
	SCOPE(free) char *url = NULL;
	SCOPE(json) json_t *body = json_pack("{s:s, s:i, s:[s], s:{s:b}}", "kty", "RSA-HSM",
	    "key_size", (int)bits, "key_ops", "import", "attributes", "enabled", 1);
	const struct vaultcall_key key = { vault_url, name, NULL };
	char what[WHAT_MAX];

	if (body == NULL)
		return fault_system(fault, "Memory for a request");
	if (!vaultcall_url(&key, "/create", "", &url, fault))
		return false;
	snprintf(what, sizeof what, "Create the key exchange key %s in %s", name, vault_url);

	/* A second create makes a second version, so it is never repeated. */
	const struct client_call call = {
		.audience = CLIENT_VAULT, .what = what, .method = "POST", .url = url, .body = body,
		.once = true,
	};
	return vaultcall_key(azure, &call, &key, ret_key, fault);
}

/*
 * Key Vault takes 15 tags of 256 characters; characters are counted as bytes here, which is
 * stricter.
 */
static bool
check_tags(const json_t *tags, struct fault *fault)
{
	const char *name;
	json_t *value;

	if (json_object_size(tags) > TAGS_MAX)
		return fault_set(fault, FAULT_DATA, "A version can have %d tags, not %zu", TAGS_MAX,
		    json_object_size(tags));
	json_object_foreach((json_t *)(uintptr_t)tags, name, value)
		if (strlen(name) > TAG_TEXT_MAX || !json_is_string(value) ||
		    json_string_length(value) > TAG_TEXT_MAX)
			return fault_set(fault, FAULT_DATA, "The tag '%.100s' is too long or no text",
			    name);
	return true;
}

/* The JSON Web Key of an import (REST, Import Key; the BYOK specification's key_hsm). */
static json_t *
print_import_key(const struct vault_import *import, const char *encoded)
{
	bool rsa = import->shape.family == KEY_RSA;
	json_t *key = json_pack("{s:s, s:o, s:s}", "kty", rsa ? "RSA-HSM" : "EC-HSM",
	    "key_ops", jwk_print_ops(import->ops), "key_hsm", encoded);

	if (key != NULL && !rsa &&
	    json_object_set_new(key, "crv", json_string(keyshape_curve(import->shape))) != 0) {
		json_decref(key);
		return NULL;
	}
	return key;
}

/* Check what Key Vault would refuse, while nothing has been sent. */
static bool
print_import(const struct vault_import *import, json_t **ret_body, struct fault *fault)
{
	SCOPE(free) char *encoded = NULL;
	SCOPE(json) json_t *body = NULL;

	if (import->byok_size == 0 || import->byok_size > BYOK_MAX)
		return fault_set(fault, FAULT_DATA, "A transfer blob of %zu bytes is not one; at most "
		    "%d are", import->byok_size, BYOK_MAX);
	if (!keyshape_supported(import->shape))
		return fault_set(fault, FAULT_DATA, "A key of this shape cannot be imported");
	if (!check_tags(import->tags, fault))
		return false;

	/*
	 * The whole file, byte for byte, as base64url without padding: what every client of
	 * Azure's sends.
	 */
	if (!encode_base64url(import->byok, import->byok_size, &encoded, fault))
		return false;
	body = json_pack("{s:o, s:{s:b}}", "key", print_import_key(import, encoded), "attributes",
	    "enabled", 1);
	if (body == NULL || (import->tags != NULL && json_object_size(import->tags) > 0 &&
	    json_object_set(body, "tags", import->tags) != 0))
		return fault_system(fault, "Memory for a request");
	*ret_body = scope_move(body);
	return true;
}

/* Import Key with key_hsm. */
bool
vault_import(struct azure *azure, const char *vault_url, const char *name,
    const struct vault_import *import, struct vault_key *ret_key, struct fault *fault)
{
	SCOPE(free) char *url = NULL;
	SCOPE(json) json_t *body = NULL;
	const struct vaultcall_key key = { vault_url, name, NULL };
	char what[WHAT_MAX];

	if (!print_import(import, &body, fault) || !vaultcall_url(&key, "", "", &url, fault))
		return false;
	snprintf(what, sizeof what, "Import a version of key %s into %s", name, vault_url);
	const struct client_call call = {
		.audience = CLIENT_VAULT, .what = what, .method = "PUT", .url = url, .body = body,
		.once = true,
	};
	return vaultcall_key(azure, &call, &key, ret_key, fault);
}

/* POST of bytes to an operation of one version, answered with bytes. */
static bool
operate(struct azure *azure, const char *kid, const char *operation, const json_t *body,
    struct vault_bytes *ret_bytes, struct fault *fault)
{
	SCOPE(free) char *url = NULL;
	SCOPE(json) json_t *answer = NULL;
	struct vault_name name;
	const char *value;
	char what[VAULT_KID_MAX + 100];

	if (!vault_parse_kid(kid, &name, fault))
		return false;
	const struct vaultcall_key key = { name.url, name.name, name.version };

	if (!vaultcall_url(&key, operation, "", &url, fault))
		return false;
	snprintf(what, sizeof what, "Ask %s for %s", kid, operation + 1);
	const struct client_call call = {
		.audience = CLIENT_VAULT, .what = what, .method = "POST", .url = url, .body = body,
		.sensitive = true,
	};
	return client_json(azure, &call, &answer, fault) &&
	    (member_string(answer, "/value", &value, fault) || fault_prefix(fault, "%s", what)) &&
	    (encode_parse_base64url(value, &ret_bytes->bytes, &ret_bytes->size, fault) ||
	    fault_prefix(fault, "%s", what));
}

/* {"alg","value"}: what unwrapkey and sign take (REST, Unwrap Key and Sign). */
static bool
print_operation(const char *alg, const void *bytes, size_t size, json_t **ret_body,
    struct fault *fault)
{
	SCOPE(free) char *value = NULL;

	if (!encode_base64url(bytes, size, &value, fault))
		return false;
	if ((*ret_body = json_pack("{s:s, s:s}", "alg", alg, "value", value)) == NULL)
		return fault_system(fault, "Memory for a request");
	return true;
}

/* Unwrap Key. */
bool
vault_unwrap(struct azure *azure, const char *kid, const char *alg, const void *bytes,
    size_t size, struct vault_bytes *ret_bytes, struct fault *fault)
{
	SCOPE(json) json_t *body = NULL;

	return print_operation(alg, bytes, size, &body, fault) &&
	    operate(azure, kid, "/unwrapkey", body, ret_bytes, fault);
}

/* Sign. */
bool
vault_sign(struct azure *azure, const char *kid, const char *alg, const void *digest,
    size_t size, struct vault_bytes *ret_bytes, struct fault *fault)
{
	SCOPE(json) json_t *body = NULL;

	return print_operation(alg, digest, size, &body, fault) &&
	    operate(azure, kid, "/sign", body, ret_bytes, fault);
}

/* Only what is to change goes out; the rest stays as it is (REST, Update Key). */
static json_t *
print_change(const struct vault_change *change)
{
	SCOPE(json) json_t *body = json_object();
	SCOPE(json) json_t *attributes = json_object();
	bool made = body != NULL && attributes != NULL;

	if (change->enabled != NULL)
		made = made && json_object_set_new(attributes, "enabled",
		    json_boolean(*change->enabled)) == 0;
	if (change->expires != NULL)
		made = made && json_object_set_new(attributes, "exp",
		    json_integer(*change->expires)) == 0;
	made = made && json_object_set(body, "attributes", attributes) == 0;
	if (change->ops != NULL)
		made = made && json_object_set_new(body, "key_ops", jwk_print_ops(*change->ops)) == 0;
	if (change->tags != NULL)
		made = made && json_object_set(body, "tags", change->tags) == 0;
	return made ? scope_move(body) : NULL;
}

/* Update Key: attributes, operations and tags of one version; its material never changes. */
bool
vault_update(struct azure *azure, const char *kid, const struct vault_change *change,
    struct vault_key *ret_key, struct fault *fault)
{
	SCOPE(free) char *url = NULL;
	SCOPE(json) json_t *body = print_change(change);
	struct vault_name name;
	char what[VAULT_KID_MAX + 100];

	if (body == NULL)
		return fault_system(fault, "Memory for a request");
	if (!vault_parse_kid(kid, &name, fault) || !check_tags(change->tags, fault))
		return false;
	const struct vaultcall_key key = { name.url, name.name, name.version };

	if (name.version[0] == '\0')
		return fault_set(fault, FAULT_DATA, "Update %s: it names no version", kid);
	if (!vaultcall_url(&key, "", "", &url, fault))
		return false;
	snprintf(what, sizeof what, "Update %s", kid);
	const struct client_call call = {
		.audience = CLIENT_VAULT, .what = what, .method = "PATCH", .url = url, .body = body,
	};
	return vaultcall_key(azure, &call, &key, ret_key, fault);
}
