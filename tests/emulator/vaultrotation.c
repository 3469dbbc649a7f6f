#include "vaultrotation.h"

#include "exchange.h"
#include "jwk.h"
#include "release.h"
#include "text.h"
#include "vault.h"
#include "vaultread.h"
#include "vaultrules.h"
#include "vaultstore.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * A day, and how long months and years are here: the durations of rotation policies are
 * calendar-free enough.
 */
enum { DAY_S = 86400 };
static const struct {
	char letter;
	json_int_t days;
} UNITS[] = { { 'Y', 365 }, { 'M', 30 }, { 'W', 7 }, { 'D', 1 } };

/*
 * Read an ISO 8601 duration of whole days or more ("P90D", "P1Y6M") into seconds; 0 if it is
 * none.
 */
static json_int_t
read_duration(const char *text)
{
	json_int_t seconds = 0;

	if (text == NULL || *text++ != 'P' || *text == '\0')
		return 0;
	while (*text != '\0') {
		char *end;
		long count = strtol(text, &end, 10);
		json_int_t days = 0;

		for (size_t i = 0; i < sizeof UNITS / sizeof UNITS[0]; i++)
			if (UNITS[i].letter == *end)
				days = UNITS[i].days;
		if (end == text || count <= 0 || count > 36500 || days == 0)
			return 0;
		seconds += count * days * DAY_S;
		text = end + 1;
	}
	return seconds;
}

/*
 * Make a version like ${old} with new material; the policy's expiry time sets its end. Tags and
 * operations go along.
 */
static json_t *
rotate(struct world *w, json_t *vault, const json_t *key)
{
	const json_t *old = vaultstore_version(key, NULL), *policy = json_object_get(key, "policy");
	const json_t *public = json_object_get(old, "public");
	RELEASE(pkey) EVP_PKEY *old_key = jwk_read_pem(json_object_get(old, "pem"));
	RELEASE(pkey) EVP_PKEY *fresh_key = old_key != NULL ?
	    jwk_generate(EVP_PKEY_get_bits(old_key), json_string_value(json_object_get(public, "crv"))) : NULL;
	json_int_t life_s = read_duration(json_string_value(json_object_get(json_object_get(policy,
	    "attributes"), "expiryTime")));
	struct vaultstore_fresh fresh = { .name = json_string_value(json_object_get(key, "name")),
		.kty = json_string_value(json_object_get(old, "kty")), .origin = "rotated", .key = fresh_key };

	if (fresh_key == NULL)
		return NULL;
	fresh.key_ops = json_deep_copy(json_object_get(old, "key_ops"));
	fresh.tags = json_deep_copy(json_object_get(old, "tags"));
	fresh.attributes = json_pack("{s:b}", "enabled", 1);
	if (life_s > 0)
		json_object_set_new(fresh.attributes, "exp", json_integer((json_int_t)world_now(w) + life_s));
	return vaultstore_add(w, vault, &fresh);
}

void
vaultrotation_rotate(struct vault_call *c)
{
	json_t *key = vaultstore_key(c->show.vault, c->name), *version;

	if (key == NULL) {
		vaultread_answer_missing(c);
		return;
	}
	version = rotate(c->show.world, c->show.vault, key);
	if (version != NULL)
		exchange_answer(c->x, 200, vaultshow_bundle(&c->show, key, version, version));
	else
		exchange_error(c->x, 500, "InternalServerError", "The key could not be generated.");
}

/* The policy of a key without one: a notice before the end, nothing else. */
static json_t *
default_policy(void)
{
	return json_pack("{s:[{s:{s:s}, s:{s:s}}], s:{}}", "lifetimeActions", "trigger",
	    "timeBeforeExpiry", "P30D", "action", "type", "Notify", "attributes");
}

static void
answer_policy(struct vault_call *c, const json_t *key)
{
	const json_t *policy = json_object_get(key, "policy");
	json_t *shown = policy != NULL ? json_deep_copy(policy) : default_policy();
	RELEASE(text) char *id = text_format("https://%s/keys/%s/rotationpolicy", c->x->authority,
	    json_string_value(json_object_get(key, "name")));

	json_object_set_new(shown, "id", json_string(id));
	exchange_answer(c->x, 200, shown);
}

void
vaultrotation_get(struct vault_call *c)
{
	const json_t *key = vaultstore_key(c->show.vault, c->name);

	if (key == NULL)
		vaultread_answer_missing(c);
	else
		answer_policy(c, key);
}

/* Whether one lifetime action is well formed: Rotate or Notify, and one duration. */
static bool
good_action(const json_t *action)
{
	const json_t *trigger = json_object_get(action, "trigger");
	const char *type = json_string_value(json_object_get(json_object_get(action, "action"), "type"));
	const char *after = json_string_value(json_object_get(trigger, "timeAfterCreate"));
	const char *before = json_string_value(json_object_get(trigger, "timeBeforeExpiry"));
	bool notify = type != NULL && strcasecmp(type, "Notify") == 0;

	if (type == NULL || (!notify && strcasecmp(type, "Rotate") != 0) || (after == NULL) == (before == NULL))
		return false;
	return read_duration(after != NULL ? after : before) > 0 && !(notify && after != NULL);
}

/*
 * What is wrong with a policy; NULL if nothing is. An expiry time has at least 28 days
 * ("Configure key auto-rotation").
 */
static const char *
policy_fault(const json_t *policy)
{
	const json_t *actions = json_object_get(policy, "lifetimeActions");
	const json_t *expiry = json_object_get(json_object_get(policy, "attributes"), "expiryTime");
	json_t *action;
	size_t i;

	json_array_foreach(actions, i, action)
		if (!good_action(action))
			return "Property 'lifetimeActions' holds an action that is not well formed.";
	if (expiry != NULL && !json_is_null(expiry) &&
	    read_duration(json_string_value(expiry)) < (json_int_t)28 * DAY_S)
		return "Property 'expiryTime' must be a duration of at least 28 days.";
	return NULL;
}

void
vaultrotation_put(struct vault_call *c)
{
	json_t *key = vaultstore_key(c->show.vault, c->name), *attributes, *old;
	const char *fault = policy_fault(c->body);
	json_int_t now = (json_int_t)world_now(c->show.world);

	if (key == NULL) {
		vaultread_answer_missing(c);
		return;
	}
	if (fault != NULL) {
		exchange_error(c->x, 400, "BadParameter", "%s", fault);
		return;
	}
	old = json_object_get(json_object_get(key, "policy"), "attributes");
	attributes = json_pack("{s:O*, s:O*, s:I}", "expiryTime",
	    json_object_get(json_object_get(c->body, "attributes"), "expiryTime"),
	    "created", json_object_get(old, "created"), "updated", now);
	if (json_object_get(attributes, "created") == NULL)
		json_object_set_new(attributes, "created", json_integer(now));
	json_object_set_new(key, "policy", json_pack("{s:o, s:o}", "lifetimeActions",
	    json_object_get(c->body, "lifetimeActions") != NULL ?
	    json_deep_copy(json_object_get(c->body, "lifetimeActions")) : json_array(), "attributes", attributes));
	world_changed(c->show.world);
	answer_policy(c, key);
}

/* Whether an action is a rotation whose time has come for a version. */
static bool
due(struct world *w, const json_t *action, const json_t *version)
{
	const json_t *attributes = json_object_get(version, "attributes"),
	    *trigger = json_object_get(action, "trigger");
	json_int_t after = read_duration(json_string_value(json_object_get(trigger, "timeAfterCreate")));
	json_int_t before = read_duration(json_string_value(json_object_get(trigger, "timeBeforeExpiry")));
	json_int_t now = (json_int_t)world_now(w), exp = json_integer_value(json_object_get(attributes, "exp"));

	if (strcasecmp(json_string_value(json_object_get(json_object_get(action, "action"), "type")), "Rotate") != 0)
		return false;
	if (after > 0)
		return now >= json_integer_value(json_object_get(attributes, "created")) + after;
	return exp > 0 && now >= exp - before;
}

void
vaultrotation_tidy(struct world *w, json_t *vault)
{
	json_t *key, *action;
	const char *name;
	size_t i;

	json_object_foreach(json_object_get(vault, "keys"), name, key)
		json_array_foreach(json_object_get(json_object_get(key, "policy"), "lifetimeActions"), i, action)
			if (due(w, action, vaultstore_version(key, NULL)) && rotate(w, vault, key) != NULL)
				break;
}
