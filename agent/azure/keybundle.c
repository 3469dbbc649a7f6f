#include "keybundle.h"

#include "jwk.h"
#include "member.h"

#include <ctype.h>
#include <string.h>

void
vault_item_clear(struct vault_item *item)
{
	json_decref(item->tags);
	item->tags = NULL;
}

void
vault_key_clear(struct vault_key *key)
{
	vault_item_clear(&key->item);
}

/* Absent times are 0, which no key has. */
static int64_t
read_time(const json_t *object, const char *pointer)
{
	const json_t *value = member_find(object, pointer);

	return json_is_integer(value) ? json_integer_value(value) : 0;
}

/* The identifier must be one that can be asked for, since everything later is done by it. */
static bool
read_kid(const char *kid, struct vault_item *item, struct fault *fault)
{
	struct vault_name name;

	if (strlen(kid) >= sizeof item->kid || !vault_parse_kid(kid, &name, fault)) {
		return fault_set(fault, FAULT_PROTOCOL, "The vault named a key by '%.200s', which is "
		    "no key identifier", kid);
	}
	strcpy(item->kid, kid);
	strcpy(item->version, name.version);
	for (char *c = item->version; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	return true;
}

/* What lists and bundles have in common. */
static bool
read_attributes(const json_t *object, const char *kid, struct vault_item *ret_item,
    struct fault *fault)
{
	struct vault_item item = { .tags = NULL };
	json_t *tags = member_find(object, "/tags");

	/* The one attribute that everything hangs on must be there. */
	if (!read_kid(kid, &item, fault) ||
	    !member_boolean(object, "/attributes/enabled", &item.enabled, fault))
		return false;
	item.not_before = read_time(object, "/attributes/nbf");
	item.expires = read_time(object, "/attributes/exp");
	item.created = read_time(object, "/attributes/created");
	item.updated = read_time(object, "/attributes/updated");
	snprintf(item.recovery_level, sizeof item.recovery_level, "%s",
	    member_text(object, "/attributes/recoveryLevel", ""));
	if (json_is_object(tags))
		item.tags = json_incref(tags);
	*ret_item = item;
	return true;
}

bool
keybundle_read_item(const json_t *object, struct vault_item *ret_item, struct fault *fault)
{
	const char *kid;

	return member_string(object, "/kid", &kid, fault) &&
	    read_attributes(object, kid, ret_item, fault);
}

/* KeyBundle: the key's identifier lies inside the JWK. */
bool
keybundle_read(const json_t *bundle, struct vault_key *ret_key, struct fault *fault)
{
	struct vault_key key = { .kty = "" };
	const char *kid, *kty;

	if (!member_string(bundle, "/key/kid", &kid, fault) ||
	    !member_string(bundle, "/key/kty", &kty, fault) ||
	    !read_attributes(bundle, kid, &key.item, fault))
		return false;
	snprintf(key.kty, sizeof key.kty, "%s", kty);
	key.ops = jwk_read_ops(member_find(bundle, "/key/key_ops"));

	/*
	 * A key of a kind that keyturn does not handle is no error: others may live in the
	 * vault.
	 */
	key.has_public_key = jwk_public_key(member_find(bundle, "/key"), &key.public_key, NULL);
	*ret_key = key;
	return true;
}
