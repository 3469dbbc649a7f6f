#include "vaultkeys.h"

#include "bytes.h"
#include "jwk.h"
#include "keyuse.h"
#include "release.h"
#include "roles.h"
#include "route.h"
#include "text.h"
#include "vault.h"
#include "vaultshow.h"
#include "vaultstore.h"
#include "vaultuse.h"
#include "world.h"

#include <string.h>
#include <strings.h>

/* What a key URL names. */
struct place {
	json_t *vault, *key, *version;
};

/* Follow a key URL; NULL, or the code that says what is missing. */
static const char *
follow(struct world *w, const char *url, struct place *place)
{
	ROUTE struct route_match match = { { NULL } };
	size_t host_length = strncasecmp(url, "https://", 8) == 0 ? strcspn(url + 8, "/") : 0;
	RELEASE(text) char *host = host_length > 0 ? text_part(url + 8, host_length) : NULL;
	const char *path = url + 8 + host_length;

	if (host == NULL || (!route_match("/keys/*/*", path, &match) && !route_match("/keys/*", path, &match)))
		return "BadParameter";
	place->vault = vaultstore_vault(w, host);
	if (place->vault == NULL)
		return "VaultNotFound";
	place->key = vaultstore_key(place->vault, match.star[0]);
	place->version = vaultstore_version(place->key, match.star[1]);
	return place->version != NULL ? NULL : "KeyNotFound";
}

/* Whether the principal may do it and the version can; NULL, or why not. */
static const char *
refusal(struct world *w, const struct vaultkeys_call *call, const struct place *place, bool wrap)
{
	RELEASE(text) char *scope = text_format("%s/keys/%s", json_string_value(json_object_get(place->vault, "id")),
	    json_string_value(json_object_get(place->key, "name")));

	if (!roles_allow(w, call->principal, scope, wrap ? "Microsoft.KeyVault/vaults/keys/wrap/action" :
	    "Microsoft.KeyVault/vaults/keys/unwrap/action"))
		return "ForbiddenByRbac";
	return vaultuse_refusal(w, place->version, wrap ? "wrapKey" : "unwrapKey");
}

static bool
run(struct world *w, struct vaultkeys_call *call, bool wrap)
{
	struct place place = { NULL, NULL, NULL };
	struct bytes in, out = { NULL, 0 };
	RELEASE(pkey) EVP_PKEY *key = NULL;
	const char *why = follow(w, call->key_url, &place);

	if (why == NULL)
		why = refusal(w, call, &place, wrap);
	if (why != NULL) {
		call->reterr_why = why;
		return false;
	}

	/* The input is only read; the cast lets it travel as bytes. */
	in = (struct bytes){ (uint8_t *)(uintptr_t)call->in, call->in_size };
	key = jwk_read_pem(json_object_get(place.version, "pem"));
	if (key == NULL || !(wrap ? keyuse_encrypt(key, call->alg, in, &out) :
	    keyuse_decrypt(key, call->alg, in, &out))) {
		call->reterr_why = "BadParameter";
		return false;
	}
	call->ret_out = out.data;
	call->ret_size = out.size;
	return true;
}

bool
vaultkeys_wrap(struct world *w, struct vaultkeys_call *call)
{
	return run(w, call, true);
}

bool
vaultkeys_unwrap(struct world *w, struct vaultkeys_call *call)
{
	return run(w, call, false);
}

json_t *
vaultkeys_bundle(struct world *w, const char *key_url, const char *authority)
{
	struct place place = { NULL, NULL, NULL };
	struct vaultshow show = { w, NULL, authority, VAULT_LEVEL_ROTATION };

	if (follow(w, key_url, &place) != NULL)
		return NULL;
	show.vault = place.vault;
	return vaultshow_bundle(&show, place.key, place.version, place.version);
}

json_t *
vaultkeys_versions(struct world *w, const char *vault, const char *name)
{
	RELEASE(text) char *authority = text_format("%s.vault.azure.net", vault);
	struct vaultshow show = { w, vaultstore_vault(w, authority), authority, VAULT_LEVEL_ROTATION };
	const json_t *key = show.vault != NULL ? vaultstore_key(show.vault, name) : NULL;
	json_t *items, *version;
	size_t i;

	if (key == NULL)
		return NULL;
	items = json_array();
	json_array_foreach(json_object_get(key, "versions"), i, version)
		json_array_append_new(items, vaultshow_item(&show, key, version, version));
	return items;
}
