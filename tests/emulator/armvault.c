#include "armhandlers.h"

#include "armid.h"
#include "armtext.h"
#include "exchange.h"
#include "release.h"
#include "resource.h"
#include "text.h"
#include "vaultkeys.h"
#include "world.h"

#include <string.h>
#include <strings.h>

static json_t *
vault_find(struct world *w, const char *name)
{
	RELEASE(text) char *lower = text_lower(name);

	return json_object_get(json_object_get(w->root, "vaults"), lower);
}

/* The host of a vault, from the family of names that the client came by. */
static char *
vault_host(struct exchange *x, const char *name)
{
	RELEASE(text) char *lower = text_lower(name);

	return text_ends(x->host, ".localhost") ? text_format("%s.vault.localhost%s", lower, exchange_port(x)) : text_format("%s.vault.azure.net", lower);
}

static json_t *
vault_show(struct exchange *x, const json_t *vault)
{
	RELEASE(text) char *host = vault_host(x, resource_text(vault, "name"));
	json_t *properties = json_pack("{s:{s:s, s:O}, s:s, s:[], s:b, s:b, s:b, s:b, s:O, s:b, s:{s:s, s:s, s:[], s:[]}, s:o, s:s, s:s}",
	    "sku", "family", "A", "name", json_object_get(vault, "sku"), "tenantId", world_tenant(x->world), "accessPolicies",
	    "enabledForDeployment", 0, "enabledForDiskEncryption", 0, "enabledForTemplateDeployment", 0, "enableSoftDelete", 1,
	    "softDeleteRetentionInDays", json_object_get(vault, "retention_days"), "enableRbacAuthorization", 1,
	    "networkAcls", "bypass", "AzureServices", "defaultAction", "Allow", "ipRules", "virtualNetworkRules",
	    "vaultUri", armtext_json("https://%s/", host), "provisioningState", "Succeeded", "publicNetworkAccess", "Enabled");

	/* Purge protection is shown only where it is on: it cannot be switched off. */
	if (json_is_true(json_object_get(vault, "purge_protection")))
		json_object_set_new(properties, "enablePurgeProtection", json_true());
	return json_pack("{s:O, s:O, s:s, s:O, s:{}, s:o}", "id", json_object_get(vault, "id"), "name", json_object_get(vault, "name"),
	    "type", "Microsoft.KeyVault/vaults", "location", json_object_get(vault, "location"), "tags", "properties", properties);
}

static void
not_found(struct exchange *x, const struct armid *id)
{
	exchange_error(x, 404, "ResourceNotFound", "The Resource '%s' under resource group '%s' was not found.", id->text, id->group);
}

void
armvault_vaults(struct exchange *x, const struct armid *id)
{
	json_t *vault, *value;
	const char *name;

	if (!armid_is_collection(id)) {
		if ((vault = vault_find(x->world, armid_name(id))) == NULL)
			not_found(x, id);
		else
			exchange_answer(x, 200, vault_show(x, vault));
		return;
	}

	/* By subscription and by group alike. */
	value = json_array();
	json_object_foreach(json_object_get(x->world->root, "vaults"), name, vault)
		if (resource_below(vault, id->scope))
			json_array_append_new(value, vault_show(x, vault));
	exchange_answer(x, 200, json_pack("{s:o}", "value", value));
}

/* Bits of a modulus that is base64url. */
static int
modulus_bits(const char *n)
{
	return (int)(strlen(n) * 6 / 8 * 8);
}

/* One version the way Resource Manager writes it; with ${version}, as that version's own resource. */
static json_t *
key_show(struct exchange *x, const struct armid *id, const char *key, const char *version)
{
	RELEASE(text) char *host = vault_host(x, id->names[0]);
	RELEASE(text) char *url = text_format("https://%s/keys/%s%s%s", host, key, version == NULL ? "" : "/", version == NULL ? "" : version);
	RELEASE(json) json_t *bundle = vaultkeys_bundle(x->world, url, host);
	json_t *vault = vault_find(x->world, id->names[0]), *jwk = json_object_get(bundle, "key"), *properties;
	const char *n = resource_text(jwk, "n"), *curve = resource_text(jwk, "crv");

	if (bundle == NULL || vault == NULL)
		return NULL;
	properties = json_pack("{s:O, s:O, s:O, s:o, s:O}", "attributes", json_object_get(bundle, "attributes"), "kty", json_object_get(jwk, "kty"),
	    "keyOps", json_object_get(jwk, "key_ops"), "keyUri", armtext_json("https://%s/keys/%s", host, key),
	    "keyUriWithVersion", json_object_get(jwk, "kid"));
	if (n != NULL)
		json_object_set_new(properties, "keySize", json_integer(modulus_bits(n)));
	if (curve != NULL)
		json_object_set_new(properties, "curveName", json_string(curve));
	return json_pack("{s:o, s:s, s:s, s:O, s:o}",
	    "id", armtext_json("%s/keys/%s%s%s", resource_text(vault, "id"), key, version == NULL ? "" : "/versions/", version == NULL ? "" : version),
	    "name", version == NULL ? key : version, "type", version == NULL ? "Microsoft.KeyVault/vaults/keys" : "Microsoft.KeyVault/vaults/keys/versions",
	    "location", json_object_get(vault, "location"), "properties", properties);
}

void
armvault_keys(struct exchange *x, const struct armid *id)
{
	json_t *vault = vault_find(x->world, id->names[0]), *value, *key, *shown;
	const char *name;

	if (vault == NULL) {
		not_found(x, id);
		return;
	}
	if (!armid_is_collection(id)) {
		if ((shown = key_show(x, id, armid_name(id), NULL)) == NULL)
			exchange_error(x, 404, "KeyNotFound", "The key '%s' was not found.", armid_name(id));
		else
			exchange_answer(x, 200, shown);
		return;
	}
	value = json_array();
	json_object_foreach(json_object_get(vault, "keys"), name, key)
		if ((shown = key_show(x, id, name, NULL)) != NULL)
			json_array_append_new(value, shown);
	exchange_answer(x, 200, json_pack("{s:o}", "value", value));
}

void
armvault_versions(struct exchange *x, const struct armid *id)
{
	RELEASE(json) json_t *items = vaultkeys_versions(x->world, id->names[0], id->names[1]);
	json_t *value, *item, *shown;
	size_t i;

	if (!armid_is_collection(id) && (shown = key_show(x, id, id->names[1], armid_name(id))) != NULL) {
		exchange_answer(x, 200, shown);
		return;
	}
	if (items == NULL || !armid_is_collection(id)) {
		exchange_error(x, 404, "KeyNotFound", "The key '%s' was not found.", id->names[1]);
		return;
	}
	value = json_array();
	json_array_foreach(items, i, item) {
		const char *kid = resource_text(item, "kid"), *version = kid == NULL ? NULL : strrchr(kid, '/');

		if (version != NULL && (shown = key_show(x, id, id->names[1], version + 1)) != NULL)
			json_array_append_new(value, shown);
	}
	exchange_answer(x, 200, json_pack("{s:o}", "value", value));
}
