#include "vaultshow.h"

#include "release.h"
#include "text.h"
#include "vault.h"
#include "world.h"

#include <string.h>

/*
 * How deletion works in this vault (REST, DeletionRecoveryLevel): 90 days are the rule, fewer
 * are a custom setting.
 */
static const char *
recovery_level(const json_t *vault)
{
	bool custom = json_integer_value(json_object_get(vault, "retention_days")) < 90;
	bool protected = json_is_true(json_object_get(vault, "purge_protection"));

	if (protected)
		return custom ? "CustomizedRecoverable" : "Recoverable";
	return custom ? "CustomizedRecoverable+Purgeable" : "Recoverable+Purgeable";
}

static json_t *
attributes(const struct vaultshow *show, const json_t *version, const json_t *face)
{
	json_t *out = json_copy(json_object_get(face, "attributes"));
	bool hsm = text_ends(json_string_value(json_object_get(version, "kty")), "-HSM");

	json_object_set_new(out, "recoveryLevel", json_string(recovery_level(show->vault)));
	json_object_set(out, "recoverableDays", json_object_get(show->vault, "retention_days"));
	if (show->level >= VAULT_LEVEL_HSM_PLATFORM)
		json_object_set_new(out, "hsmPlatform", json_string(hsm ? "2" : "0"));
	return out;
}

static json_t *
identifier(const struct vaultshow *show, const char *collection, const json_t *key, const json_t *version)
{
	const char *name = json_string_value(json_object_get(key, "name"));
	const char *id = json_string_value(json_object_get(version, "version"));
	RELEASE(text) char *text = text_format("https://%s/%s/%s%s%s", show->authority, collection, name,
	    id != NULL ? "/" : "", id != NULL ? id : "");

	return json_string(text);
}

/* Tags are left out where there are none. */
static json_t *
with_tags(json_t *out, const json_t *face)
{
	json_t *tags = json_object_get(face, "tags");

	if (json_object_size(tags) > 0)
		json_object_set_new(out, "tags", json_deep_copy(tags));
	return out;
}

json_t *
vaultshow_bundle(const struct vaultshow *show, const json_t *key, const json_t *version, const json_t *face)
{
	json_t *jwk = json_pack("{s:o, s:O, s:o}", "kid", identifier(show, "keys", key, version), "kty",
	    json_object_get(version, "kty"),
	    "key_ops", json_deep_copy(json_object_get(face, "key_ops")));

	json_object_update(jwk, json_object_get(version, "public"));
	return with_tags(json_pack("{s:o, s:o}", "key", jwk, "attributes", attributes(show, version, face)), face);
}

json_t *
vaultshow_item(const struct vaultshow *show, const json_t *key, const json_t *version, const json_t *face)
{
	const json_t *versions = json_object_get(key, "versions");
	const json_t *shown = version != NULL ? version : json_array_get(versions, json_array_size(versions) - 1);

	return with_tags(json_pack("{s:o, s:o}", "kid", identifier(show, "keys", key, version),
	    "attributes", attributes(show, shown, face)), face);
}

json_t *
vaultshow_add_deletion(const struct vaultshow *show, const json_t *key, json_t *shown)
{
	json_object_set_new(shown, "recoveryId", identifier(show, "deletedkeys", key, NULL));
	json_object_set(shown, "deletedDate", json_object_get(key, "deleted_date"));
	json_object_set(shown, "scheduledPurgeDate", json_object_get(key, "purge_date"));
	return shown;
}
