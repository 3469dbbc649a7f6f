#include "kekobject.h"

#include "scope.h"

#include <openssl/core_names.h>
#include <openssl/x509.h>
#include <string.h>

enum { KEK_ROOM = 512 };		/* bytes of a 4096 bit modulus */

/* Modulus and exponent without leading zeros. */
struct parts {
	uint8_t modulus[KEK_ROOM], exponent[KEK_ROOM];
	size_t modulus_size, exponent_size;
};

static bool
read_number(const EVP_PKEY *evp, const char *name, uint8_t *bytes, size_t *ret_size)
{
	SCOPE(bignum) BIGNUM *number = NULL;

	if (EVP_PKEY_get_bn_param(evp, name, &number) != 1 ||
	    BN_num_bytes(number) > KEK_ROOM)
		return false;
	*ret_size = (size_t)BN_bn2bin(number, bytes);
	return true;
}

/*
 * Straight from the bytes that will be fingerprinted, not from what the caller
 * says of their shape.
 */
static bool
read_parts(const struct public_key *kek, struct parts *parts)
{
	const uint8_t *at = kek->spki;
	SCOPE(evp_pkey) EVP_PKEY *evp = NULL;

	if (kek->spki_size > sizeof kek->spki ||
	    (evp = d2i_PUBKEY(NULL, &at, (long)kek->spki_size)) == NULL ||
	    at != kek->spki + kek->spki_size || EVP_PKEY_get_base_id(evp) != EVP_PKEY_RSA)
		return false;
	return read_number(evp, OSSL_PKEY_PARAM_RSA_N, parts->modulus, &parts->modulus_size) &&
	    read_number(evp, OSSL_PKEY_PARAM_RSA_E, parts->exponent, &parts->exponent_size);
}

/*
 * Odd, at least 65537, and no longer than FIPS 186-5, A.1.1 lets a sound
 * exponent be (256 bits).
 */
static bool
sound_exponent(const struct parts *parts)
{
	size_t size = parts->exponent_size;

	return size >= 3 && size <= 32 && (parts->exponent[size - 1] & 1) == 1 &&
	    (size > 3 || parts->exponent[0] >= 1);
}

/* Exactly ${bits}: the top bit of the top byte is set, and the last bit too. */
static bool
sound_modulus(const struct parts *parts, unsigned bits)
{
	return (bits == 2048 || bits == 3072 || bits == 4096) &&
	    parts->modulus_size == bits / 8 && (parts->modulus[0] & 0x80) != 0 &&
	    (parts->modulus[parts->modulus_size - 1] & 1) == 1;
}

static bool
check_parts(const struct public_key *kek, struct parts *parts, struct fault *fault)
{
	if (kek->shape.family != KEY_RSA || !read_parts(kek, parts))
		return fault_set(fault, FAULT_REFUSED, "The KEK is not an RSA public key of at "
		    "most 4096 bits; nothing is wrapped under it");
	if (!sound_modulus(parts, kek->shape.bits))
		return fault_set(fault, FAULT_REFUSED, "The KEK's modulus is not an odd number of "
		    "2048, 3072 or 4096 bits; nothing is wrapped under it");
	if (!sound_exponent(parts))
		return fault_set(fault, FAULT_REFUSED, "The KEK's public exponent is even or below "
		    "65537: under such a key the blob could be read by others; nothing is "
		    "wrapped under it");
	return true;
}

bool
kek_check(const struct public_key *kek, struct fault *fault)
{
	struct parts parts;

	return check_parts(kek, &parts, fault);
}

/* The object must be what was imported, and able to wrap. */
static bool
read_back(const struct session *session, CK_OBJECT_HANDLE handle, const struct parts *parts,
    struct fault *fault)
{
	uint8_t modulus[KEK_ROOM + 1], exponent[KEK_ROOM + 1];
	CK_ATTRIBUTE n = ATTRIBUTE(CKA_MODULUS, modulus, sizeof modulus);
	CK_ATTRIBUTE e = ATTRIBUTE(CKA_PUBLIC_EXPONENT, exponent, sizeof exponent);
	enum hsm_answer token, wrap;

	if (!object_read(session, handle, &n, fault) || !object_read(session, handle, &e, fault) ||
	    !object_answer(session, handle, CKA_TOKEN, &token, fault) ||
	    !object_answer(session, handle, CKA_WRAP, &wrap, fault))
		return false;
	if (n.ulValueLen != parts->modulus_size || e.ulValueLen != parts->exponent_size ||
	    memcmp(modulus, parts->modulus, parts->modulus_size) != 0 ||
	    memcmp(exponent, parts->exponent, parts->exponent_size) != 0 ||
	    token != HSM_NO || wrap != HSM_YES)
		return fault_set(fault, FAULT_REFUSED, "Token '%s' took the KEK, but gives back "
		    "another key or other attributes; nothing is wrapped under it",
		    session->token.label);
	return true;
}

bool
kekobject_make(const struct session *session, const struct public_key *kek,
    struct scratch *ret_scratch, CK_RV *reterr_rv, struct fault *fault)
{
	CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
	CK_KEY_TYPE type = CKK_RSA;
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	struct parts parts;

	if (!check_parts(kek, &parts, fault))
		return false;
	CK_ATTRIBUTE template[] = {
		ATTRIBUTE_OF(CKA_CLASS, class),
		ATTRIBUTE_OF(CKA_KEY_TYPE, type),
		ATTRIBUTE_OF(CKA_TOKEN, no),
		ATTRIBUTE_OF(CKA_PRIVATE, no),
		ATTRIBUTE_OF(CKA_WRAP, yes),
		ATTRIBUTE_OF(CKA_ENCRYPT, no),
		ATTRIBUTE_OF(CKA_VERIFY, no),
		ATTRIBUTE(CKA_MODULUS, parts.modulus, parts.modulus_size),
		ATTRIBUTE(CKA_PUBLIC_EXPONENT, parts.exponent, parts.exponent_size),
	};
	*reterr_rv = session->f->C_CreateObject(session->handle, template,
	    ATTRIBUTE_COUNT(template), &ret_scratch->handle);
	if (*reterr_rv != CKR_OK)
		return ckr_fault(fault, *reterr_rv, session_place(session, "C_CreateObject"),
		    "Bring the KEK into the session");
	return read_back(session, ret_scratch->handle, &parts, fault);
}
