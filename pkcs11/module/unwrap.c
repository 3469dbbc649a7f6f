#include "unwrap.h"

#include "scope.h"

#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

enum { PADDING_MAX = 7 };		/* zero bytes up to a block of 64 bits */

/* The plaintext of one blob, wiped whichever way its function is left. */
struct plain {
	size_t size;
	uint8_t bytes[HSM_BLOB_MAX];
};

static void
scope_plain(struct plain *plain)
{
	OPENSSL_cleanse(plain, sizeof *plain);
}

bool
unwrap_kwp(const uint8_t aes[static UNWRAP_AES_SIZE], const uint8_t *wrapped, size_t size,
    uint8_t *ret_plain, size_t *ret_size)
{
	SCOPE(evp_cipher_ctx) EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int got = 0;

	/*
	 * Two blocks are the least that RFC 5649 can make, and OpenSSL reads
	 * whole ones only.
	 */
	if (context == NULL || size < 16 || size % 8 != 0 || size > HSM_BLOB_MAX)
		return false;
	EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	if (EVP_DecryptInit_ex(context, EVP_aes_256_wrap_pad(), NULL, aes, NULL) != 1 ||
	    EVP_DecryptUpdate(context, ret_plain, &got, wrapped, (int)size) != 1 || got <= 0)
		return false;
	*ret_size = (size_t)got;
	return true;
}

/*
 * RFC 8017, 7.1.2, with the hashes that Azure uses. True if exactly an AES-256
 * key comes out.
 */
static bool
unwrap_aes(EVP_PKEY *kek, const uint8_t *block, size_t size, struct plain *aes)
{
	SCOPE(evp_pkey_ctx) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(kek, NULL);

	aes->size = sizeof aes->bytes;
	return context != NULL && EVP_PKEY_decrypt_init(context) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha1()) == 1 &&
	    EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha1()) == 1 &&
	    EVP_PKEY_decrypt(context, aes->bytes, &aes->size, block, size) == 1 &&
	    aes->size == UNWRAP_AES_SIZE;
}

/*
 * The PKCS #8 at the front (RFC 5208, 5): its length, and the public key of
 * what it holds.
 */
static bool
read_pkcs8(const struct plain *plain, struct unwrapped *unwrapped)
{
	const uint8_t *at = plain->bytes;
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)plain->size);
	SCOPE(evp_pkey) EVP_PKEY *key = NULL;

	if (info == NULL)
		return false;
	key = EVP_PKCS82PKEY(info);
	PKCS8_PRIV_KEY_INFO_free(info);
	if (key == NULL)
		return false;
	unwrapped->plain_size = plain->size;
	unwrapped->der_size = (size_t)(at - plain->bytes);
	return publickey_from_evp(key, &unwrapped->public_key, NULL);
}

static enum hsm_wrap_verdict
judge_padding(const struct plain *plain, const struct unwrapped *unwrapped)
{
	if (unwrapped->plain_size == unwrapped->der_size)
		return HSM_WRAP_EXACT;
	if (unwrapped->plain_size - unwrapped->der_size > PADDING_MAX)
		return HSM_WRAP_WRONG;
	for (size_t i = unwrapped->der_size; i < unwrapped->plain_size; i++)
		if (plain->bytes[i] != 0)
			return HSM_WRAP_WRONG;
	return HSM_WRAP_ZERO_PADDED;
}

void
unwrap_blob(EVP_PKEY *kek, const uint8_t *blob, size_t size, struct unwrapped *ret_unwrapped)
{
	__attribute__((cleanup(scope_plain))) struct plain aes, plain;
	size_t modulus = (size_t)EVP_PKEY_get_size(kek);

	memset(ret_unwrapped, 0, sizeof *ret_unwrapped);
	ret_unwrapped->verdict = HSM_WRAP_WRONG;
	ret_unwrapped->reason = "the blob is too short";
	if (size <= modulus || size > HSM_BLOB_MAX)
		return;
	ret_unwrapped->reason = "its first part is not an AES-256 key under RSA-OAEP with SHA-1";
	if (!unwrap_aes(kek, blob, modulus, &aes))
		return;
	ret_unwrapped->reason = "its second part is not RFC 5649 key wrap";
	if (!unwrap_kwp(aes.bytes, blob + modulus, size - modulus, plain.bytes, &plain.size))
		return;
	ret_unwrapped->reason = "what it wraps is not a PKCS #8 private key";
	if (!read_pkcs8(&plain, ret_unwrapped))
		return;
	ret_unwrapped->reason = "more than zero padding follows the PKCS #8";
	ret_unwrapped->verdict = judge_padding(&plain, ret_unwrapped);
}
