#ifndef RELEASE_H
#define RELEASE_H

/*
 * What a function owns, it releases at its end: RELEASE(json) json_t *x = NULL; and so on.
 * Foreign types get their cleanup here, once.
 */

#include <jansson.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <unistd.h>

#define RELEASE(kind) __attribute__((cleanup(release_##kind)))

static inline void
release_json(json_t **json)
{
	json_decref(*json);
}

static inline void
release_text(char **text)
{
	free(*text);
}

static inline void
release_pkey(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static inline void
release_pkey_ctx(EVP_PKEY_CTX **ctx)
{
	EVP_PKEY_CTX_free(*ctx);
}

static inline void
release_md_ctx(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

static inline void
release_cipher_ctx(EVP_CIPHER_CTX **ctx)
{
	EVP_CIPHER_CTX_free(*ctx);
}

static inline void
release_bio(BIO **bio)
{
	BIO_free_all(*bio);
}

static inline void
release_bn(BIGNUM **bn)
{
	BN_clear_free(*bn);
}

static inline void
release_x509(X509 **certificate)
{
	X509_free(*certificate);
}

static inline void
release_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#endif
