#ifndef TRANSFERBLOB_H
#define TRANSFERBLOB_H

/*
 * Opening a BYOK transfer blob (Key Vault, "Bring your own key specification"): RSA-OAEP with
 * SHA-1 around an AES-256 key, which wraps a PKCS#8 by RFC 5649.
 */

#include <jansson.h>
#include <openssl/evp.h>
#include <stdbool.h>

struct world;

struct transferblob {
	struct world *world;
	json_t *vault;			/* the key exchange key must lie in it */
	const char *key_hsm;		/* base64url of the whole .byok file */
	EVP_PKEY *ret_key;		/* on success: the private key inside, the caller's to free */
	bool ret_zero_padded;		/* on success: the PKCS#8 was followed by fewer than eight zero bytes */
	char reterr[256];		/* on failure: why, for the error envelope */
};

/**
 * transferblob_open(blob):
 * Take the blob apart with the key exchange key that its header names: RSA-HSM, only operation
 * "import", enabled, in date, of the same vault. Zero padding is taken only while the setting
 * "accept_zero_padded" is on.
 */
bool transferblob_open(struct transferblob *blob) __attribute__((warn_unused_result));

#endif
