#include "sign.h"

#include "pair.h"
#include "verbs.h"

#include <string.h>

/* DER of DigestInfo for SHA-256 up to the digest itself (RFC 8017, 9.2, note 1). */
static const uint8_t digest_info[] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
	0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 };

size_t
sign_size(struct key_shape shape)
{
	size_t bytes = (shape.bits + 7) / 8;

	return shape.family == KEY_EC ? 2 * bytes : bytes;
}

void
sign_digest(const struct session *session, const struct signing *signing,
    struct signature *ret_signature)
{
	CK_MECHANISM mechanism = { signing->shape.family == KEY_EC ? CKM_ECDSA : CKM_RSA_PKCS,
		NULL, 0 };
	uint8_t data[sizeof digest_info + DIGEST_SIZE + 64];
	CK_ULONG prefix = signing->shape.family == KEY_EC ? 0 : sizeof digest_info;
	CK_ULONG size = SIGNATURE_ROOM;

	/* Nothing longer than SHA-512's digests is ever signed. */
	if (signing->digest_size > sizeof data - sizeof digest_info) {
		ret_signature->rv = CKR_DATA_LEN_RANGE;
		ret_signature->function = "C_Sign";
		return;
	}

	/* CKM_RSA_PKCS pads, but does not say which hash it was: that is ours. */
	memcpy(data, digest_info, prefix);
	memcpy(data + prefix, signing->digest, signing->digest_size);

	ret_signature->function = "C_SignInit";
	ret_signature->rv = session->f->C_SignInit(session->handle, &mechanism, signing->key);
	if (ret_signature->rv != CKR_OK)
		return;
	ret_signature->function = "C_Sign";
	ret_signature->rv = session->f->C_Sign(session->handle, data,
	    prefix + signing->digest_size, ret_signature->bytes, &size);
	ret_signature->size = size <= SIGNATURE_ROOM ? size : 0;
}

bool
verb_sign(struct hsm *hsm, const struct hsm_name *name, const void *digest,
    size_t digest_size, uint8_t *ret_signature, size_t *size, struct fault *fault)
{
	struct session *session = session_of(hsm);
	struct signature signature;
	struct pair pair;
	char text[PAIR_TEXT];
	bool found;

	pair_text(name, text);
	if (!pair_find(session, name, &pair, &found, fault))
		return false;
	if (!found || !pair.key.has_private)
		return fault_set(fault, FAULT_NOT_FOUND, "Sign with %s: token '%s' holds no such "
		    "private key", text, session->token.label);

	/* Anything but a digest would be a signature over who knows what. */
	if (pair.key.shape.family == 0 ||
	    (pair.key.shape.family == KEY_RSA && digest_size != DIGEST_SIZE))
		return fault_set(fault, FAULT_REFUSED, "Sign with %s: not a kind of key that "
		    "keyturn signs with, or an RSA key and no SHA-256 digest", text);
	struct signing signing = { pair.private_half, pair.key.shape, digest, digest_size };
	sign_digest(session, &signing, &signature);
	if (signature.rv != CKR_OK)
		return ckr_fault(fault, signature.rv,
		    session_place(session, signature.function), "Sign with %s", text);

	/* The caller's room and the module's answer must both fit the key. */
	if (signature.size != sign_size(pair.key.shape) || signature.size > *size)
		return fault_set(fault, FAULT_PROTOCOL, "Sign with %s: token '%s' gave %zu bytes, "
		    "want %zu, and there is room for %zu", text, session->token.label,
		    signature.size, sign_size(pair.key.shape), *size);
	memcpy(ret_signature, signature.bytes, signature.size);
	*size = signature.size;
	return true;
}
