#include "seal.h"

#include "armtext.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

enum { NONCE_SIZE = 12, TAG_SIZE = 16 };

void
seal_key(uint8_t key[static SEAL_KEY_SIZE])
{

	if (RAND_bytes(key, SEAL_KEY_SIZE) != 1)
		abort();
}

json_t *
seal_close(const uint8_t key[static SEAL_KEY_SIZE], const json_t *record)
{
	char *text = json_dumps(record, JSON_COMPACT);
	size_t size = strlen(text);
	uint8_t *out = calloc(1, NONCE_SIZE + size + TAG_SIZE);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	json_t *sealed;
	int n;

	/* None of these can fail but for want of memory or of randomness. */
	if (text == NULL || out == NULL || ctx == NULL || RAND_bytes(out, NONCE_SIZE) != 1 ||
	    EVP_EncryptInit_ex2(ctx, EVP_aes_256_gcm(), key, out, NULL) != 1 ||
	    EVP_EncryptUpdate(ctx, out + NONCE_SIZE, &n, (const uint8_t *)text, (int)size) != 1 ||
	    EVP_EncryptFinal_ex(ctx, out + NONCE_SIZE + size, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, out + NONCE_SIZE + size) != 1)
		abort();
	sealed = armtext_base64(out, NONCE_SIZE + size + TAG_SIZE);
	EVP_CIPHER_CTX_free(ctx);
	free(out);
	free(text);
	return sealed;
}

json_t *
seal_open(const uint8_t key[static SEAL_KEY_SIZE], const json_t *sealed)
{
	EVP_CIPHER_CTX *ctx = NULL;
	uint8_t *in, *plain = NULL;
	json_t *record = NULL;
	size_t size;
	int n;

	/* Nonce and tag must be there before anything is looked at. */
	if ((in = armtext_unbase64(json_string_value(sealed), &size)) == NULL)
		return NULL;
	if (size < NONCE_SIZE + TAG_SIZE)
		goto done;
	size -= NONCE_SIZE + TAG_SIZE;

	/* The tag decides whether this is the right key. */
	if ((ctx = EVP_CIPHER_CTX_new()) == NULL || (plain = malloc(size + 1)) == NULL ||
	    EVP_DecryptInit_ex2(ctx, EVP_aes_256_gcm(), key, in, NULL) != 1 ||
	    EVP_DecryptUpdate(ctx, plain, &n, in + NONCE_SIZE, (int)size) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, in + NONCE_SIZE + size) != 1 ||
	    EVP_DecryptFinal_ex(ctx, plain + size, &n) != 1)
		goto done;
	record = json_loadb((const char *)plain, size, 0, NULL);

done:
	EVP_CIPHER_CTX_free(ctx);
	free(plain);
	free(in);
	return record;
}
