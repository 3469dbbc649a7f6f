#include "token.h"

#include "exchange.h"
#include "jwk.h"
#include "jws.h"
#include "release.h"
#include "text.h"
#include "world.h"

#include <string.h>
#include <strings.h>

char *
token_issue(struct world *w, const char *audience)
{
	RELEASE(pkey) EVP_PKEY *key = jwk_read_pem(json_object_get(w->root, "issuer_pem"));
	RELEASE(text) char *issuer = text_format("https://sts.windows.net/%s/", world_tenant(w));
	json_int_t now = (json_int_t)world_now(w);
	char id[WORLD_GUID_SIZE];

	if (key == NULL)
		return NULL;
	world_guid(id);

	/*
	 * The claims of a version 1 application token, as Key Vault and Resource Manager get
	 * them.
	 */
	return jws_sign(key, json_pack("{s:s, s:s, s:s}", "typ", "JWT", "alg", "RS256", "kid", "emulator-1"),
	    json_pack("{s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "aud", audience,
	    "iss", issuer, "iat", now,
	    "nbf", now, "exp", now + TOKEN_LIFETIME_S, "appid", world_client_id(w), "appidacr", "1", "idtyp", "app",
	    "oid", world_client_object_id(w), "sub", world_client_object_id(w), "tid", world_tenant(w),
	    "uti", id, "ver", "1.0"));
}

/* Compare two audiences; one slash at the end of either makes no difference. */
static bool
same_audience(const char *a, const char *b)
{
	size_t a_length = strlen(a), b_length = strlen(b);

	if (a_length > 0 && a[a_length - 1] == '/')
		a_length--;
	if (b_length > 0 && b[b_length - 1] == '/')
		b_length--;
	return a_length == b_length && strncasecmp(a, b, a_length) == 0;
}

static bool
listed(const char *audience, const char *const *audiences, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (audience != NULL && same_audience(audience, audiences[i]))
			return true;
	return false;
}

enum token_verdict
token_judge(struct exchange *x, const char *const *audiences, size_t count)
{
	const char *header = exchange_request_header(x, "authorization");
	RELEASE(pkey) EVP_PKEY *key = NULL;
	JWS struct jws jws = { 0 };
	const char *oid;

	if (header == NULL || strncasecmp(header, "Bearer ", 7) != 0)
		return TOKEN_MISSING;

	/* Only what this world's issuer signed counts, for the one client that exists. */
	key = jwk_read_pem(json_object_get(x->world->root, "issuer_pem"));
	if (key == NULL || !jws_parse(header + 7, &jws) || !jws_verify(&jws, key))
		return TOKEN_MALFORMED;
	oid = json_string_value(json_object_get(jws.claims, "oid"));
	if (oid == NULL || strcmp(oid, world_client_object_id(x->world)) != 0)
		return TOKEN_MALFORMED;

	if (json_integer_value(json_object_get(jws.claims, "exp")) <= (json_int_t)world_now(x->world))
		return TOKEN_EXPIRED;
	if (!listed(json_string_value(json_object_get(jws.claims, "aud")), audiences, count))
		return TOKEN_AUDIENCE;
	x->principal = world_client_object_id(x->world);
	return TOKEN_GOOD;
}

/* How Resource Manager words its refusals. */
static const struct {
	const char *code, *message;
} REFUSALS[] = {
	[TOKEN_GOOD] = { NULL, NULL },
	[TOKEN_MISSING] = { "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing." },
	[TOKEN_MALFORMED] = { "InvalidAuthenticationToken", "The access token is invalid." },
	[TOKEN_EXPIRED] = { "ExpiredAuthenticationToken",
	    "The access token expiry UTC time is earlier than the current UTC time." },
	[TOKEN_AUDIENCE] = { "InvalidAuthenticationTokenAudience",
	    "The access token has been obtained for wrong audience or resource. It should exactly match "
	    "with one of the allowed audiences." },
};
_Static_assert(sizeof REFUSALS / sizeof REFUSALS[0] == TOKEN_AUDIENCE + 1, "every verdict has its words");

bool
token_check(struct exchange *x, const char *const *audiences, size_t count)
{
	enum token_verdict verdict = token_judge(x, audiences, count);

	if (verdict == TOKEN_GOOD)
		return true;
	exchange_error(x, 401, REFUSALS[verdict].code, "%s", REFUSALS[verdict].message);
	exchange_header(x, "WWW-Authenticate", "Bearer "
	    "authorization_uri=\"https://login.windows.net/%s\"%s", world_tenant(x->world),
	    verdict == TOKEN_MISSING ? "" : ", error=\"invalid_token\"");
	return false;
}
