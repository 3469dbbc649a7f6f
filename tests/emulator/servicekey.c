#include "servicekey.h"

#include "armtext.h"
#include "encryption.h"
#include "release.h"
#include "resource.h"
#include "text.h"
#include "vaultkeys.h"
#include "world.h"

#include <openssl/crypto.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

/* The provider tests a key with this algorithm, so it is what wraps data keys here. */
static const char ALGORITHM[] = "RSA1_5";

/* Base64url characters of a modulus of 2048 and of 3072 bits. */
enum { MODULUS_2048 = 342, MODULUS_3072 = 512 };

static bool refuse(struct encryption_refusal *refusal, const char *code, const char *format, ...) __attribute__((format(printf, 3, 4)));

static bool
refuse(struct encryption_refusal *refusal, const char *code, const char *format, ...)
{
	va_list list;

	refusal->code = code;
	va_start(list, format);
	(void)vsnprintf(refusal->message, sizeof refusal->message, format, list);
	va_end(list);
	return false;
}

void
servicekey_url_release(struct servicekey_url *url)
{
	free(url->vault);
	free(url->name);
	free(url->version);
	memset(url, 0, sizeof *url);
}

bool
servicekey_parse(const char *url, struct servicekey_url *ret_url)
{
	static const char FORM[] = "^https://([a-z0-9-]+)[.]vault[.](azure[.]net(:443)?|localhost(:[0-9]+)?)/keys/([0-9a-z-]+)(/([0-9a-z]+))?/?$";
	regmatch_t at[8];
	regex_t form;
	bool match;

	memset(ret_url, 0, sizeof *ret_url);
	if (regcomp(&form, FORM, REG_EXTENDED | REG_ICASE) != 0)
		return false;
	match = regexec(&form, url, 8, at, 0) == 0;
	regfree(&form);
	if (!match)
		return false;

	/* Groups 1, 5 and 7: vault, key, version. */
	ret_url->vault = text_part(url + at[1].rm_so, (size_t)(at[1].rm_eo - at[1].rm_so));
	ret_url->name = text_part(url + at[5].rm_so, (size_t)(at[5].rm_eo - at[5].rm_so));
	if (at[7].rm_so >= 0)
		ret_url->version = text_part(url + at[7].rm_so, (size_t)(at[7].rm_eo - at[7].rm_so));
	return true;
}

const char *
servicekey_principal(struct world *w, const json_t *resource)
{
	json_t *users = resource_at(resource, "identity.userAssignedIdentities"), *user;
	const char *id, *principal;

	if (strcasecmp(resource_text(resource, "type"), "Microsoft.HealthcareApis/services") == 0)
		return world_text(w, "cosmos_object_id");
	json_object_foreach(users, id, user)
		if ((principal = resource_text(user, "principalId")) != NULL)
			return principal;
	return resource_text(resource, "identity.principalId");
}

char *
servicekey_versioned(struct world *w, const char *url)
{
	SERVICEKEY_URL parts;
	RELEASE(text) char *host = NULL, *plain = NULL;
	RELEASE(json) json_t *bundle = NULL;
	const char *kid;

	if (!servicekey_parse(url, &parts))
		return NULL;
	host = text_format("%s.vault.azure.net", parts.vault);
	if (parts.version != NULL)
		return text_format("https://%s/keys/%s/%s", host, parts.name, parts.version);

	/* Without a version, the vault says which is the newest. */
	plain = text_format("https://%s/keys/%s", host, parts.name);
	if ((bundle = vaultkeys_bundle(w, plain, host)) == NULL || (kid = resource_text(bundle, "key.kid")) == NULL)
		return NULL;
	return text_copy(kid);
}

/* The rules that hold for the vault and the key, whoever asks. */
static bool
rules_check(const struct servicekey *use, struct encryption_refusal *refusal)
{
	SERVICEKEY_URL parts;
	RELEASE(json) json_t *bundle = NULL;
	RELEASE(text) char *host = NULL;
	json_t *vault;
	const char *kty;
	size_t modulus;

	if (!servicekey_parse(use->url, &parts) || parts.version == NULL)
		return refuse(refusal, "InvalidKeyEncryptionKeyUrl", "'%s' is not the URL of a key version in a vault.", use->url);
	vault = json_object_get(json_object_get(use->world->root, "vaults"), parts.vault);
	if (vault == NULL)
		return refuse(refusal, "CustomerManagedKeyAccessLost", "The vault '%s' was not found (VaultNotFound).", parts.vault);
	if (!json_is_true(json_object_get(vault, "purge_protection")))
		return refuse(refusal, "InvalidEncryptionKey", "The vault '%s' has no purge protection.", parts.vault);

	/* RSA of two sizes only; what is longer cannot protect the database below. */
	host = text_format("%s.vault.azure.net", parts.vault);
	if ((bundle = vaultkeys_bundle(use->world, use->url, host)) == NULL)
		return refuse(refusal, "CustomerManagedKeyAccessLost", "The key '%s' was not found (KeyNotFound).", use->url);
	kty = resource_text(bundle, "key.kty");
	if (kty == NULL || (strcmp(kty, "RSA") != 0 && strcmp(kty, "RSA-HSM") != 0))
		return refuse(refusal, "InvalidEncryptionKey", "The key '%s' is of type '%s'; RSA is needed.", use->url, kty == NULL ? "" : kty);
	modulus = strlen(resource_text(bundle, "key.n"));
	if (modulus != MODULUS_2048 && modulus != MODULUS_3072)
		return refuse(refusal, "InvalidEncryptionKey", "The key '%s' has neither 2048 nor 3072 bits.", use->url);
	return true;
}

bool
servicekey_unwrap(const struct servicekey *use, const char *wrapped, uint8_t ret_key[static SEAL_KEY_SIZE], const char **ret_why)
{
	struct vaultkeys_call call = { .key_url = use->url, .alg = ALGORITHM, .principal = servicekey_principal(use->world, use->resource) };
	uint8_t *in = NULL;
	bool right;

	*ret_why = "BadParameter";
	if (call.principal == NULL) {
		*ret_why = "ForbiddenByRbac";
		return false;
	}
	if (wrapped == NULL || (in = armtext_unbase64(wrapped, &call.in_size)) == NULL)
		return false;
	call.in = in;
	right = vaultkeys_unwrap(use->world, &call);
	free(in);
	if (!right) {
		*ret_why = call.reterr_why;
		return false;
	}

	/* Another size can only mean that the key behind the URL changed. */
	right = call.ret_size == SEAL_KEY_SIZE;
	if (right)
		memcpy(ret_key, call.ret_out, SEAL_KEY_SIZE);
	OPENSSL_cleanse(call.ret_out, call.ret_size);
	free(call.ret_out);
	return right;
}

bool
servicekey_take(const struct servicekey *use, const uint8_t key[static SEAL_KEY_SIZE], json_t **ret_wrapped, struct encryption_refusal *refusal)
{
	struct vaultkeys_call call = { .key_url = use->url, .alg = ALGORITHM, .principal = servicekey_principal(use->world, use->resource),
		.in = key, .in_size = SEAL_KEY_SIZE };
	uint8_t back[SEAL_KEY_SIZE];
	const char *why;
	json_t *wrapped;
	bool same;

	if (call.principal == NULL)
		return refuse(refusal, "InvalidIdentity", "A customer-managed key needs a managed identity.");
	if (!rules_check(use, refusal))
		return false;

	/* Wrap, unwrap, compare: the provider's own test of a key. */
	if (!vaultkeys_wrap(use->world, &call))
		return refuse(refusal, "CustomerManagedKeyAccessLost", "Wrapping with the key '%s' failed: %s.", use->url, call.reterr_why);
	wrapped = armtext_base64(call.ret_out, call.ret_size);
	free(call.ret_out);
	if (!servicekey_unwrap(use, json_string_value(wrapped), back, &why)) {
		json_decref(wrapped);
		return refuse(refusal, "CustomerManagedKeyAccessLost", "Unwrapping with the key '%s' failed: %s.", use->url, why);
	}
	same = CRYPTO_memcmp(back, key, sizeof back) == 0;
	OPENSSL_cleanse(back, sizeof back);
	if (!same) {
		json_decref(wrapped);
		return refuse(refusal, "CustomerManagedKeyAccessLost", "The key '%s' does not unwrap what it wrapped.", use->url);
	}
	*ret_wrapped = wrapped;
	return true;
}
