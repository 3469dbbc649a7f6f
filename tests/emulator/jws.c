#include "jws.h"

#include "release.h"
#include "text.h"

#include <openssl/rsa.h>
#include <string.h>

/* Encode the compact JSON of an object. */
static char *
encode(const json_t *json)
{
	RELEASE(text) char *text = json_dumps(json, JSON_COMPACT);

	return bytes_encode((const uint8_t *)text, strlen(text));
}

char *
jws_sign(EVP_PKEY *key, json_t *header, json_t *claims)
{
	RELEASE(text) char *first = encode(header), *second = encode(claims), *third = NULL;
	RELEASE(text) char *input = text_format("%s.%s", first, second);
	RELEASE(md_ctx) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	BYTES struct bytes signature = bytes_new((size_t)EVP_PKEY_get_size(key));

	json_decref(header);
	json_decref(claims);
	if (ctx == NULL || EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) != 1 ||
	    EVP_DigestSign(ctx, signature.data, &signature.size, (const uint8_t *)input, strlen(input)) != 1)
		return NULL;
	third = bytes_encode(signature.data, signature.size);
	return text_format("%s.%s", input, third);
}

/* Decode one part into a JSON object. */
static json_t *
decode(const char *text, size_t length)
{
	RELEASE(text) char *part = text_part(text, length);
	BYTES struct bytes b = { 0 };
	json_t *json;

	if (!bytes_decode(part, &b))
		return NULL;
	json = json_loadb((const char *)b.data, b.size, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(json))
		return json;
	json_decref(json);
	return NULL;
}

bool
jws_parse(const char *text, struct jws *ret_jws)
{
	const char *first_dot = strchr(text, '.');
	const char *second_dot = first_dot != NULL ? strchr(first_dot + 1, '.') : NULL;
	struct jws jws = { .text = text };

	if (second_dot == NULL)
		return false;
	jws.signed_size = (size_t)(second_dot - text);
	jws.header = decode(text, (size_t)(first_dot - text));
	jws.claims = decode(first_dot + 1, (size_t)(second_dot - first_dot) - 1);
	if (jws.header != NULL && jws.claims != NULL && bytes_decode(second_dot + 1, &jws.signature)) {
		*ret_jws = jws;
		return true;
	}
	jws_release(&jws);
	return false;
}

void
jws_release(struct jws *jws)
{
	json_decref(jws->header);
	json_decref(jws->claims);
	bytes_release(&jws->signature);
	jws->header = jws->claims = NULL;
}

bool
jws_verify(const struct jws *jws, EVP_PKEY *key)
{
	const char *alg = json_string_value(json_object_get(jws->header, "alg"));
	bool pss = alg != NULL && strcmp(alg, "PS256") == 0;
	RELEASE(md_ctx) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pkey_ctx = NULL;

	if (alg == NULL || (!pss && strcmp(alg, "RS256") != 0) || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
		return false;
	if (ctx == NULL || EVP_DigestVerifyInit(ctx, &pkey_ctx, EVP_sha256(), NULL, key) != 1)
		return false;

	/* RFC 7518, 3.5: the salt is as long as the hash. */
	if (pss && (EVP_PKEY_CTX_set_rsa_padding(pkey_ctx, RSA_PKCS1_PSS_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(pkey_ctx, 32) != 1))
		return false;
	return EVP_DigestVerify(ctx, jws->signature.data, jws->signature.size, (const uint8_t *)jws->text,
	    jws->signed_size) == 1;
}
