#include "softkek.h"

#include <openssl/rsa.h>
#include <pthread.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static EVP_PKEY *private_kek;
static struct public_key public_kek;
static struct fault why;

static void
make(void)
{
	EVP_PKEY *made = EVP_RSA_gen(2048);

	if (made == NULL)
		fault_set(&why, FAULT_INTERNAL, "OpenSSL makes no RSA key for the preflight");
	else if (publickey_from_evp(made, &public_kek, &why))
		private_kek = made;
	else
		EVP_PKEY_free(made);
}

/*
 * It lives until the process ends, but a leak checker should not have to be
 * told.
 */
__attribute__((destructor)) static void
drop(void)
{
	EVP_PKEY_free(private_kek);
}

bool
softkek_get(const struct public_key **ret_public, EVP_PKEY **ret_private, struct fault *fault)
{
	pthread_once(&once, make);
	if (private_kek == NULL)
		return fault_set(fault, why.code, "%s", why.text);
	*ret_public = &public_kek;
	*ret_private = private_kek;
	return true;
}
