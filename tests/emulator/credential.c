#include "credential.h"

#include "bytes.h"
#include "entra.h"
#include "exchange.h"
#include "jws.h"
#include "release.h"
#include "text.h"
#include "world.h"

#include <openssl/pem.h>
#include <string.h>
#include <strings.h>

static const char ASSERTION_TYPE[] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

void
credential_take_basic(struct exchange *x, json_t *form)
{
	const char *header = exchange_request_header(x, "authorization");
	RELEASE(text) char *decoded = NULL, *id = NULL, *secret = NULL;
	size_t length;
	char *colon;

	if (header == NULL || strncasecmp(header, "Basic ", 6) != 0)
		return;
	header += 6;
	length = strlen(header);
	decoded = (char *)bytes_new(length + 4).data;
	if (EVP_DecodeBlock((unsigned char *)decoded, (const unsigned char *)header, (int)length) < 0 ||
	    (colon = strchr(decoded, ':')) == NULL)
		return;

	/* Both halves are form-encoded inside. */
	id = text_decode(decoded, (size_t)(colon - decoded), true);
	secret = text_decode(colon + 1, strlen(colon + 1), true);
	if (json_object_get(form, "client_id") == NULL)
		json_object_set_new(form, "client_id", text_json(id, strlen(id)));
	if (json_object_get(form, "client_secret") == NULL)
		json_object_set_new(form, "client_secret", text_json(secret, strlen(secret)));
}

/* Seconds since 1970 of a certificate's time. */
static json_int_t
seconds(const ASN1_TIME *t)
{
	struct tm tm = { 0 };

	return ASN1_TIME_to_tm(t, &tm) == 1 ? (json_int_t)timegm(&tm) : 0;
}

json_t *
credential_thumbprints(const char *pem)
{
	RELEASE(bio) BIO *bio = BIO_new_mem_buf(pem, -1);
	RELEASE(x509) X509 *certificate = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	unsigned char sha1[EVP_MAX_MD_SIZE], sha256[EVP_MAX_MD_SIZE];
	unsigned sha1_size, sha256_size;

	if (certificate == NULL || EVP_PKEY_get_base_id(X509_get0_pubkey(certificate)) != EVP_PKEY_RSA ||
	    X509_digest(certificate, EVP_sha1(), sha1, &sha1_size) != 1 ||
	    X509_digest(certificate, EVP_sha256(), sha256, &sha256_size) != 1)
		return NULL;
	return json_pack("{s:s, s:o, s:o, s:I, s:I}", "pem", pem, "x5t", bytes_encode_json(sha1, sha1_size),
	    "x5t#S256", bytes_encode_json(sha256, sha256_size), "not_before", seconds(X509_get0_notBefore(certificate)),
	    "not_after", seconds(X509_get0_notAfter(certificate)));
}

/* Compare two thumbprints; libraries pad them, or write the other base64 alphabet. */
static bool
same_thumbprint(const char *ours, const char *theirs)
{
	for (; *ours != '\0'; ours++, theirs++) {
		char c = *theirs == '+' ? '-' : *theirs == '/' ? '_' : *theirs;

		if (*ours != c)
			return false;
	}
	return theirs[strspn(theirs, "=")] == '\0';
}

/*
 * The registered certificate that a JOSE header names; NULL if it names none, or one that is not
 * registered.
 */
static json_t *
find_certificate(struct world *w, const json_t *header, const char **ret_thumbprint)
{
	static const char *const NAMES[] = { "x5t#S256", "x5t" };
	json_t *certificates = json_object_get(w->root, "certificates"), *certificate;
	size_t i;

	for (size_t n = 0; n < 2; n++) {
		const char *thumbprint = json_string_value(json_object_get(header, NAMES[n]));

		if (thumbprint == NULL)
			continue;
		*ret_thumbprint = thumbprint;
		json_array_foreach(certificates, i, certificate)
			if (same_thumbprint(json_string_value(json_object_get(certificate, NAMES[n])), thumbprint))
				return certificate;
	}
	return NULL;
}

/* Check issuer, subject, audience and time of an assertion. */
static bool
check_claims(struct exchange *x, const json_t *claims)
{
	const char *issuer = json_string_value(json_object_get(claims, "iss")),
	    *subject = json_string_value(json_object_get(claims, "sub"));
	const char *audience = json_string_value(json_object_get(claims, "aud"));
	const json_t *expiry = json_object_get(claims, "exp"), *begin = json_object_get(claims, "nbf");
	double now = (double)world_now(x->world), from = json_is_number(begin) ? json_number_value(begin) : now;
	RELEASE(text) char *endpoint = text_format("https://%s%s", x->authority, x->path);
	RELEASE(text) char *text = NULL;

	if (issuer == NULL || subject == NULL || strcasecmp(issuer, world_client_id(x->world)) != 0 ||
	    strcasecmp(subject, issuer) != 0) {
		entra_error(x, 401, "invalid_client", 700021,
		    "Client assertion application identifier doesn't match 'client_id' parameter.");
		return false;
	}
	if (audience == NULL || strcasecmp(audience, endpoint) != 0) {
		entra_error(x, 401, "invalid_client", 700023,
		    "Client assertion audience claim does not match Realm issuer.");
		return false;
	}

	/* Numbers may be floats. The tolerance that is granted for other clocks is five minutes. */
	if (json_is_number(expiry) && json_number_value(expiry) > now - 300 && from < now + 300)
		return true;
	text = text_format("Client assertion is not within its valid time range. Current time: %.0f, "
	    "assertion valid from %.0f, expiry time of assertion %.0f.",
	    now, from, json_number_value(expiry));
	entra_error(x, 401, "invalid_client", 700024, text);
	return false;
}

/* Why a certificate does not vouch for an assertion; NULL if it does. */
static const char *
certificate_fault(struct exchange *x, const json_t *certificate, const struct jws *jws)
{
	const char *pem = json_string_value(json_object_get(certificate, "pem"));
	RELEASE(bio) BIO *bio = pem != NULL ? BIO_new_mem_buf(pem, -1) : NULL;
	RELEASE(x509) X509 *parsed = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	json_int_t now = (json_int_t)world_now(x->world);

	if (parsed == NULL)
		return "The key was not found.";
	if (now >= json_integer_value(json_object_get(certificate, "not_after")) ||
	    now < json_integer_value(json_object_get(certificate, "not_before")))
		return "The key used is expired.";
	if (!jws_verify(jws, X509_get0_pubkey(parsed)))
		return "The provided signature value did not match the expected signature value.";
	return NULL;
}

static bool
check_assertion(struct exchange *x, const char *assertion)
{
	JWS struct jws jws = { 0 };
	RELEASE(text) char *text = NULL;
	const char *thumbprint = NULL, *why;
	json_t *certificate;

	if (!jws_parse(assertion, &jws)) {
		entra_error(x, 401, "invalid_client", 50027, "JWT token is invalid or malformed.");
		return false;
	}
	certificate = find_certificate(x->world, jws.header, &thumbprint);
	if (thumbprint == NULL) {
		entra_error(x, 401, "invalid_client", 50027,
		    "JWT token is invalid or malformed. No certificate thumbprint specified in token "
		    "header.");
		return false;
	}
	why = certificate_fault(x, certificate, &jws);
	if (why == NULL)
		return check_claims(x, jws.claims);
	text = text_format("The certificate with identifier used to sign the client assertion is not "
	    "registered on application. [Reason - %s, Thumbprint of key "
	    "used by client: '%s']", why, thumbprint);
	entra_error(x, 401, "invalid_client", 700027, text);
	return false;
}

/* The constant-time comparison is a habit; nobody measures an emulator. */
static bool
check_secret(struct exchange *x, const char *secret)
{
	const char *ours = world_text(x->world, "client_secret");
	const json_t *expires = json_object_get(json_object_get(x->world->root, "settings"), "client_secret_expires");

	if (strlen(secret) != strlen(ours) || CRYPTO_memcmp(secret, ours, strlen(ours)) != 0) {
		entra_error(x, 401, "invalid_client", 7000215,
		    "Invalid client secret provided. Ensure the secret being sent in the request is the "
		    "client secret "
		    "value, not the client secret ID, for a secret added to the app.");
		return false;
	}
	if (json_is_integer(expires) && json_integer_value(expires) <= (json_int_t)world_now(x->world)) {
		entra_error(x, 401, "invalid_client", 7000222,
		    "The provided client secret keys for the app are expired.");
		return false;
	}
	return true;
}

bool
credential_check(struct exchange *x, const json_t *form)
{
	const char *client = json_string_value(json_object_get(form, "client_id"));
	const char *secret = json_string_value(json_object_get(form, "client_secret"));
	const char *assertion = json_string_value(json_object_get(form, "client_assertion"));
	const char *type = json_string_value(json_object_get(form, "client_assertion_type"));
	RELEASE(text) char *text = NULL;

	if (strcasecmp(client, world_client_id(x->world)) != 0) {
		text = text_format("Application with identifier '%s' was not found in the directory. This "
		    "can happen if the application has not been installed "
		    "by the administrator of the tenant or consented to by any user in the tenant.", client);
		entra_error(x, 400, "unauthorized_client", 700016, text);
		return false;
	}
	if (world_setting(x->world, "client_disabled")) {
		entra_error(x, 400, "unauthorized_client", 7000112, "The application is disabled.");
		return false;
	}
	if (secret != NULL)
		return check_secret(x, secret);
	if (assertion != NULL && type != NULL && strcmp(type, ASSERTION_TYPE) == 0)
		return check_assertion(x, assertion);
	entra_error(x, 401, "invalid_client", 7000218,
	    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.");
	return false;
}
