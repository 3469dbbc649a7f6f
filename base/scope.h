#ifndef SCOPE_H
#define SCOPE_H

/*
 * Cleanup attributes: what one function owns is released when its name goes
 * out of scope.  Foreign types get theirs once, here.  A function uses these
 * or a ladder of labels, never both.
 *
 *	SCOPE(free) char *text = NULL;
 *	SCOPE(json) json_t *object = NULL;
 *	SCOPE(fd) int fd = -1;
 *
 * Hand ownership on with scope_move(), which leaves NULL behind.
 */

#include <jansson.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SCOPE(kind) __attribute__((cleanup(scope_##kind)))

#define scope_move(pointer)                                                  \
	__extension__({                                                      \
		__auto_type scope_moved_ = (pointer);                        \
		(pointer) = NULL;                                            \
		scope_moved_;                                                \
	})

static inline void
scope_free(void *pointer)
{
	free(*(void **)pointer);
}

static inline void
scope_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void
scope_file(FILE **file)
{
	if (*file != NULL)
		fclose(*file);
}

static inline void
scope_json(json_t **value)
{
	json_decref(*value);
}

static inline void
scope_evp_pkey(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static inline void
scope_evp_pkey_ctx(EVP_PKEY_CTX **context)
{
	EVP_PKEY_CTX_free(*context);
}

static inline void
scope_evp_md_ctx(EVP_MD_CTX **context)
{
	EVP_MD_CTX_free(*context);
}

static inline void
scope_evp_cipher_ctx(EVP_CIPHER_CTX **context)
{
	EVP_CIPHER_CTX_free(*context);
}

static inline void
scope_bignum(BIGNUM **number)
{
	BN_free(*number);
}

static inline void
scope_ecdsa_sig(ECDSA_SIG **signature)
{
	ECDSA_SIG_free(*signature);
}

static inline void
scope_param(OSSL_PARAM **parameters)
{
	OSSL_PARAM_free(*parameters);
}

static inline void
scope_param_bld(OSSL_PARAM_BLD **builder)
{
	OSSL_PARAM_BLD_free(*builder);
}

static inline void
scope_bio(BIO **bio)
{
	BIO_free_all(*bio);
}

#endif
