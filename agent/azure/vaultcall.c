#include "vaultcall.h"

#include "keybundle.h"
#include "scope.h"
#include "url.h"

#include <string.h>
#include <strings.h>

/* Each part is checked by itself, so that none can pass for another. */
bool
vaultcall_url(const struct vaultcall_key *key, const char *tail, const char *query,
    char **ret_url, struct fault *fault)
{
	bool versioned = key->version != NULL && key->version[0] != '\0';
	struct url vault;

	if (!url_parse(key->vault_url, &vault, fault))
		return false;
	if (strcmp(vault.path, "/") != 0 || vault.query[0] != '\0')
		return fault_set(fault, FAULT_DATA, "'%.200s' is no vault; it must be "
		    "https://NAME.vault… without a path", key->vault_url);
	if (!url_is_word(key->name, "-", 127))
		return fault_set(fault, FAULT_DATA, "'%.150s' is no key name; it must be 1 to 127 "
		    "letters, digits and dashes", key->name);
	if (versioned && !url_is_word(key->version, "", VAULT_VERSION_MAX - 1))
		return fault_set(fault, FAULT_DATA, "'%.150s' is no version of a key; it must be "
		    "letters and digits", key->version);
	return url_print(ret_url, fault, "https://%s/keys/%s%s%s%s?api-version="
	    VAULTCALL_API_VERSION "%s", vault.authority, key->name, versioned ? "/" : "",
	    versioned ? key->version : "", tail, query);
}

/* The answer to a question about one key must not be another key. */
static bool
check_same(const struct vault_key *found, const struct vaultcall_key *key, struct fault *fault)
{
	struct vault_name name;
	struct url vault;
	bool versioned = key->version != NULL && key->version[0] != '\0';

	if (!vault_parse_kid(found->item.kid, &name, fault) || !url_parse(key->vault_url, &vault, fault))
		return false;
	if (strcasecmp(name.url + strlen("https://"), vault.authority) == 0 &&
	    strcasecmp(name.name, key->name) == 0 && name.version[0] != '\0' &&
	    (!versioned || strcasecmp(name.version, key->version) == 0))
		return true;
	return fault_set(fault, FAULT_PROTOCOL, "The vault was asked for key %s%s%s of %s and "
	    "answered with %s", key->name, versioned ? " version " : "",
	    versioned ? key->version : "", vault.authority, found->item.kid);
}

/* Read the bundle and see that it is the right one. */
bool
vaultcall_read(const json_t *bundle, const struct vaultcall_key *key,
    struct vault_key *ret_key, struct fault *fault)
{
	SCOPE(vault_key) struct vault_key found = { .kty = "" };

	if (bundle == NULL)
		return fault_set(fault, FAULT_PROTOCOL, "The vault's answer is empty");
	if (!keybundle_read(bundle, &found, fault) || !check_same(&found, key, fault))
		return false;
	*ret_key = found;
	found.item.tags = NULL;		/* the caller's now */
	return true;
}

/* Most operations on keys answer with the key. */
bool
vaultcall_key(struct azure *azure, const struct client_call *call,
    const struct vaultcall_key *key, struct vault_key *ret_key, struct fault *fault)
{
	SCOPE(json) json_t *bundle = NULL;

	if (!client_json(azure, call, &bundle, fault))
		return false;
	if (vaultcall_read(bundle, key, ret_key, fault))
		return true;
	if (call->once && fault != NULL)
		fault->code = FAULT_UNKNOWN;
	return fault_prefix(fault, "%s", call->what);
}
