#include "control.h"

#include "credential.h"
#include "exchange.h"
#include "faults.h"
#include "operation.h"
#include "publicstate.h"
#include "release.h"
#include "roles.h"
#include "route.h"
#include "text.h"
#include "vaultstore.h"
#include "world.h"

#include <string.h>
#include <strings.h>

/* Set by POST /stop; the one thing that does not belong to the world. */
static bool stop_asked;

bool
control_stop_asked(void)
{
	return stop_asked;
}

/* Say that an order is not understood. */
static void
refuse(struct exchange *x, const char *why)
{
	exchange_error(x, 400, "BadOrder", "%s", why);
}

static void
get_state(struct exchange *x, const struct route_match *match)
{
	(void)match;
	exchange_answer(x, 200, publicstate_show(x->world));
}

static void
get_faults(struct exchange *x, const struct route_match *match)
{
	(void)match;
	exchange_answer(x, 200, json_deep_copy(json_object_get(x->world->root, "faults")));
}

static void
post_fault(struct exchange *x, const struct route_match *match)
{
	const char *why = faults_check(x->body_json);

	(void)match;
	if (why != NULL) {
		refuse(x, why);
		return;
	}
	json_array_append(json_object_get(x->world->root, "faults"), x->body_json);
	world_changed(x->world);
	get_faults(x, match);
}

static void
delete_faults(struct exchange *x, const struct route_match *match)
{
	(void)match;
	json_array_clear(json_object_get(x->world->root, "faults"));
	world_changed(x->world);
	exchange_answer(x, 204, NULL);
}

static void
post_clock(struct exchange *x, const struct route_match *match)
{
	const json_t *advance = json_object_get(x->body_json, "advance_s");
	json_int_t offset_ms = json_integer_value(json_object_get(x->world->root, "clock_offset_ms"));

	(void)match;
	if (!json_is_integer(advance)) {
		refuse(x, "\"advance_s\" is an integer number of seconds");
		return;
	}
	json_object_set_new(x->world->root, "clock_offset_ms",
	    json_integer(offset_ms + 1000 * json_integer_value(advance)));
	world_changed(x->world);
	exchange_answer(x, 200, json_pack("{s:I}", "now", (json_int_t)world_now(x->world)));
}

/* What a member of an order may be. */
enum kind {
	KIND_COUNT,		/* an integer, not negative */
	KIND_BOOLEAN,
	KIND_TIME,		/* Unix seconds, or null for never */
	KIND_STYLE, KIND_END	/* words, see below */
};

struct member {
	const char *name;
	enum kind kind;
};

static const struct member LAG_MEMBERS[] = { { "lists_s", KIND_COUNT }, { "reads_s", KIND_COUNT },
    { NULL, KIND_COUNT } };

static const struct member OPERATION_MEMBERS[] = {
	{ "duration_s", KIND_COUNT }, { "retry_after_s", KIND_COUNT }, { "style", KIND_STYLE }, { "end", KIND_END },
	{ "keep_old_value", KIND_BOOLEAN }, { NULL, KIND_COUNT }
};

static const struct member SETTING_MEMBERS[] = {
	{ "accept_zero_padded", KIND_BOOLEAN }, { "forbid_get_of_disabled", KIND_BOOLEAN },
	    { "client_disabled", KIND_BOOLEAN },
	{ "client_secret_expires", KIND_TIME }, { NULL, KIND_COUNT }
};

/* Words, separated by spaces. */
static const char STYLES[] = " azure-async location provisioningState all ";
static const char ENDS[] = " Succeeded Failed Canceled never ";

/* Whether a string is one of the words. */
static bool
is_word(const json_t *value, const char *words)
{
	RELEASE(text) char *spaced = json_is_string(value) ? text_format(" %s ", json_string_value(value)) : NULL;

	return spaced != NULL && strstr(words, spaced) != NULL;
}

static bool
is_kind(const json_t *value, enum kind kind)
{
	switch (kind) {
	case KIND_COUNT:
		return json_is_integer(value) && json_integer_value(value) >= 0;
	case KIND_BOOLEAN:
		return json_is_boolean(value);
	case KIND_TIME:
		return json_is_null(value) || json_is_integer(value);
	case KIND_STYLE:
		return is_word(value, STYLES);
	case KIND_END:
		return is_word(value, ENDS);
	}
	return false;
}

/* Whether a member is known and of its kind. */
static bool
good_member(const struct member *members, const char *name, const json_t *value)
{
	for (; members->name != NULL; members++)
		if (strcmp(members->name, name) == 0)
			return is_kind(value, members->kind);
	return false;
}

/* Merge an order into a member of the world, if all of it is known, and answer with the result. */
static void
merge(struct exchange *x, const char *into, const struct member *members)
{
	json_t *target = json_object_get(x->world->root, into), *value;
	const char *name;

	if (!json_is_object(x->body_json)) {
		refuse(x, "the order is not a JSON object");
		return;
	}
	json_object_foreach(x->body_json, name, value) {
		if (good_member(members, name, value))
			continue;
		exchange_error(x, 400, "BadOrder", "\"%s\" is not known here or has a wrong value", name);
		return;
	}
	if (target == NULL)
		json_object_set_new(x->world->root, into, target = json_object());
	json_object_update(target, x->body_json);
	world_changed(x->world);
	exchange_answer(x, 200, json_deep_copy(target));
}

static void
post_lag(struct exchange *x, const struct route_match *match)
{
	(void)match;
	merge(x, "lag", LAG_MEMBERS);
}

static void
post_operations(struct exchange *x, const struct route_match *match)
{
	(void)match;
	merge(x, "operations", OPERATION_MEMBERS);
}

/* Forget the orders about operations; those that run without end are set free. */
static void
delete_operations(struct exchange *x, const struct route_match *match)
{
	(void)match;
	operation_release(x->world);
	exchange_answer(x, 204, NULL);
}

static void
post_settings(struct exchange *x, const struct route_match *match)
{
	(void)match;
	merge(x, "settings", SETTING_MEMBERS);
}

static void
post_role(struct exchange *x, const struct route_match *match)
{
	const char *act = "add", *role = NULL, *principal = world_client_object_id(x->world),
	    *scope = world_text(x->world, "vault_id");
	bool adds;

	(void)match;
	if (json_unpack(x->body_json, "{s?s, s:s, s?s, s?s !}", "action", &act, "role", &role, "principal",
	    &principal, "scope", &scope) != 0 ||
	    (strcmp(act, "add") != 0 && strcmp(act, "remove") != 0) || scope == NULL) {
		refuse(x, "want {\"action\": \"add\"|\"remove\", \"role\": GUID, \"principal\": object id, "
		    "\"scope\": resource id}");
		return;
	}
	adds = strcmp(act, "add") == 0;
	if (adds)
		exchange_answer(x, 200, json_deep_copy(roles_add(x->world, principal, role, scope)));
	else
		exchange_answer(x, 200, json_pack("{s:b}", "removed", roles_remove(x->world, principal, role, scope)));
}

/* A vault's name is a label of a host name. */
static bool
good_vault_name(const char *name)
{
	size_t length = strlen(name);

	return length >= 3 && length <= 24 && strstr(name, "--") == NULL &&
	    strspn(name, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") == length;
}

/* One more vault, where nobody has a role yet. */
static void
post_vault(struct exchange *x, const struct route_match *match)
{
	struct vaultstore_plan plan = { .sku = "premium", .retention_days = 90 };
	int protection = 1;
	const json_t *vault;

	(void)match;
	if (json_unpack(x->body_json, "{s:s, s?s, s?i, s?b !}", "name", &plan.name, "sku", &plan.sku,
	    "retention_days", &plan.retention_days,
	    "purge_protection", &protection) != 0 || plan.retention_days < 7 || plan.retention_days > 90 ||
	    (strcmp(plan.sku, "premium") != 0 && strcmp(plan.sku, "standard") != 0) || !good_vault_name(plan.name)) {
		refuse(x, "want {\"name\": 3 to 24 letters, digits, hyphens, \"sku\": "
		    "\"premium\"|\"standard\", \"retention_days\": 7..90, "
		    "\"purge_protection\": bool}");
		return;
	}
	plan.purge_protection = protection != 0;
	vault = vaultstore_create(x->world, &plan);
	if (vault != NULL)
		exchange_answer(x, 200, json_pack("{s:O, s:O}", "name", json_object_get(vault, "name"),
		    "id", json_object_get(vault, "id")));
	else
		refuse(x, "there is a vault of this name already");
}

static void
post_certificate(struct exchange *x, const struct route_match *match)
{
	const char *pem = json_string_value(json_object_get(x->body_json, "certificate"));
	json_t *known = pem != NULL ? credential_thumbprints(pem) : NULL;

	(void)match;
	if (known == NULL) {
		refuse(x, "\"certificate\" is a PEM certificate with an RSA key");
		return;
	}
	json_array_append_new(json_object_get(x->world->root, "certificates"), json_deep_copy(known));
	world_changed(x->world);
	json_object_del(known, "pem");
	exchange_answer(x, 200, known);
}

static void
delete_certificates(struct exchange *x, const struct route_match *match)
{
	(void)match;
	json_array_clear(json_object_get(x->world->root, "certificates"));
	world_changed(x->world);
	exchange_answer(x, 204, NULL);
}

/* Change a version as an administrator would; ?vault= names another vault than the first. */
static void
patch_version(struct exchange *x, const struct route_match *match)
{
	const char *name = exchange_query(x, "vault");
	json_t *vault = json_object_get(json_object_get(x->world->root, "vaults"), name != NULL ? name :
	    world_vault_name(x->world));
	json_t *version = vault != NULL ? vaultstore_version(vaultstore_key(vault, match->star[0]),
	    match->star[1]) : NULL;
	const json_t *enabled = json_object_get(x->body_json, "enabled");

	if (version == NULL) {
		exchange_error(x, 404, "KeyNotFound", "there is no such version");
		return;
	}
	if (!json_is_boolean(enabled)) {
		refuse(x, "\"enabled\" is true or false");
		return;
	}
	vaultstore_change(x->world, version);
	json_object_set_new(json_object_get(version, "attributes"), "enabled", json_boolean(json_is_true(enabled)));
	exchange_answer(x, 200, json_deep_copy(json_object_get(version, "attributes")));
}

static void
post_stop(struct exchange *x, const struct route_match *match)
{
	(void)match;
	stop_asked = true;
	exchange_answer(x, 202, NULL);
}

static const struct {
	const char *method, *pattern;
	void (*handle)(struct exchange *x, const struct route_match *match);
} ROUTES[] = {
	{ "GET", "/state", get_state },
	{ "GET", "/faults", get_faults },
	{ "POST", "/faults", post_fault },
	{ "DELETE", "/faults", delete_faults },
	{ "POST", "/clock", post_clock },
	{ "POST", "/lag", post_lag },
	{ "POST", "/operations", post_operations },
	{ "DELETE", "/operations", delete_operations },
	{ "POST", "/settings", post_settings },
	{ "POST", "/roles", post_role },
	{ "POST", "/vaults", post_vault },
	{ "POST", "/certificates", post_certificate },
	{ "DELETE", "/certificates", delete_certificates },
	{ "PATCH", "/keys/*/*", patch_version },
	{ "POST", "/stop", post_stop },
};

void
control_handle(struct exchange *x)
{
	for (size_t i = 0; i < sizeof ROUTES / sizeof ROUTES[0]; i++) {
		ROUTE struct route_match match = { { NULL } };

		if (strcmp(ROUTES[i].method, x->method) != 0 || !route_match(ROUTES[i].pattern, x->path, &match))
			continue;
		ROUTES[i].handle(x, &match);
		return;
	}
	exchange_error(x, 404, "NotFound", "The control interface has no %s %s.", x->method, x->path);
}
