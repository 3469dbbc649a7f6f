#include "publicstate.h"

#include "armroutes.h"
#include "world.h"

/* Members of a version that may be seen. */
static const char *const VERSION_MEMBERS[] = { "version", "kty", "origin", "public", "key_ops",
    "attributes", "tags", "zero_padded" };

/* Members of a vault that may be seen as they are. */
static const char *const VAULT_MEMBERS[] = { "name", "id", "sku", "retention_days", "purge_protection" };

/* Members of the world that may be seen as they are. */
static const char *const WORLD_MEMBERS[] = { "tenant", "client_id", "client_object_id", "subscription",
    "resource_group", "vault", "role_assignments",
	"clock_offset_ms", "lag", "operations", "settings", "faults" };

/* Copy the listed members that are there. */
static json_t *
pick(const json_t *from, const char *const *members, size_t count)
{
	json_t *out = json_object();

	for (size_t i = 0; i < count; i++) {
		json_t *value = json_object_get(from, members[i]);

		if (value != NULL)
			json_object_set_new(out, members[i], json_deep_copy(value));
	}
	return out;
}

static json_t *
show_key(const json_t *key)
{
	json_t *versions = json_array(), *version;
	size_t i;

	json_array_foreach(json_object_get(key, "versions"), i, version)
		json_array_append_new(versions, pick(version, VERSION_MEMBERS,
		    sizeof VERSION_MEMBERS / sizeof VERSION_MEMBERS[0]));
	return json_pack("{s:O, s:o, s:O*}", "name", json_object_get(key, "name"), "versions", versions,
	    "policy", json_object_get(key, "policy"));
}

static json_t *
show_keys(const json_t *keys)
{
	json_t *out = json_object(), *key;
	const char *name;

	json_object_foreach((json_t *)(uintptr_t)keys, name, key)
		json_object_set_new(out, name, show_key(key));
	return out;
}

static json_t *
show_vault(const json_t *vault)
{
	json_t *out = pick(vault, VAULT_MEMBERS, sizeof VAULT_MEMBERS / sizeof VAULT_MEMBERS[0]);

	json_object_set_new(out, "keys", show_keys(json_object_get(vault, "keys")));
	json_object_set_new(out, "deleted", show_keys(json_object_get(vault, "deleted")));
	return out;
}

json_t *
publicstate_show(struct world *w)
{
	json_t *out = pick(w->root, WORLD_MEMBERS, sizeof WORLD_MEMBERS / sizeof WORLD_MEMBERS[0]),
	    *vaults = json_object(), *vault;
	const char *name;

	json_object_foreach(json_object_get(w->root, "vaults"), name, vault)
		json_object_set_new(vaults, name, show_vault(vault));
	json_object_set_new(out, "now", json_integer((json_int_t)world_now(w)));
	json_object_set_new(out, "vaults", vaults);
	json_object_set_new(out, "services", arm_public_state(w));
	return out;
}
