#include "vault.h"

#include "exchange.h"
#include "release.h"
#include "roles.h"
#include "route.h"
#include "text.h"
#include "token.h"
#include "vaultbackup.h"
#include "vaultread.h"
#include "vaultremove.h"
#include "vaultrotation.h"
#include "vaultrules.h"
#include "vaultstore.h"
#include "vaultuse.h"
#include "vaultwrite.h"
#include "world.h"

#include <string.h>

/*
 * The largest body of a request, in bytes. Azure does not publish its limit; no key, and no blob
 * for one, comes near this. A restored backup may be larger.
 */
enum { BODY_MAX = 128 * 1024 };

/* All api-versions that ever carried keys, with their levels (see vault.h). */
static const struct {
	const char *name;
	int level;
} VERSIONS[] = {
	{ "2015-06-01", 20 }, { "2016-10-01", 20 },
	{ "7.0-preview", 70 }, { "7.0", 70 }, { "7.1-preview", 71 }, { "7.1", 71 },
	{ "7.2-preview", 72 }, { "7.2", 72 }, { "7.3-preview", 73 }, { "7.3", 73 },
	{ "7.4-preview.1", 74 }, { "7.4", 74 }, { "7.5-preview.1", 75 }, { "7.5", 75 },
	{ "7.6-preview.1", 76 }, { "7.6-preview.2", 76 }, { "7.6", 76 },
	{ "2025-06-01-preview", 77 }, { "2025-07-01", 77 }, { "2026-04-01", 78 },
};

/*
 * Every operation: the path's stars are the key's name and its version. Actions are those of
 * role definitions.
 */
static const struct route {
	const char *method, *pattern;
	void (*handle)(struct vault_call *c);
	const char *action;		/* after Microsoft.KeyVault/vaults/ */
	int level;			/* of the first api-version that has it */
	const char *operation;
} ROUTES[] = {
	{ "GET", "/keys", vaultread_keys, "keys/read", 0, NULL },
	{ "POST", "/keys/restore", vaultbackup_restore, "keys/restore/action", 0, NULL },
	{ "POST", "/keys/*/create", vaultwrite_create, "keys/create/action", 0, NULL },
	{ "POST", "/keys/*/rotate", vaultrotation_rotate, "keys/rotate/action", VAULT_LEVEL_ROTATION, NULL },
	{ "POST", "/keys/*/backup", vaultbackup_backup, "keys/backup/action", 0, NULL },
	{ "PUT", "/keys/*", vaultwrite_import, "keys/import/action", 0, NULL },
	{ "GET", "/keys/*/versions", vaultread_versions, "keys/read", 0, NULL },
	{ "GET", "/keys/*/rotationpolicy", vaultrotation_get, "keyrotationpolicies/read", VAULT_LEVEL_ROTATION, NULL },
	{ "PUT", "/keys/*/rotationpolicy", vaultrotation_put, "keyrotationpolicies/write", VAULT_LEVEL_ROTATION, NULL },
	{ "GET", "/keys/*", vaultread_get, "keys/read", 0, NULL },
	{ "GET", "/keys/*/*", vaultread_get, "keys/read", 0, NULL },
	{ "PATCH", "/keys/*", vaultwrite_update, "keys/update/action", 0, NULL },
	{ "PATCH", "/keys/*/*", vaultwrite_update, "keys/update/action", 0, NULL },
	{ "POST", "/keys/*/*/encrypt", vaultuse_operate, "keys/encrypt/action", 0, "encrypt" },
	{ "POST", "/keys/*/*/decrypt", vaultuse_operate, "keys/decrypt/action", 0, "decrypt" },
	{ "POST", "/keys/*/*/wrapkey", vaultuse_operate, "keys/wrap/action", 0, "wrapKey" },
	{ "POST", "/keys/*/*/unwrapkey", vaultuse_operate, "keys/unwrap/action", 0, "unwrapKey" },
	{ "POST", "/keys/*/*/sign", vaultuse_operate, "keys/sign/action", 0, "sign" },
	{ "POST", "/keys/*/*/verify", vaultuse_operate, "keys/verify/action", 0, "verify" },
	{ "DELETE", "/keys/*", vaultremove_delete, "keys/delete", 0, NULL },
	{ "GET", "/deletedkeys", vaultread_deleted_keys, "keys/read", 0, NULL },
	{ "GET", "/deletedkeys/*", vaultremove_get, "keys/read", 0, NULL },
	{ "POST", "/deletedkeys/*/recover", vaultremove_recover, "keys/recover/action", 0, NULL },
	{ "DELETE", "/deletedkeys/*", vaultremove_purge, "keys/purge/action", 0, NULL },
};

char *
vault_scope(const struct vault_call *c)
{
	const char *id = json_string_value(json_object_get(c->show.vault, "id"));

	return text_format("%s%s%s", id, c->name != NULL ? "/keys/" : "", c->name != NULL ? c->name : "");
}

/* The headers that every answer of a vault carries. */
static void
set_headers(struct exchange *x)
{
	const char *asked = exchange_request_header(x, "x-ms-client-request-id");
	char id[WORLD_GUID_SIZE];

	world_guid(id);
	exchange_header(x, "x-ms-request-id", "%s", id);
	if (asked != NULL)
		exchange_header(x, "x-ms-client-request-id", "%s", asked);
	exchange_header(x, "x-ms-keyvault-region", "%s", world_location(x->world));
	exchange_header(x, "x-ms-keyvault-service-version", "1.9.2784.1");
	exchange_header(x, "x-ms-keyvault-network-info", "conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;");
	exchange_header(x, "Cache-Control", "no-cache");
	exchange_header(x, "X-Content-Type-Options", "nosniff");
	exchange_header(x, "Strict-Transport-Security", "max-age=31536000;includeSubDomains");
}

/*
 * The challenge: clients compare the vault's host with the resource's, so it must be the vault's
 * parent domain, with the port if there is one.
 */
static void
challenge(struct exchange *x, enum token_verdict verdict, const char *resource)
{
	static const char *const WORDS[] = {
		[TOKEN_GOOD] = "",
		[TOKEN_MISSING] = "AKV10000: Request is missing a Bearer or PoP token.",
		[TOKEN_MALFORMED] = "AKV10001: The bearer token is not a token of this tenant.",
		[TOKEN_EXPIRED] = "[TokenExpired] Error validating token: the token's lifetime is over.",
		[TOKEN_AUDIENCE] = "AKV10022: Invalid audience.",
	};
	_Static_assert(sizeof WORDS / sizeof WORDS[0] == TOKEN_AUDIENCE + 1, "every verdict has its words");
	bool own = text_ends(x->host, ".localhost");

	exchange_header(x, "WWW-Authenticate", "Bearer authorization=\"https://%s%s/%s\", resource=\"%s\"",
	    own ? "login.localhost" : "login.windows.net",
	    exchange_port(x), world_tenant(x->world), resource);
	if (verdict == TOKEN_AUDIENCE)
		exchange_error(x, 401, "Unauthorized", "%s Expected %s.", WORDS[verdict], resource);
	else
		exchange_error(x, 401, "Unauthorized", "%s", WORDS[verdict]);
}

/* Whether the caller is who he says; if not he is challenged. */
static bool
check_caller(struct exchange *x)
{
	RELEASE(text) char *resource = text_format("https://%s", x->authority + strcspn(x->authority, ".") + 1);
	const char *audiences[] = { "https://vault.azure.net", resource };
	enum token_verdict verdict = token_judge(x, audiences, 2);

	if (verdict != TOKEN_GOOD)
		challenge(x, verdict, resource);
	return verdict == TOKEN_GOOD;
}

/*
 * The level of the request's api-version; -1 if it has none or an unknown one, and then the
 * answer is set.
 */
static int
read_level(struct exchange *x)
{
	const char *version = exchange_query(x, "api-version");

	if (version == NULL) {
		exchange_error(x, 400, "BadParameter", "api-version must be specified");
		return -1;
	}
	for (size_t i = 0; i < sizeof VERSIONS / sizeof VERSIONS[0]; i++)
		if (strcmp(VERSIONS[i].name, version) == 0)
			return VERSIONS[i].level;
	exchange_error(x, 400, "BadParameter", "The specified version (%s) is not recognized. Consider "
	    "using the latest supported version (2025-07-01).", version);
	return -1;
}

/* Whether a role of the caller includes the operation. */
static bool
check_role(struct vault_call *c, const char *action)
{
	RELEASE(text) char *scope = vault_scope(c), *full = text_format("Microsoft.KeyVault/vaults/%s", action);
	struct world *w = c->show.world;

	if (roles_allow(w, c->x->principal, scope, full))
		return true;
	exchange_error(c->x, 403, "Forbidden", "Caller is not authorized to perform action on "
	    "resource.\r\nIf role assignments, deny assignments or role "
	    "definitions were changed recently, please observe propagation time.\r\nCaller: "
	    "appid=%s;oid=%s;iss=https://sts.windows.net/%s/\r\nAction: '%s'\r\n"
	    "Resource: '%s'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: "
	    "'DeniedWithNoValidRBAC' \r\nVault: %s;location=%s\r\n",
	    world_client_id(w), c->x->principal, world_tenant(w), full, scope,
	    json_string_value(json_object_get(c->show.vault, "name")), world_location(w));
	exchange_inner(c->x, "ForbiddenByRbac");
	return false;
}

/* Whether the body is of a fair size and a JSON object, where there is one. */
static bool
check_body(struct vault_call *c, const struct route *route)
{
	struct exchange *x = c->x;

	if (x->body_cut || (x->body_size > BODY_MAX && route->handle != vaultbackup_restore)) {
		exchange_error(x, 413, "RequestEntityTooLarge",
		    "The request body is larger than %d bytes.", (int)BODY_MAX);
		return false;
	}
	if (x->body != NULL && !json_is_object(x->body_json)) {
		exchange_error(x, 400, "BadParameter", "The request body is not a JSON object.");
		return false;
	}
	return true;
}

/* Find the route; the answer is set if there is none, or none with this method. */
static const struct route *
find_route(struct vault_call *c, struct route_match *match)
{
	bool other_method = false;

	for (size_t i = 0; i < sizeof ROUTES / sizeof ROUTES[0]; i++) {
		struct route_match tried = { { NULL } };

		if (ROUTES[i].level > c->show.level || !route_match(ROUTES[i].pattern, c->x->path, &tried))
			continue;
		if (strcmp(ROUTES[i].method, c->x->method) == 0) {
			*match = tried;
			return &ROUTES[i];
		}
		other_method = true;
		route_release(&tried);
	}
	if (other_method)
		exchange_error(c->x, 405, "MethodNotAllowed", "The method %s is not allowed here.", c->x->method);
	else
		exchange_error(c->x, 404, "NotFound", "There is no operation at %s in this api-version.", c->x->path);
	return NULL;
}

/* The route is known: check role, name and body, and do it. */
static void
dispatch(struct vault_call *c, const struct route *route, const struct route_match *match)
{
	c->name = match->star[0];
	c->version = match->star[1];
	c->operation = route->operation;
	c->body = json_is_object(c->x->body_json) ? json_incref(c->x->body_json) : json_object();
	if (check_role(c, route->action) && (c->name == NULL || vaultrules_name(c)) && check_body(c, route))
		route->handle(c);
	json_decref(c->body);
}

void
vault_handle(struct exchange *x)
{
	struct vault_call c = { .x = x, .show = { x->world, vaultstore_vault(x->world, x->host), x->authority, -1 } };
	ROUTE struct route_match match = { { NULL } };
	const struct route *route;

	set_headers(x);
	if (c.show.vault == NULL) {
		exchange_error(x, 404, "VaultNotFound",
		    "There is no vault with the host name '%s'; in Azure it would not resolve.", x->host);
		return;
	}
	if (strcmp(x->path, "/healthstatus") == 0) {
		exchange_answer(x, 200, NULL);
		return;
	}
	if (!check_caller(x) || (c.show.level = read_level(x)) < 0)
		return;

	vaultstore_tidy(x->world, c.show.vault);
	vaultrotation_tidy(x->world, c.show.vault);
	route = find_route(&c, &match);
	if (route != NULL)
		dispatch(&c, route, &match);
}
