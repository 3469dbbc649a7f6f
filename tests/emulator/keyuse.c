#include "keyuse.h"

#include "jwk.h"
#include "release.h"

#include <openssl/ecdsa.h>
#include <openssl/rsa.h>
#include <string.h>

/* Encryption: padding, and for OAEP its hash, which is MGF1's too (RFC 7518, 4.2 and 4.3). */
static const struct cipher {
	const char *alg;
	int padding;
	const EVP_MD *(*md)(void);
} CIPHERS[] = {
	{ "RSA1_5", RSA_PKCS1_PADDING, NULL },
	{ "RSA-OAEP", RSA_PKCS1_OAEP_PADDING, EVP_sha1 },
	{ "RSA-OAEP-256", RSA_PKCS1_OAEP_PADDING, EVP_sha256 },
};

/* Signatures: RSA ones have a padding, EC ones a curve (RFC 7518, 3.1; RFC 8812 for ES256K). */
static const struct signature {
	const char *alg, *crv;
	int padding;
	const EVP_MD *(*md)(void);
} SIGNATURES[] = {
	{ "RS256", NULL, RSA_PKCS1_PADDING, EVP_sha256 },
	{ "RS384", NULL, RSA_PKCS1_PADDING, EVP_sha384 },
	{ "RS512", NULL, RSA_PKCS1_PADDING, EVP_sha512 },
	{ "PS256", NULL, RSA_PKCS1_PSS_PADDING, EVP_sha256 },
	{ "PS384", NULL, RSA_PKCS1_PSS_PADDING, EVP_sha384 },
	{ "PS512", NULL, RSA_PKCS1_PSS_PADDING, EVP_sha512 },
	{ "ES256", "P-256", 0, EVP_sha256 },
	{ "ES384", "P-384", 0, EVP_sha384 },
	{ "ES512", "P-521", 0, EVP_sha512 },
	{ "ES256K", "P-256K", 0, EVP_sha256 },
};

static const struct cipher *
find_cipher(const char *alg)
{
	for (size_t i = 0; alg != NULL && i < sizeof CIPHERS / sizeof CIPHERS[0]; i++)
		if (strcmp(CIPHERS[i].alg, alg) == 0)
			return &CIPHERS[i];
	return NULL;
}

static const struct signature *
find_signature(const char *alg, EVP_PKEY *key)
{
	const char *crv = jwk_curve(key);

	for (size_t i = 0; alg != NULL && i < sizeof SIGNATURES / sizeof SIGNATURES[0]; i++) {
		const struct signature *s = &SIGNATURES[i];

		if (strcmp(s->alg, alg) == 0 && (s->crv == NULL) == (crv == NULL) &&
		    (crv == NULL || strcmp(s->crv, crv) == 0))
			return s;
	}
	return NULL;
}

bool
keyuse_knows_cipher(const char *alg)
{
	return find_cipher(alg) != NULL;
}

bool
keyuse_knows_signature(const char *alg, EVP_PKEY *key)
{
	return find_signature(alg, key) != NULL;
}

typedef int step_fn(EVP_PKEY_CTX *ctx, unsigned char *out, size_t *out_size, const unsigned char *in, size_t in_size);

/* What encryption and decryption have in common. */
static bool
run_cipher(EVP_PKEY_CTX *ctx, const char *alg, struct bytes in, step_fn *step, struct bytes *ret_out)
{
	const struct cipher *cipher = find_cipher(alg);
	BYTES struct bytes out = { 0 };
	size_t size = 0;

	if (cipher == NULL || EVP_PKEY_CTX_set_rsa_padding(ctx, cipher->padding) != 1)
		return false;
	if (cipher->md != NULL &&
	    (EVP_PKEY_CTX_set_rsa_oaep_md(ctx, cipher->md()) != 1 ||
	    EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, cipher->md()) != 1))
		return false;
	if (step(ctx, NULL, &size, in.data, in.size) != 1)
		return false;
	out = bytes_new(size);
	if (step(ctx, out.data, &size, in.data, in.size) != 1)
		return false;
	out.size = size;
	*ret_out = out;
	out = (struct bytes){ NULL, 0 };
	return true;
}

bool
keyuse_encrypt(EVP_PKEY *key, const char *alg, struct bytes in, struct bytes *ret_out)
{
	RELEASE(pkey_ctx) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);

	return ctx != NULL && EVP_PKEY_encrypt_init(ctx) == 1 && run_cipher(ctx, alg, in, EVP_PKEY_encrypt, ret_out);
}

bool
keyuse_decrypt(EVP_PKEY *key, const char *alg, struct bytes in, struct bytes *ret_out)
{
	RELEASE(pkey_ctx) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);

	return ctx != NULL && EVP_PKEY_decrypt_init(ctx) == 1 && run_cipher(ctx, alg, in, EVP_PKEY_decrypt, ret_out);
}

/*
 * Set up a context for a digest of the right size; PSS salts are as long as the hash (RFC 7518,
 * 3.5).
 */
static bool
prepare(EVP_PKEY_CTX *ctx, const struct signature *s, struct bytes digest)
{
	if (s == NULL || digest.size != (size_t)EVP_MD_get_size(s->md()) ||
	    EVP_PKEY_CTX_set_signature_md(ctx, s->md()) != 1)
		return false;
	if (s->crv != NULL)
		return true;
	return EVP_PKEY_CTX_set_rsa_padding(ctx, s->padding) == 1 &&
	    (s->padding != RSA_PKCS1_PSS_PADDING || EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1);
}

/* From the DER that OpenSSL makes to r and s side by side. */
static bool
ec_flat(const struct signature *s, struct bytes der, struct bytes *ret_flat)
{
	const unsigned char *at = der.data;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)der.size);
	int size = jwk_curve_size(s->crv);
	struct bytes flat = bytes_new(2 * (size_t)size);
	bool good = sig != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), flat.data, size) >= 0 &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), flat.data + size, size) >= 0;

	ECDSA_SIG_free(sig);
	if (good)
		*ret_flat = flat;
	else
		bytes_release(&flat);
	return good;
}

/* And back. */
static bool
ec_der(const struct signature *s, struct bytes flat, struct bytes *ret_der)
{
	size_t size = (size_t)jwk_curve_size(s->crv);
	ECDSA_SIG *sig = ECDSA_SIG_new();
	unsigned char *der = NULL;
	int der_size = 0;

	if (sig != NULL && flat.size == 2 * size &&
	    ECDSA_SIG_set0(sig, BN_bin2bn(flat.data, (int)size, NULL),
	    BN_bin2bn(flat.data + size, (int)size, NULL)) == 1)
		der_size = i2d_ECDSA_SIG(sig, &der);
	ECDSA_SIG_free(sig);
	if (der_size <= 0)
		return false;
	*ret_der = bytes_new((size_t)der_size);
	memcpy(ret_der->data, der, (size_t)der_size);
	OPENSSL_free(der);
	return true;
}

bool
keyuse_sign(EVP_PKEY *key, const char *alg, struct bytes digest, struct bytes *ret_signature)
{
	const struct signature *s = find_signature(alg, key);
	RELEASE(pkey_ctx) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	BYTES struct bytes out = bytes_new((size_t)EVP_PKEY_get_size(key));

	if (ctx == NULL || EVP_PKEY_sign_init(ctx) != 1 || !prepare(ctx, s, digest) ||
	    EVP_PKEY_sign(ctx, out.data, &out.size, digest.data, digest.size) != 1)
		return false;
	if (s->crv != NULL)
		return ec_flat(s, out, ret_signature);
	*ret_signature = out;
	out = (struct bytes){ NULL, 0 };
	return true;
}

bool
keyuse_verify(EVP_PKEY *key, const char *alg, struct bytes digest, struct bytes signature)
{
	const struct signature *s = find_signature(alg, key);
	RELEASE(pkey_ctx) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	BYTES struct bytes der = { 0 };

	if (ctx == NULL || EVP_PKEY_verify_init(ctx) != 1 || !prepare(ctx, s, digest))
		return false;
	if (s->crv == NULL)
		return EVP_PKEY_verify(ctx, signature.data, signature.size, digest.data, digest.size) == 1;
	return ec_der(s, signature, &der) && EVP_PKEY_verify(ctx, der.data, der.size, digest.data, digest.size) == 1;
}
