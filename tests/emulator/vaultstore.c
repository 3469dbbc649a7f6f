#include "vaultstore.h"

#include "bytes.h"
#include "jwk.h"
#include "release.h"
#include "text.h"
#include "world.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The endings of vaults' host names. */
static const char *const FAMILIES[] = { ".vault.azure.net", ".vault.localhost" };

json_t *
vaultstore_create(struct world *w, const struct vaultstore_plan *plan)
{
	json_t *vaults = json_object_get(w->root, "vaults"), *vault;
	RELEASE(text) char *lower = text_lower(plan->name), *id = NULL;

	if (json_object_get(vaults, lower) != NULL)
		return NULL;
	id = text_format("/subscriptions/%s/resourceGroups/%s/providers/Microsoft.KeyVault/vaults/%s",
	    world_subscription(w), world_resource_group(w),
	    plan->name);
	vault = json_pack("{s:s, s:s, s:s, s:s, s:i, s:b, s:{}, s:{}}", "name", plan->name, "id", id,
	    "location", world_location(w),
	    "sku", plan->sku, "retention_days", plan->retention_days, "purge_protection",
	    plan->purge_protection, "keys", "deleted");
	json_object_set_new(vaults, lower, vault);
	world_changed(w);
	return vault;
}

json_t *
vaultstore_vault(struct world *w, const char *host)
{
	RELEASE(text) char *lower = text_lower(host);

	lower[strcspn(lower, ":")] = '\0';
	for (size_t i = 0; i < sizeof FAMILIES / sizeof FAMILIES[0]; i++) {
		size_t length = strlen(lower) - (text_ends(lower, FAMILIES[i]) ? strlen(FAMILIES[i]) : 0);

		if (lower[length] == '\0')
			continue;
		lower[length] = '\0';
		return json_object_get(json_object_get(w->root, "vaults"), lower);
	}
	return NULL;
}

static json_t *
find_key(const json_t *vault, const char *where, const char *name)
{
	RELEASE(text) char *lower = text_lower(name);

	return json_object_get(json_object_get(vault, where), lower);
}

json_t *
vaultstore_key(const json_t *vault, const char *name)
{
	return find_key(vault, "keys", name);
}

json_t *
vaultstore_deleted(const json_t *vault, const char *name)
{
	return find_key(vault, "deleted", name);
}

json_t *
vaultstore_version_at(const json_t *key, const char *version, int64_t at_ms)
{
	const json_t *versions = json_object_get(key, "versions");
	bool latest = version == NULL || *version == '\0';

	for (size_t i = json_array_size(versions); i > 0; i--) {
		json_t *at = json_array_get(versions, i - 1);

		if (json_integer_value(json_object_get(at, "made_ms")) > at_ms)
			continue;
		if (latest || strcasecmp(json_string_value(json_object_get(at, "version")), version) == 0)
			return at;
	}
	return NULL;
}

json_t *
vaultstore_version(const json_t *key, const char *version)
{
	return vaultstore_version_at(key, version, INT64_MAX);
}

const json_t *
vaultstore_face_at(const json_t *version, int64_t at_ms)
{
	const json_t *before = json_object_get(version, "before");

	if (before != NULL && json_integer_value(json_object_get(version, "changed_ms")) > at_ms)
		return before;
	return version;
}

int64_t
vaultstore_seen_at_ms(struct world *w, const char *kind)
{
	return world_now_ms(w) - 1000 * (int64_t)json_integer_value(json_object_get(json_object_get(w->root, "lag"), kind));
}

/* A version id is 32 characters of hex. */
static json_t *
draw_version(void)
{
	BYTES struct bytes r = bytes_random(16);
	char text[33];

	for (size_t i = 0; i < 16; i++)
		snprintf(text + 2 * i, 3, "%02x", r.data[i]);
	return json_string(text);
}

/* Find the key of a name or make it, with its name as it was written first. */
static json_t *
need_key(json_t *vault, const char *name)
{
	RELEASE(text) char *lower = text_lower(name);
	json_t *keys = json_object_get(vault, "keys"), *key = json_object_get(keys, lower);

	if (key == NULL)
		json_object_set_new(keys, lower, key = json_pack("{s:s, s:[]}", "name", name, "versions"));
	return key;
}

json_t *
vaultstore_add(struct world *w, json_t *vault, struct vaultstore_fresh *fresh)
{
	json_t *pem = jwk_pem(fresh->key), *public = jwk_public(fresh->key), *version;
	json_int_t now_ms = (json_int_t)world_now_ms(w);

	if (pem == NULL || public == NULL) {
		json_decref(pem);
		json_decref(public);
		json_decref(fresh->key_ops);
		json_decref(fresh->attributes);
		json_decref(fresh->tags);
		return NULL;
	}
	json_object_set_new(fresh->attributes, "created", json_integer(now_ms / 1000));
	json_object_set_new(fresh->attributes, "updated", json_integer(now_ms / 1000));
	version = json_pack("{s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:I}", "version", draw_version(),
	    "kty", fresh->kty,
	    "origin", fresh->origin, "pem", pem, "public", public, "key_ops", fresh->key_ops, "attributes",
	    fresh->attributes,
	    "tags", fresh->tags, "made_ms", now_ms);
	if (fresh->zero_padded)
		json_object_set_new(version, "zero_padded", json_true());
	json_array_append_new(json_object_get(need_key(vault, fresh->name), "versions"), version);
	world_changed(w);
	return version;
}

void
vaultstore_change(struct world *w, json_t *version)
{
	json_t *before = json_pack("{s:o, s:o, s:o}", "key_ops", json_deep_copy(json_object_get(version, "key_ops")),
	    "attributes", json_deep_copy(json_object_get(version, "attributes")), "tags",
	    json_deep_copy(json_object_get(version, "tags")));
	json_int_t now_ms = (json_int_t)world_now_ms(w);

	json_object_set_new(version, "before", before);
	json_object_set_new(version, "changed_ms", json_integer(now_ms));
	json_object_set_new(json_object_get(version, "attributes"), "updated", json_integer(now_ms / 1000));
	world_changed(w);
}

void
vaultstore_tidy(struct world *w, json_t *vault)
{
	json_t *deleted = json_object_get(vault, "deleted"), *key;
	const char *name;
	void *next;

	json_object_foreach_safe(deleted, next, name, key) {
		if (json_integer_value(json_object_get(key, "purge_date")) > (json_int_t)world_now(w))
			continue;
		json_object_del(deleted, name);
		world_changed(w);
	}
}
