#include "transferblob.h"

#include "bytes.h"
#include "jwk.h"
#include "release.h"
#include "route.h"
#include "text.h"
#include "vaultrules.h"
#include "vaultstore.h"
#include "world.h"

#include <openssl/rsa.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Size of the ephemeral key, and of the block that RFC 5649 pads to. */
enum { AES_KEY_SIZE = 32, WRAP_BLOCK = 8 };

/* Say why, and return false. */
__attribute__((format(printf, 2, 3))) static bool
refuse(struct transferblob *blob, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(blob->reterr, sizeof blob->reterr, format, list);
	va_end(list);
	return false;
}

/* Decode the file and check the members that are constants. */
static bool
read_file(struct transferblob *blob, json_t **ret_file)
{
	BYTES struct bytes text = { 0 };
	RELEASE(json) json_t *file = NULL;
	const char *version = NULL, *alg = NULL, *enc = NULL, *kid = NULL, *ciphertext = NULL;

	if (!bytes_decode(blob->key_hsm, &text))
		return refuse(blob, "Content of 'key_hsm' is not base64url.");
	file = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
	if (json_unpack(file, "{s:s, s:{s:s, s:s, s:s}, s:s}", "schema_version", &version, "header", "kid",
	    &kid, "alg", &alg, "enc", &enc,
	    "ciphertext", &ciphertext) != 0)
		return refuse(blob, "Content of 'key_hsm' is not a key transfer blob: it needs "
		    "schema_version, header.kid, header.alg, header.enc, ciphertext.");
	if (strcmp(version, "1.0.0") != 0)
		return refuse(blob, "The key transfer blob has an unknown schema_version.");
	if (strcmp(alg, "dir") != 0 || strcmp(enc, "CKM_RSA_AES_KEY_WRAP") != 0)
		return refuse(blob, "The key transfer blob's header must have alg 'dir' and enc "
		    "'CKM_RSA_AES_KEY_WRAP'.");
	*ret_file = file;
	file = NULL;
	return true;
}

/* Whether a version may serve as a key exchange key now. */
static bool
check_kek(struct transferblob *blob, const json_t *kek)
{
	const json_t *attributes = json_object_get(kek, "attributes");
	const json_t *nbf = json_object_get(attributes, "nbf"), *exp = json_object_get(attributes, "exp");
	json_int_t now = (json_int_t)world_now(blob->world);

	if (strcmp(json_string_value(json_object_get(kek, "kty")), "RSA-HSM") != 0)
		return refuse(blob, "The key exchange key is not of type RSA-HSM.");
	if (!vaultrules_is_kek(kek))
		return refuse(blob, "The key exchange key must have 'import' as its only key operation.");
	if (!json_is_true(json_object_get(attributes, "enabled")))
		return refuse(blob, "The key exchange key is disabled.");
	if ((nbf != NULL && now < json_integer_value(nbf)) || (exp != NULL && now >= json_integer_value(exp)))
		return refuse(blob, "The key exchange key is not in its validity period.");
	return true;
}

/* Find the key exchange key by the kid, which must name a version in the vault that imports. */
static EVP_PKEY *
find_kek(struct transferblob *blob, const char *kid)
{
	ROUTE struct route_match match = { { NULL } };
	size_t host_length = strncmp(kid, "https://", 8) == 0 ? strcspn(kid + 8, "/") : 0;
	RELEASE(text) char *host = host_length > 0 ? text_part(kid + 8, host_length) : NULL;
	json_t *kek = NULL;
	EVP_PKEY *key;

	if (host == NULL || !route_match("/keys/*/*", kid + 8 + host_length, &match) || *match.star[1] == '\0') {
		refuse(blob, "The key transfer blob's header.kid is not the full identifier of a key version.");
		return NULL;
	}
	if (vaultstore_vault(blob->world, host) != blob->vault) {
		refuse(blob, "The key exchange key does not lie in this vault.");
		return NULL;
	}
	kek = vaultstore_version(vaultstore_key(blob->vault, match.star[0]), match.star[1]);
	if (kek == NULL) {
		refuse(blob, "The key exchange key was not found in this vault.");
		return NULL;
	}
	key = check_kek(blob, kek) ? jwk_read_pem(json_object_get(kek, "pem")) : NULL;
	return key;
}

/* RFC 8017, 7.1.2, with SHA-1 for the hash and for MGF1 and no label. */
static bool
open_aes_key(EVP_PKEY *kek, const uint8_t *in, size_t in_size, struct bytes *ret_key)
{
	RELEASE(pkey_ctx) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(kek, NULL);
	BYTES struct bytes out = bytes_new((size_t)EVP_PKEY_get_size(kek));

	if (ctx == NULL || EVP_PKEY_decrypt_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha1()) != 1 || EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha1()) != 1 ||
	    EVP_PKEY_decrypt(ctx, out.data, &out.size, in, in_size) != 1 || out.size != AES_KEY_SIZE)
		return false;
	*ret_key = out;
	out = (struct bytes){ NULL, 0 };
	return true;
}

/* RFC 5649, 4.2: OpenSSL checks the alternative initial value, the length in it and the padding. */
static bool
unwrap(const struct bytes *aes_key, const uint8_t *in, size_t in_size, struct bytes *ret_plain)
{
	RELEASE(cipher_ctx) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	BYTES struct bytes out = bytes_new(in_size + WRAP_BLOCK);
	int size = 0, last = 0;

	if (ctx == NULL || in_size % WRAP_BLOCK != 0 || in_size < 2 * WRAP_BLOCK)
		return false;
	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	if (EVP_DecryptInit_ex(ctx, EVP_aes_256_wrap_pad(), NULL, aes_key->data, NULL) != 1 ||
	    EVP_DecryptUpdate(ctx, out.data, &size, in, (int)in_size) != 1 ||
	    EVP_DecryptFinal_ex(ctx, out.data + size, &last) != 1)
		return false;
	out.size = (size_t)(size + last);
	*ret_plain = out;
	out = (struct bytes){ NULL, 0 };
	return true;
}

/*
 * Parse the PKCS#8 (RFC 5208). After its DER nothing may follow but, where that is allowed,
 * fewer than eight zero bytes.
 */
static bool
parse_key(struct transferblob *blob, const struct bytes *plain)
{
	const uint8_t *at = plain->data, *end = plain->data + plain->size;
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)plain->size);
	EVP_PKEY *key = info != NULL ? EVP_PKCS82PKEY(info) : NULL;
	RELEASE(pkey_ctx) EVP_PKEY_CTX *check = key != NULL ? EVP_PKEY_CTX_new(key, NULL) : NULL;
	size_t left = (size_t)(end - at);
	bool zeros = left < WRAP_BLOCK;

	PKCS8_PRIV_KEY_INFO_free(info);
	if (check == NULL || EVP_PKEY_pairwise_check(check) != 1) {
		EVP_PKEY_free(key);
		return refuse(blob, "The unwrapped key material is not a private key in PKCS#8.");
	}
	for (; at < end; at++)
		zeros = zeros && *at == 0;
	if (left > 0 && (!zeros || !world_setting(blob->world, "accept_zero_padded"))) {
		EVP_PKEY_free(key);
		return refuse(blob, "The unwrapped key material has %zu bytes after the PKCS#8 structure.", left);
	}
	blob->ret_key = key;
	blob->ret_zero_padded = left > 0;
	return true;
}

bool
transferblob_open(struct transferblob *blob)
{
	RELEASE(json) json_t *file = NULL;
	RELEASE(pkey) EVP_PKEY *kek = NULL;
	BYTES struct bytes ciphertext = { 0 }, aes_key = { 0 }, plain = { 0 };
	size_t rsa_size;

	if (!read_file(blob, &file))
		return false;
	if (!bytes_decode(json_string_value(json_object_get(file, "ciphertext")), &ciphertext))
		return refuse(blob, "The key transfer blob's ciphertext is not base64url.");
	kek = find_kek(blob, json_string_value(json_object_get(json_object_get(file, "header"), "kid")));
	if (kek == NULL)
		return false;

	/*
	 * The first part is as long as the key exchange key's modulus; the rest is the wrapped
	 * key.
	 */
	rsa_size = (size_t)EVP_PKEY_get_size(kek);
	if (ciphertext.size <= rsa_size || !open_aes_key(kek, ciphertext.data, rsa_size, &aes_key))
		return refuse(blob, "The key transfer blob cannot be decrypted with the key exchange key "
		    "that it names.");
	if (!unwrap(&aes_key, ciphertext.data + rsa_size, ciphertext.size - rsa_size, &plain))
		return refuse(blob, "The key transfer blob's wrapped key is damaged, or not wrapped by RFC 5649.");
	return parse_key(blob, &plain);
}
