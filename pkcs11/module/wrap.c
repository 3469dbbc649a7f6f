#include "wrap.h"

#include "kekobject.h"
#include "scope.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

enum {
	AES_SIZE = 32,			/* bytes; Azure's page says no size, every tool uses 256 bits */
	OUTPUT_ROOM = 16384,		/* size queries are skipped: some modules answer them wrongly */
	OUTPUT_ROOM_MAX = 65536
};

/* The mechanism that the two-step routes wrap the target with. */
static const CK_MECHANISM_TYPE second_steps[HSM_ROUTE_COUNT] = {
	[HSM_ROUTE_KWP] = CKM_AES_KEY_WRAP_KWP,
	[HSM_ROUTE_PAD] = CKM_AES_KEY_WRAP_PAD,
};

static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

/*
 * SHA-1 with MGF1-SHA-1 and an empty label is what Azure unwraps; SoftHSM2
 * insists on the source type.
 */
static const CK_RSA_PKCS_OAEP_PARAMS oaep = {
	.hashAlg = CKM_SHA_1, .mgf = CKG_MGF1_SHA1, .source = CKZ_DATA_SPECIFIED,
};

/* One C_WrapKey: who wraps, what, how, and what came out. */
struct step {
	CK_MECHANISM mechanism;
	CK_OBJECT_HANDLE wrapping_key, target;
	uint8_t *output;		/* OUTPUT_ROOM_MAX bytes */
	CK_ULONG size;
};

/*
 * The room doubles while the module finds it too small, whatever length it
 * names.
 */
static CK_RV
wrap_step(const struct session *session, struct step *step)
{
	CK_ULONG room = OUTPUT_ROOM;
	CK_RV rv;

	do {
		step->size = room;
		rv = session->f->C_WrapKey(session->handle, &step->mechanism,
		    step->wrapping_key, step->target, step->output, &step->size);
		room *= 2;
	} while (rv == CKR_BUFFER_TOO_SMALL && room <= OUTPUT_ROOM_MAX);
	return rv;
}

/*
 * An AES-256 key that lives in this session only. ${extractable}: it may leave,
 * wrapped under a KEK.
 */
static CK_RV
make_aes(const struct session *session, bool extractable, struct scratch *aes)
{
	CK_ULONG size = AES_SIZE;
	CK_MECHANISM mechanism = { CKM_AES_KEY_GEN, NULL, 0 };
	CK_ATTRIBUTE template[] = {
		ATTRIBUTE_OF(CKA_TOKEN, no),
		ATTRIBUTE_OF(CKA_PRIVATE, yes),
		ATTRIBUTE_OF(CKA_SENSITIVE, yes),
		ATTRIBUTE(CKA_EXTRACTABLE, extractable ? &yes : &no, sizeof yes),
		ATTRIBUTE_OF(CKA_WRAP, yes),
		ATTRIBUTE_OF(CKA_UNWRAP, no),
		ATTRIBUTE_OF(CKA_ENCRYPT, no),
		ATTRIBUTE_OF(CKA_DECRYPT, no),
		ATTRIBUTE_OF(CKA_VALUE_LEN, size),
	};

	aes->session = session;
	return session->f->C_GenerateKey(session->handle, &mechanism, template,
	    ATTRIBUTE_COUNT(template), &aes->handle);
}

/* The token was asked for 256 bits that nobody can read: see that it did so. */
static bool
check_aes(const struct session *session, CK_OBJECT_HANDLE aes, struct fault *fault)
{
	enum hsm_answer sensitive, token;
	CK_ULONG size;

	if (!object_answer(session, aes, CKA_SENSITIVE, &sensitive, fault) ||
	    !object_answer(session, aes, CKA_TOKEN, &token, fault) ||
	    !object_number(session, aes, CKA_VALUE_LEN, &size, fault))
		return false;
	if (sensitive != HSM_YES || token != HSM_NO || size != AES_SIZE)
		return fault_set(fault, FAULT_REFUSED, "Token '%s' made the transfer's AES key "
		    "otherwise than asked: want a sensitive session key of 256 bits",
		    session->token.label);
	return true;
}

static size_t
modulus_size(const struct public_key *kek)
{
	return kek->shape.bits / 8;
}

/*
 * Both parts come in whole blocks of 64 bits (RFC 5649, 3); a longer answer
 * than fits is no blob.
 */
static bool
check_wrapped_size(const struct session *session, CK_ULONG size, size_t min, size_t max,
    struct fault *fault)
{
	if (size >= min && size <= max && size % 8 == 0)
		return true;
	return fault_set(fault, FAULT_PROTOCOL, "Wrap: C_WrapKey on token '%s' gave %lu bytes, which "
	    "no part of a transfer blob can have", session->token.label, size);
}

/* What every route needs: the KEK as an object, and room. */
struct workplace {
	const struct session *session;
	const struct wrapping *wrapping;
	CK_OBJECT_HANDLE kek;
	uint8_t *output;
	CK_RV *reterr_rv;
};

static bool
refused(const struct workplace *at, CK_RV rv, const char *function, const char *what,
    struct fault *fault)
{
	*at->reterr_rv = rv;
	return ckr_fault(fault, rv, session_place(at->session, function), "Wrap by %s: %s",
	    hsm_route_name(at->wrapping->route), what);
}

/* PKCS #11 v2.40 current mechanisms, 2.1.21. The AES key is the module's own. */
static bool
wrap_native(const struct workplace *at, struct hsm_transfer *transfer, struct fault *fault)
{
	CK_RSA_PKCS_OAEP_PARAMS inner = oaep;
	CK_RSA_AES_KEY_WRAP_PARAMS params = { 8 * AES_SIZE, &inner };
	struct step step = { { CKM_RSA_AES_KEY_WRAP, &params, sizeof params }, at->kek,
		at->wrapping->target, at->output, 0 };
	CK_RV rv = wrap_step(at->session, &step);

	if (rv != CKR_OK)
		return refused(at, rv, "C_WrapKey", "wrap the key", fault);
	if (!check_wrapped_size(at->session, step.size, modulus_size(at->wrapping->kek) + 24,
	    sizeof transfer->blob, fault))
		return false;
	memcpy(transfer->blob, at->output, step.size);
	transfer->size = step.size;
	return true;
}

/* First half of the blob: the AES key under the KEK. */
static bool
wrap_aes(const struct workplace *at, CK_OBJECT_HANDLE aes, struct hsm_transfer *transfer,
    struct fault *fault)
{
	CK_RSA_PKCS_OAEP_PARAMS params = oaep;
	struct step step = { { CKM_RSA_PKCS_OAEP, &params, sizeof params }, at->kek, aes,
		at->output, 0 };
	CK_RV rv = wrap_step(at->session, &step);
	size_t size = modulus_size(at->wrapping->kek);

	if (rv != CKR_OK)
		return refused(at, rv, "C_WrapKey", "wrap the AES key under the KEK", fault);
	if (!check_wrapped_size(at->session, step.size, size, size, fault))
		return false;
	memcpy(transfer->blob, at->output, size);
	transfer->size = size;
	return true;
}

/*
 * Second half: the target under the AES key. The mechanism takes no parameter:
 * SoftHSM2 refuses any.
 */
static bool
wrap_target(const struct workplace *at, CK_OBJECT_HANDLE aes, struct hsm_transfer *transfer,
    struct fault *fault)
{
	struct step step = { { second_steps[at->wrapping->route], NULL, 0 }, aes,
		at->wrapping->target, at->output, 0 };
	CK_RV rv = wrap_step(at->session, &step);

	if (rv != CKR_OK)
		return refused(at, rv, "C_WrapKey", "wrap the key under the AES key", fault);
	if (!check_wrapped_size(at->session, step.size, 24,
	    sizeof transfer->blob - transfer->size, fault))
		return false;
	memcpy(transfer->blob + transfer->size, at->output, step.size);
	transfer->size += step.size;
	return true;
}

static bool
wrap_two_steps(const struct workplace *at, struct hsm_transfer *transfer, struct fault *fault)
{
	SCOPE(scratch) struct scratch aes = { at->session,
		CK_INVALID_HANDLE };
	CK_RV rv = make_aes(at->session, true, &aes);

	if (rv != CKR_OK)
		return refused(at, rv, "C_GenerateKey", "make the AES key", fault);
	return check_aes(at->session, aes.handle, fault) &&
	    wrap_aes(at, aes.handle, transfer, fault) &&
	    wrap_target(at, aes.handle, transfer, fault);
}

bool
wrap_blob(const struct session *session, const struct wrapping *wrapping,
    struct hsm_transfer *ret_transfer, CK_RV *reterr_rv, struct fault *fault)
{
	SCOPE(scratch) struct scratch kek = { session,
		CK_INVALID_HANDLE };
	struct hsm_transfer *transfer = calloc(1, sizeof *transfer);
	uint8_t *output = malloc(OUTPUT_ROOM_MAX);
	bool done = false;

	*reterr_rv = CKR_OK;
	if (transfer == NULL || output == NULL)
		fault_system(fault, "Memory for a transfer blob");
	else if (kekobject_make(session, wrapping->kek, &kek, reterr_rv, fault)) {
		struct workplace at = { session, wrapping, kek.handle, output, reterr_rv };

		transfer->route = wrapping->route;
		done = wrapping->route == HSM_ROUTE_RSA_AES_KEY_WRAP
		    ? wrap_native(&at, transfer, fault) : wrap_two_steps(&at, transfer, fault);
	}
	if (done)
		*ret_transfer = *transfer;
	free(transfer);
	free(output);
	return done;
}

/*
 * For the native route the wrapping key is an RSA pair of the token's own,
 * whose private half no one can use.
 */
static CK_RV
attempt_native(const struct session *session, struct step *step)
{
	SCOPE(scratch) struct scratch public_half = { session, 0 };
	SCOPE(scratch) struct scratch private_half = { session, 0 };
	CK_RSA_PKCS_OAEP_PARAMS inner = oaep;
	CK_RSA_AES_KEY_WRAP_PARAMS params = { 8 * AES_SIZE, &inner };
	CK_MECHANISM mechanism = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 };
	CK_ULONG bits = 2048;
	CK_ATTRIBUTE public[] = { ATTRIBUTE_OF(CKA_TOKEN, no), ATTRIBUTE_OF(CKA_WRAP, yes),
		ATTRIBUTE_OF(CKA_MODULUS_BITS, bits),
		ATTRIBUTE(CKA_PUBLIC_EXPONENT, "\x01\x00\x01", 3) };
	CK_ATTRIBUTE private[] = { ATTRIBUTE_OF(CKA_TOKEN, no), ATTRIBUTE_OF(CKA_PRIVATE, yes),
		ATTRIBUTE_OF(CKA_SENSITIVE, yes), ATTRIBUTE_OF(CKA_EXTRACTABLE, no) };
	CK_RV rv = session->f->C_GenerateKeyPair(session->handle, &mechanism, public,
	    ATTRIBUTE_COUNT(public), private, ATTRIBUTE_COUNT(private), &public_half.handle,
	    &private_half.handle);

	if (rv != CKR_OK)
		return CKR_GENERAL_ERROR;
	step->mechanism = (CK_MECHANISM){ CKM_RSA_AES_KEY_WRAP, &params, sizeof params };
	step->wrapping_key = public_half.handle;
	return wrap_step(session, step);
}

CK_RV
wrap_attempt(const struct session *session, enum hsm_route route, CK_OBJECT_HANDLE target)
{
	SCOPE(scratch) struct scratch aes = { session,
		CK_INVALID_HANDLE };
	struct step step = { .target = target, .output = malloc(OUTPUT_ROOM_MAX) };
	CK_RV rv = CKR_GENERAL_ERROR;

	if (step.output == NULL)
		return CKR_HOST_MEMORY;
	if (route == HSM_ROUTE_RSA_AES_KEY_WRAP)
		rv = attempt_native(session, &step);
	else if (make_aes(session, false, &aes) == CKR_OK) {
		step.mechanism = (CK_MECHANISM){ second_steps[route], NULL, 0 };
		step.wrapping_key = aes.handle;
		rv = wrap_step(session, &step);
	}

	/*
	 * Should it have worked, the bytes are of no use to anybody, and gone
	 * at once all the same.
	 */
	OPENSSL_cleanse(step.output, OUTPUT_ROOM_MAX);
	free(step.output);
	return rv;
}
