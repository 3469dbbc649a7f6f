#include "entra.h"

#include "credential.h"
#include "exchange.h"
#include "jwk.h"
#include "release.h"
#include "route.h"
#include "text.h"
#include "token.h"
#include "world.h"

#include <string.h>
#include <strings.h>
#include <time.h>

/* Resources that tokens can be had for. */
static const char *const RESOURCES[] = {
	"https://vault.azure.net", "https://vault.localhost", "https://vault.localhost:*",
	"https://management.azure.com", "https://management.core.windows.net",
	    "https://management.localhost", "https://management.localhost:*",
	"https://graph.microsoft.com", "https://graph.localhost", "https://graph.localhost:*",
	"https://dicom.healthcareapis.azure.com", "https://*.azurehealthcareapis.com",
	"https://*.fhir.localhost", "https://*.fhir.localhost:*", "https://*.dicom.localhost",
	    "https://*.dicom.localhost:*",
	"https://*.azurehealthcareapis.localhost", "https://*.azurehealthcareapis.localhost:*",
};

/* The names under which one sign-in host is known. */
static const char *const ALIASES[] = { "login.microsoftonline.com", "login.windows.net",
    "login.microsoft.com", "sts.windows.net" };

void
entra_error(struct exchange *x, unsigned status, const char *error, int code, const char *description)
{
	char trace[WORLD_GUID_SIZE], correlation[WORLD_GUID_SIZE], when[TEXT_TIME_SIZE];
	const char *asked = exchange_request_header(x, "client-request-id");
	RELEASE(text) char *text = NULL, *uri = NULL;

	world_guid(trace);
	world_guid(correlation);
	text_time(world_now(x->world), 0, when);
	when[10] = ' ';
	memcpy(when + 19, "Z", 2);
	asked = asked != NULL ? asked : correlation;
	text = text_format("AADSTS%d: %s\r\nTrace ID: %s\r\nCorrelation ID: %s\r\nTimestamp: %s", code,
	    description, trace, asked, when);
	uri = text_format("https://%s/error?code=%d", x->authority, code);
	exchange_answer(x, status, json_pack("{s:s, s:o, s:[i], s:s, s:s, s:s, s:s}", "error", error,
	    "error_description",
	    text_json(text, strlen(text)), "error_codes", code, "timestamp", when, "trace_id", trace,
	    "correlation_id", asked, "error_uri", uri));
}

/* Whether the tenant in a path is ours; if not the answer is set. */
static bool
check_tenant(struct exchange *x, const char *tenant)
{
	RELEASE(text) char *text = NULL;

	if (strcasecmp(tenant, world_tenant(x->world)) == 0)
		return true;
	text = text_format("Tenant '%s' not found. Check to make sure you have the correct tenant ID and "
	    "are signing into the correct cloud. Check with "
	    "your subscription administrator, this may happen if there are no active subscriptions for the "
	    "tenant.", tenant);
	entra_error(x, 400, "invalid_request", 90002, text);
	return false;
}

/* OpenID Connect discovery; "common" and "organizations" stand for a tenant not yet known. */
static void
get_configuration(struct exchange *x, const struct route_match *match)
{
	const char *tenant = match->star[0];
	bool open = strcasecmp(tenant, "common") == 0 || strcasecmp(tenant, "organizations") == 0;
	RELEASE(text) char *base = text_format("https://%s/%s", x->authority, tenant);
	RELEASE(text) char *token = text_format("%s/oauth2/v2.0/token", base);
	RELEASE(text) char *authorize = text_format("%s/oauth2/v2.0/authorize", base);
	RELEASE(text) char *device = text_format("%s/oauth2/v2.0/devicecode", base);
	RELEASE(text) char *keys = text_format("%s/discovery/v2.0/keys", base);
	RELEASE(text) char *issuer = text_format("https://%s/%s/v2.0", x->authority, open ? "{tenantid}" : tenant);

	if (!open && !check_tenant(x, tenant))
		return;
	exchange_answer(x, 200, json_pack("{s:s, s:[sss], s:s, s:[s], s:s, s:s, s:s, s:[s], s:[ssss], s:s, s:s, s:s}",
	    "token_endpoint", token, "token_endpoint_auth_methods_supported", "client_secret_post",
	    "private_key_jwt", "client_secret_basic",
	    "jwks_uri", keys, "subject_types_supported", "pairwise", "issuer", issuer,
	    "authorization_endpoint", authorize,
	    "device_authorization_endpoint", device, "id_token_signing_alg_values_supported", "RS256",
	    "scopes_supported", "openid", "profile", "email", "offline_access", "tenant_region_scope", "EU",
	    "cloud_instance_name", "microsoftonline.com", "msgraph_host", "graph.microsoft.com"));
}

/*
 * Instance discovery: which host is it that is asked about, and where its configuration lies.
 * MSAL drops the port from its question.
 */
static void
get_instance(struct exchange *x, const struct route_match *match)
{
	const char *asked = exchange_query(x, "authorization_endpoint");
	RELEASE(text) char *host = NULL, *tenant = NULL, *port = NULL, *endpoint = NULL;
	json_t *aliases = json_array();
	size_t host_length;
	bool own;

	(void)match;
	if (asked == NULL || strncmp(asked, "https://", 8) != 0) {
		json_decref(aliases);
		entra_error(x, 400, "invalid_request", 900144,
		    "The request must contain the following parameter: 'authorization_endpoint'.");
		return;
	}
	host_length = strcspn(asked + 8, "/:");
	host = text_part(asked + 8, host_length);
	asked += 8 + strcspn(asked + 8, "/");
	tenant = *asked == '/' ? text_part(asked + 1, strcspn(asked + 1, "/")) : text_copy("common");
	own = text_ends(host, ".localhost");
	port = own && x->world->port != 443 ? text_format(":%u", x->world->port) :
	    text_copy(own ? "" : exchange_port(x));
	endpoint = text_format("https://%s%s/%s/v2.0/.well-known/openid-configuration", host, port, tenant);

	for (size_t i = 0; !own && i < sizeof ALIASES / sizeof ALIASES[0]; i++)
		json_array_append_new(aliases, json_string(ALIASES[i]));
	if (own)
		json_array_append_new(aliases, json_string(host));
	exchange_answer(x, 200, json_pack("{s:s, s:s, s:[{s:s, s:s, s:o}]}", "tenant_discovery_endpoint",
	    endpoint, "api-version", "1.1", "metadata",
	    "preferred_network", own ? host : ALIASES[0], "preferred_cache", own ? host : ALIASES[1],
	    "aliases", aliases));
}

/* The public key that access tokens can be checked with. */
static void
get_keys(struct exchange *x, const struct route_match *match)
{
	RELEASE(pkey) EVP_PKEY *key = jwk_read_pem(json_object_get(x->world->root, "issuer_pem"));
	json_t *jwk = key != NULL ? jwk_public(key) : json_object();

	(void)match;
	json_object_set_new(jwk, "kty", json_string("RSA"));
	json_object_set_new(jwk, "use", json_string("sig"));
	json_object_set_new(jwk, "kid", json_string("emulator-1"));
	exchange_answer(x, 200, json_pack("{s:[o]}", "keys", jwk));
}

/*
 * Take the one resource out of a scope; NULL if the scope will not do, and then the answer is
 * set.
 */
static char *
scope_resource(struct exchange *x, const char *scope)
{
	size_t length = strlen(scope);
	RELEASE(text) char *resource = NULL, *text = NULL;

	if (strpbrk(scope, " \t") != NULL) {
		entra_error(x, 400, "invalid_scope", 700022,
		    "The provided value for the input parameter 'scope' is not valid because it contains "
		    "more than "
		    "one resource.");
		return NULL;
	}
	if (!text_ends(scope, "/.default")) {
		entra_error(x, 400, "invalid_scope", 1002012,
		    "The provided value for scope is not valid. Client credential flows must have a scope "
		    "value with "
		    "/.default suffixed to the resource identifier (application ID URI).");
		return NULL;
	}
	resource = text_part(scope, length - strlen("/.default"));

	/*
	 * A resource with a slash at its end keeps it in the token's audience, and is the same
	 * resource.
	 */
	for (size_t i = 0; i < sizeof RESOURCES / sizeof RESOURCES[0]; i++) {
		RELEASE(text) char *slashed = text_format("%s/", RESOURCES[i]);

		if (text_glob(RESOURCES[i], resource) || text_glob(slashed, resource)) {
			char *found = resource;

			resource = NULL;
			return found;
		}
	}
	text = text_format("The resource principal named %s was not found in the tenant named %s. This can "
	    "happen if the application has not been installed by "
	    "the administrator of the tenant or consented to by any user in the tenant.", resource,
	    world_tenant(x->world));
	entra_error(x, 400, "invalid_resource", 500011, text);
	return NULL;
}

/* Whether the fields that every token request needs are there; if not the answer is set. */
static bool
check_fields(struct exchange *x, const json_t *form)
{
	static const char *const NEEDED[] = { "grant_type", "client_id", "scope" };
	const char *grant = json_string_value(json_object_get(form, "grant_type"));

	for (size_t i = 0; i < sizeof NEEDED / sizeof NEEDED[0]; i++) {
		RELEASE(text) char *text = NULL;

		if (json_object_get(form, NEEDED[i]) != NULL)
			continue;
		text = text_format("The request body must contain the following parameter: '%s'.", NEEDED[i]);
		entra_error(x, 400, "invalid_request", 900144, text);
		return false;
	}
	if (strcmp(grant, "client_credentials") == 0)
		return true;
	entra_error(x, 400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.");
	return false;
}

static void
post_token(struct exchange *x, const struct route_match *match)
{
	const char *type = exchange_request_header(x, "content-type");
	bool is_form = type != NULL && strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0;
	RELEASE(json) json_t *form = is_form && x->body != NULL ?
	    text_pairs((const char *)x->body, x->body_size) : json_object();
	RELEASE(text) char *resource = NULL, *token = NULL;

	exchange_header(x, "Cache-Control", "no-store, no-cache");
	if (!check_tenant(x, match->star[0]))
		return;
	credential_take_basic(x, form);
	if (!check_fields(x, form) || !credential_check(x, form))
		return;
	resource = scope_resource(x, json_string_value(json_object_get(form, "scope")));
	if (resource == NULL)
		return;
	token = token_issue(x->world, resource);
	exchange_answer(x, 200, json_pack("{s:s, s:i, s:i, s:s}", "token_type", "Bearer", "expires_in",
	    (int)TOKEN_LIFETIME_S,
	    "ext_expires_in", (int)TOKEN_LIFETIME_S, "access_token", token != NULL ? token : ""));
}

static const struct {
	const char *method, *pattern;
	void (*handle)(struct exchange *x, const struct route_match *match);
} ROUTES[] = {
	{ "GET", "/common/discovery/instance", get_instance },
	{ "GET", "/*/v2.0/.well-known/openid-configuration", get_configuration },
	{ "GET", "/*/discovery/v2.0/keys", get_keys },
	{ "POST", "/*/oauth2/v2.0/token", post_token },
};

void
entra_handle(struct exchange *x)
{
	char id[WORLD_GUID_SIZE];
	const char *asked = exchange_request_header(x, "client-request-id");

	world_guid(id);
	exchange_header(x, "x-ms-request-id", "%s", id);
	if (asked != NULL)
		exchange_header(x, "client-request-id", "%s", asked);
	for (size_t i = 0; i < sizeof ROUTES / sizeof ROUTES[0]; i++) {
		ROUTE struct route_match match = { { NULL } };

		if (strcmp(ROUTES[i].method, x->method) != 0 || !route_match(ROUTES[i].pattern, x->path, &match))
			continue;
		ROUTES[i].handle(x, &match);
		return;
	}
	entra_error(x, 404, "invalid_request", 90023, "The endpoint does not exist.");
}

void
entra_graph_handle(struct exchange *x)
{
	static const char *const AUDIENCES[] = { "https://graph.microsoft.com", "https://graph.localhost" };

	if (!token_check(x, AUDIENCES, sizeof AUDIENCES / sizeof AUDIENCES[0]))
		return;
	if (strcmp(x->method, "POST") == 0 && strcmp(x->path, "/v1.0/directoryObjects/getByIds") == 0)
		exchange_answer(x, 200, json_pack("{s:[{s:s, s:s, s:s, s:s}]}", "value", "@odata.type",
		    "#microsoft.graph.servicePrincipal",
		    "id", world_client_object_id(x->world), "appId", world_client_id(x->world),
		    "displayName", "keyturn"));
	else
		exchange_error(x, 404, "Request_ResourceNotFound",
		    "The emulator knows only directoryObjects/getByIds here.");
}
