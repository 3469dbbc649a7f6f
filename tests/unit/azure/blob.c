#include "blob.h"

#include "scope.h"

#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

enum { AES_SIZE = 32, RSA_MAX = 512, KEY_MAX = 4096 };

/* PKCS #8 in DER of a fresh key. */
static bool
make_key(EVP_PKEY **ret_key, uint8_t der[static KEY_MAX], int *ret_size)
{
	PKCS8_PRIV_KEY_INFO *info;
	uint8_t *place = der;

	if ((*ret_key = EVP_RSA_gen(2048)) == NULL || (info = EVP_PKEY2PKCS8(*ret_key)) == NULL)
		return false;
	*ret_size = i2d_PKCS8_PRIV_KEY_INFO(info, NULL);
	if (*ret_size > 0 && *ret_size <= KEY_MAX)
		*ret_size = i2d_PKCS8_PRIV_KEY_INFO(info, &place);
	PKCS8_PRIV_KEY_INFO_free(info);
	return *ret_size > 0 && *ret_size <= KEY_MAX;
}

/* RSA-OAEP with SHA-1 and MGF1-SHA-1. */
static bool
seal_aes_key(const struct public_key *kek, const uint8_t aes[static AES_SIZE],
    uint8_t out[static RSA_MAX], size_t *ret_size)
{
	SCOPE(evp_pkey) EVP_PKEY *key = NULL;
	SCOPE(evp_pkey_ctx) EVP_PKEY_CTX *context = NULL;

	*ret_size = RSA_MAX;
	return publickey_evp(kek, &key, NULL) &&
	    (context = EVP_PKEY_CTX_new(key, NULL)) != NULL &&
	    EVP_PKEY_encrypt_init(context) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha1()) == 1 &&
	    EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha1()) == 1 &&
	    EVP_PKEY_encrypt(context, out, ret_size, aes, AES_SIZE) == 1;
}

/* AES key wrap with padding, RFC 5649. */
static bool
wrap_key(const uint8_t aes[static AES_SIZE], const uint8_t *der, int size, uint8_t *out,
    size_t *ret_size)
{
	SCOPE(evp_cipher_ctx) EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int length = 0, rest = 0;

	EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	if (EVP_EncryptInit_ex(context, EVP_aes_256_wrap_pad(), NULL, aes, NULL) != 1 ||
	    EVP_EncryptUpdate(context, out, &length, der, size) != 1 ||
	    EVP_EncryptFinal_ex(context, out + length, &rest) != 1)
		return false;
	*ret_size = (size_t)(length + rest);
	return true;
}

bool
blob_make(const struct public_key *kek, const char *kid, struct blob *ret_blob)
{
	SCOPE(evp_pkey) EVP_PKEY *key = NULL;
	SCOPE(free) char *encoded = NULL;
	uint8_t aes[AES_SIZE], der[KEY_MAX], cipher[RSA_MAX + KEY_MAX + 16];
	size_t head = 0, tail = 0;
	int size = 0;

	if (!random_bytes(aes, sizeof aes, NULL) || !make_key(&key, der, &size) ||
	    !seal_aes_key(kek, aes, cipher, &head) ||
	    !wrap_key(aes, der, size, cipher + head, &tail) ||
	    !encode_base64url(cipher, head + tail, &encoded, NULL) ||
	    !publickey_from_evp(key, &ret_blob->public_key, NULL))
		return false;
	return asprintf(&ret_blob->text, "{\"schema_version\":\"1.0.0\",\"header\":{\"kid\":\"%s\","
	    "\"alg\":\"dir\",\"enc\":\"CKM_RSA_AES_KEY_WRAP\"},\"ciphertext\":\"%s\","
	    "\"generator\":\"test\"}", kid, encoded) > 0;
}
