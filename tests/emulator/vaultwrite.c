#include "vaultwrite.h"

#include "exchange.h"
#include "jwk.h"
#include "release.h"
#include "text.h"
#include "transferblob.h"
#include "vault.h"
#include "vaultread.h"
#include "vaultrules.h"
#include "vaultstore.h"
#include "world.h"

#include <string.h>

/* Writable attributes; "enabled" is always there. */
static const char *const WRITABLE[] = { "enabled", "nbf", "exp" };

bool
vaultwrite_check_free(struct vault_call *c, const char *name)
{
	if (vaultstore_deleted(c->show.vault, name) == NULL)
		return true;
	exchange_error(c->x, 409, "Conflict", "Key %s is currently in a deleted but recoverable state, and "
	    "its name cannot be reused; in this state, the key can "
	    "only be recovered or purged.", name);
	exchange_inner(c->x, "ObjectIsDeletedButRecoverable");
	return false;
}

/* Put the writable attributes of a request over ${into}; null takes a time away. */
static json_t *
merge_attributes(json_t *into, const json_t *asked)
{
	for (size_t i = 0; i < sizeof WRITABLE / sizeof WRITABLE[0]; i++) {
		json_t *value = json_object_get(asked, WRITABLE[i]);

		if (json_is_null(value) && i > 0)
			json_object_del(into, WRITABLE[i]);
		else if (value != NULL && !json_is_null(value))
			json_object_set(into, WRITABLE[i], value);
	}
	return into;
}

/*
 * A member of the request, or ${other} if it is missing or null; a new reference. ${other} is
 * taken over.
 */
static json_t *
take(const json_t *object, const char *name, json_t *other)
{
	json_t *value = json_object_get(object, name);

	if (value == NULL || json_is_null(value))
		return other;
	json_decref(other);
	return json_deep_copy(value);
}

/*
 * Make the version and show it. ${ops_holder} is the object that may hold "key_ops": the body of
 * a create, the key of an import.
 */
static void
add(struct vault_call *c, struct vaultstore_fresh *fresh, const json_t *ops_holder)
{
	json_t *version;

	fresh->name = c->name;
	fresh->key_ops = take(ops_holder, "key_ops", vaultrules_default_ops(fresh->kty));
	fresh->attributes = merge_attributes(json_pack("{s:b}", "enabled", 1), json_object_get(c->body, "attributes"));
	fresh->tags = take(c->body, "tags", json_object());
	version = vaultstore_add(c->show.world, c->show.vault, fresh);
	if (version == NULL)
		exchange_error(c->x, 500, "InternalServerError", "The key could not be stored.");
	else
		exchange_answer(c->x, 200, vaultshow_bundle(&c->show,
		    vaultstore_key(c->show.vault, c->name), version, version));
}

/* What create and import have in common, before there is a key. */
static bool
check_common(struct vault_call *c, const char *kty, const json_t *ops)
{
	if (json_object_get(c->body, "release_policy") != NULL &&
	    !json_is_null(json_object_get(c->body, "release_policy"))) {
		exchange_error(c->x, 400, "BadParameter", "This vault does not do secure key release.");
		return false;
	}
	return vaultrules_kty(c, kty) && vaultrules_ops(c, ops, kty) &&
	    vaultrules_attributes(c, json_object_get(c->body, "attributes")) &&
	    vaultrules_tags(c, json_object_get(c->body, "tags")) && vaultwrite_check_free(c, c->name);
}

/* Whether a modulus length is one that Key Vault has. */
static bool
good_bits(json_int_t bits)
{
	return bits == 2048 || bits == 3072 || bits == 4096;
}

void
vaultwrite_create(struct vault_call *c)
{
	const char *kty = json_string_value(json_object_get(c->body, "kty"));
	const json_t *size = json_object_get(c->body, "key_size");
	const char *crv = json_string_value(json_object_get(c->body, "crv"));
	json_int_t bits = json_is_integer(size) ? json_integer_value(size) : 2048;
	struct vaultstore_fresh fresh = { .kty = kty, .origin = "created" };
	RELEASE(pkey) EVP_PKEY *key = NULL;
	bool rsa;

	if (!check_common(c, kty, json_object_get(c->body, "key_ops")))
		return;
	rsa = strncmp(kty, "RSA", 3) == 0;
	if (rsa && !good_bits(bits)) {
		exchange_error(c->x, 400, "BadParameter",
		    "Property 'key_size' is %lld; RSA keys have 2048, 3072 or 4096 bits.", (long long)bits);
		return;
	}
	if (!rsa && jwk_curve_size(crv != NULL ? crv : "P-256") == 0) {
		exchange_error(c->x, 400, "BadParameter",
		    "Property 'crv' is '%s'; curves are P-256, P-384, P-521 and P-256K.", crv);
		return;
	}
	key = jwk_generate((int)bits, rsa ? NULL : crv != NULL ? crv : "P-256");
	fresh.key = key;
	if (key != NULL)
		add(c, &fresh, c->body);
	else
		exchange_error(c->x, 500, "InternalServerError", "The key could not be generated.");
}

/* Whether a brought key is what the request says it is: family, modulus length, curve. */
static bool
check_material(struct vault_call *c, EVP_PKEY *key, const char *kty, const char *crv)
{
	bool rsa = strncmp(kty, "RSA", 3) == 0;
	const char *actual = jwk_curve(key);

	if ((EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) != rsa || (!rsa && actual == NULL))
		exchange_error(c->x, 400, "BadParameter", "The key material is not a key of type %s.", kty);
	else if (rsa && !good_bits(EVP_PKEY_get_bits(key)))
		exchange_error(c->x, 400, "BadParameter",
		    "The key material is an RSA key of %d bits; RSA keys have 2048, 3072 or 4096 bits.",
		    EVP_PKEY_get_bits(key));
	else if (!rsa && (crv == NULL || strcmp(crv, actual) != 0))
		exchange_error(c->x, 400, "BadParameter",
		    "The key material is on the curve %s, but property 'crv' is '%s'.", actual,
		    crv != NULL ? crv : "(missing)");
	else
		return true;
	return false;
}

/* Open the transfer blob; the key, or NULL with the answer set. */
static EVP_PKEY *
open_blob(struct vault_call *c, const char *key_hsm, bool *ret_zero_padded)
{
	struct transferblob blob = { .world = c->show.world, .vault = c->show.vault, .key_hsm = key_hsm };

	if (transferblob_open(&blob)) {
		*ret_zero_padded = blob.ret_zero_padded;
		return blob.ret_key;
	}
	exchange_error(c->x, 400, "BadParameter", "%s", blob.reterr);
	return NULL;
}

/* Read the plain key; it may only become a software key. The key, or NULL with the answer set. */
static EVP_PKEY *
read_plain(struct vault_call *c, const json_t *jwk, const char *kty)
{
	EVP_PKEY *key;

	if (text_ends(kty, "-HSM") || json_is_true(json_object_get(c->body, "Hsm"))) {
		exchange_error(c->x, 400, "BadParameter",
		    "The JsonWebKey is malformed: a key for an HSM is brought in property 'key_hsm'.");
		return NULL;
	}
	key = jwk_read_private(jwk);
	if (key == NULL)
		exchange_error(c->x, 400, "BadParameter",
		    "The JsonWebKey is malformed: it is not a complete private key of type %s.", kty);
	return key;
}

void
vaultwrite_import(struct vault_call *c)
{
	const json_t *jwk = json_object_get(c->body, "key"), *ops = json_object_get(jwk, "key_ops");
	const char *kty = json_string_value(json_object_get(jwk, "kty")),
	    *crv = json_string_value(json_object_get(jwk, "crv"));
	const char *key_hsm = json_string_value(json_object_get(jwk, "key_hsm"));
	struct vaultstore_fresh fresh = { .kty = kty, .origin = key_hsm != NULL ? "byok" : "imported" };
	RELEASE(pkey) EVP_PKEY *key = NULL;

	if (!json_is_object(jwk)) {
		exchange_error(c->x, 400, "BadParameter", "Property 'key' is required.");
		return;
	}
	if (!check_common(c, kty, ops))
		return;

	/* A key exchange key is born in the HSM and nowhere else. */
	if (json_array_size(ops) == 1 && strcmp(json_string_value(json_array_get(ops, 0)), "import") == 0) {
		exchange_error(c->x, 400, "BadParameter",
		    "Key operation 'import' is not supported for an imported key.");
		return;
	}
	key = key_hsm != NULL ? open_blob(c, key_hsm, &fresh.zero_padded) : read_plain(c, jwk, kty);
	fresh.key = key;
	if (key != NULL && check_material(c, key, kty, crv))
		add(c, &fresh, jwk);
}

/* Whether the times of a version would still make sense after a change. */
static bool
check_order(struct vault_call *c, const json_t *attributes)
{
	const json_t *nbf = json_object_get(attributes, "nbf"), *exp = json_object_get(attributes, "exp");

	if (nbf == NULL || exp == NULL || json_integer_value(exp) > json_integer_value(nbf))
		return true;
	exchange_error(c->x, 400, "BadParameter", "Property 'exp' must lie after property 'nbf'.");
	return false;
}

void
vaultwrite_update(struct vault_call *c)
{
	json_t *key = vaultstore_key(c->show.vault, c->name), *version = vaultstore_version(key, c->version);
	RELEASE(json) json_t *attributes = NULL;
	const char *kty = json_string_value(json_object_get(version, "kty"));

	if (version == NULL) {
		vaultread_answer_missing(c);
		return;
	}
	if (!vaultrules_ops(c, json_object_get(c->body, "key_ops"), kty) ||
	    !vaultrules_attributes(c, json_object_get(c->body, "attributes")) ||
	    !vaultrules_tags(c, json_object_get(c->body, "tags")))
		return;
	attributes = merge_attributes(json_copy(json_object_get(version, "attributes")),
	    json_object_get(c->body, "attributes"));
	if (!check_order(c, attributes))
		return;

	/* Tags are replaced as a whole, attributes one by one. */
	vaultstore_change(c->show.world, version);
	json_object_set(attributes, "updated", json_object_get(json_object_get(version, "attributes"), "updated"));
	json_object_set(version, "attributes", attributes);
	json_object_set_new(version, "key_ops", take(c->body, "key_ops",
	    json_incref(json_object_get(version, "key_ops"))));
	json_object_set_new(version, "tags", take(c->body, "tags", json_incref(json_object_get(version, "tags"))));
	exchange_answer(c->x, 200, vaultshow_bundle(&c->show, key, version, version));
}
