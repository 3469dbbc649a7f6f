#include "vaultremove.h"

#include "exchange.h"
#include "release.h"
#include "text.h"
#include "vault.h"
#include "vaultread.h"
#include "vaultstore.h"
#include "world.h"

enum { DAY_S = 86400 };

/* Move a key between "keys" and "deleted". */
static void
move(struct vault_call *c, const char *from, const char *to)
{
	RELEASE(text) char *lower = text_lower(c->name);
	json_t *source = json_object_get(c->show.vault, from);

	json_object_set(json_object_get(c->show.vault, to), lower, json_object_get(source, lower));
	json_object_del(source, lower);
	world_changed(c->show.world);
}

/* The bundle of a key's latest version. */
static json_t *
latest(struct vault_call *c, const json_t *key)
{
	const json_t *version = vaultstore_version(key, NULL);

	return vaultshow_bundle(&c->show, key, version, version);
}

/* The deleted key that the path names, or NULL with the answer set. */
static json_t *
find_deleted(struct vault_call *c)
{
	json_t *key = vaultstore_deleted(c->show.vault, c->name);

	if (key == NULL)
		exchange_error(c->x, 404, "KeyNotFound", "Deleted Key not found: %s", c->name);
	return key;
}

void
vaultremove_delete(struct vault_call *c)
{
	json_t *key = vaultstore_key(c->show.vault, c->name);
	json_int_t now = (json_int_t)world_now(c->show.world);
	json_int_t days = json_integer_value(json_object_get(c->show.vault, "retention_days"));

	if (key == NULL) {
		vaultread_answer_missing(c);
		return;
	}
	json_object_set_new(key, "deleted_date", json_integer(now));
	json_object_set_new(key, "purge_date", json_integer(now + days * DAY_S));
	exchange_answer(c->x, 200, vaultshow_add_deletion(&c->show, key, latest(c, key)));
	move(c, "keys", "deleted");
}

void
vaultremove_get(struct vault_call *c)
{
	const json_t *key = find_deleted(c);

	if (key != NULL)
		exchange_answer(c->x, 200, vaultshow_add_deletion(&c->show, key, latest(c, key)));
}

void
vaultremove_recover(struct vault_call *c)
{
	json_t *key = find_deleted(c);

	if (key == NULL)
		return;
	json_object_del(key, "deleted_date");
	json_object_del(key, "purge_date");
	exchange_answer(c->x, 200, latest(c, key));
	move(c, "deleted", "keys");
}

void
vaultremove_purge(struct vault_call *c)
{
	RELEASE(text) char *lower = text_lower(c->name);

	if (find_deleted(c) == NULL)
		return;
	if (json_is_true(json_object_get(c->show.vault, "purge_protection"))) {
		exchange_error(c->x, 403, "Forbidden",
		    "Operation \"purge\" is not allowed because purge protection is enabled for this vault. "
		    "Key Vault service will "
		    "automatically purge it after the retention period has passed.");
		return;
	}
	json_object_del(json_object_get(c->show.vault, "deleted"), lower);
	world_changed(c->show.world);
	exchange_answer(c->x, 204, NULL);
}
