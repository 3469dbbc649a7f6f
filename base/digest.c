#include "digest.h"

#include <openssl/evp.h>

bool
digest_sha256(const void *bytes, size_t size, uint8_t ret_digest[static DIGEST_SIZE],
    struct fault *fault)
{
	/* Only a broken or locked-down OpenSSL (no default provider) can make this fail. */
	if (EVP_Digest(bytes, size, ret_digest, NULL, EVP_sha256(), NULL) != 1)
		return fault_set(fault, FAULT_INTERNAL,
		    "OpenSSL gives no SHA-256; look at the providers in its openssl.cnf");
	return true;
}
