#include "pair.h"

#include "curve.h"
#include "scope.h"

#include <string.h>

/*
 * RSA-4096 has the longest modulus, P-521 the longest point; one byte more
 * shows what is longer.
 */
enum { MODULUS_ROOM = 1025, POINT_ROOM = 256, PARAMS_ROOM = 64 };

/* Both halves of an RSA key hold modulus and exponent. */
static bool
read_rsa(const struct session *session, CK_OBJECT_HANDLE handle, struct hsm_key *key,
    struct fault *fault)
{
	uint8_t modulus[MODULUS_ROOM], exponent[MODULUS_ROOM];
	CK_ATTRIBUTE n = ATTRIBUTE(CKA_MODULUS, modulus, sizeof modulus);
	CK_ATTRIBUTE e = ATTRIBUTE(CKA_PUBLIC_EXPONENT, exponent, sizeof exponent);

	if (!object_read(session, handle, &n, fault) ||
	    !object_read(session, handle, &e, fault))
		return false;

	/* A key that keyturn could not use is described without its public key. */
	if (n.ulValueLen == 0 || n.ulValueLen > sizeof modulus || e.ulValueLen == 0 ||
	    e.ulValueLen > sizeof exponent)
		return true;
	key->has_public_key = publickey_from_rsa(modulus, n.ulValueLen, exponent,
	    e.ulValueLen, &key->public_key, NULL);
	if (key->has_public_key)
		key->shape = key->public_key.shape;
	return true;
}

static bool
read_ec(const struct session *session, CK_OBJECT_HANDLE handle, struct hsm_key *key,
    struct fault *fault)
{
	uint8_t params[PARAMS_ROOM], point[POINT_ROOM];
	CK_ATTRIBUTE curve = ATTRIBUTE(CKA_EC_PARAMS, params, sizeof params);
	CK_ATTRIBUTE q = ATTRIBUTE(CKA_EC_POINT, point, sizeof point);
	const uint8_t *raw;
	size_t size;

	if (!object_read(session, handle, &curve, fault) ||
	    !object_read(session, handle, &q, fault))
		return false;
	if (curve.ulValueLen > sizeof params ||
	    !curve_from_params(params, curve.ulValueLen, &key->shape))
		return true;

	/* A private half tells the curve, seldom the point. */
	if (q.ulValueLen == 0 || q.ulValueLen > sizeof point ||
	    !curve_unpack_point(key->shape, point, q.ulValueLen, &raw, &size))
		return true;
	key->has_public_key = publickey_from_point(key->shape.bits, raw, size,
	    &key->public_key, NULL);
	return true;
}

/*
 * Labels come from anywhere: what is not text a person can read is treated as
 * no label.
 */
static bool
is_text(const char *label, size_t size)
{
	SCOPE(json) json_t *text = json_stringn(label, size);

	for (size_t i = 0; i < size; i++)
		if ((unsigned char)label[i] < 0x20 || label[i] == 0x7f)
			return false;
	return text != NULL;
}

/* An id or label too long for keyturn counts as none: it must not be cut. */
static bool
read_name(const struct session *session, CK_OBJECT_HANDLE handle, struct hsm_name *name,
    struct fault *fault)
{
	CK_ATTRIBUTE id = ATTRIBUTE(CKA_ID, name->id, sizeof name->id);
	CK_ATTRIBUTE label = ATTRIBUTE(CKA_LABEL, name->label, sizeof name->label - 1);

	if (!object_read(session, handle, &id, fault) ||
	    !object_read(session, handle, &label, fault))
		return false;
	name->id_size = id.ulValueLen <= sizeof name->id ? id.ulValueLen : 0;
	if (label.ulValueLen >= sizeof name->label || !is_text(name->label, label.ulValueLen))
		label.ulValueLen = 0;
	name->label[label.ulValueLen] = 0;
	return true;
}

/*
 * NSS says of every key that it was not made there and keeps no mechanism: such
 * a token cannot tell.
 */
static bool
read_origin(const struct session *session, CK_OBJECT_HANDLE handle, enum hsm_answer *ret_local,
    struct fault *fault)
{
	CK_ULONG mechanism;

	if (!object_answer(session, handle, CKA_LOCAL, ret_local, fault) ||
	    !object_number(session, handle, CKA_KEY_GEN_MECHANISM, &mechanism, fault))
		return false;
	if (*ret_local == HSM_NO && mechanism == CK_UNAVAILABLE_INFORMATION)
		*ret_local = HSM_CANNOT_TELL;
	return true;
}

/* What the token says of the private half. */
static bool
read_answers(const struct session *session, CK_OBJECT_HANDLE handle, struct hsm_key *key,
    struct fault *fault)
{
	const struct {
		CK_ATTRIBUTE_TYPE type;
		enum hsm_answer *answer;
	} rows[] = {
		{ CKA_SENSITIVE, &key->sensitive },
		{ CKA_ALWAYS_SENSITIVE, &key->always_sensitive },
		{ CKA_EXTRACTABLE, &key->extractable },
		{ CKA_WRAP_WITH_TRUSTED, &key->wrap_with_trusted },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (!object_answer(session, handle, rows[i].type, rows[i].answer, fault))
			return false;
	return read_origin(session, handle, &key->local, fault);
}

bool
pair_read(const struct session *session, CK_OBJECT_HANDLE handle, CK_OBJECT_CLASS class,
    struct pair *ret_pair, struct fault *fault)
{
	struct pair pair = { CK_INVALID_HANDLE, CK_INVALID_HANDLE, {
	    .sensitive = HSM_CANNOT_TELL, .always_sensitive = HSM_CANNOT_TELL,
	    .extractable = HSM_CANNOT_TELL, .local = HSM_CANNOT_TELL,
	    .wrap_with_trusted = HSM_CANNOT_TELL } };
	CK_ULONG type;

	if (!read_name(session, handle, &pair.key.name, fault) ||
	    !object_number(session, handle, CKA_KEY_TYPE, &type, fault))
		return false;

	/* Keys of other families are listed by name alone. */
	if (type == CKK_RSA && !read_rsa(session, handle, &pair.key, fault))
		return false;
	if (type == CKK_EC && !read_ec(session, handle, &pair.key, fault))
		return false;
	if (class == CKO_PRIVATE_KEY && !read_answers(session, handle, &pair.key, fault))
		return false;
	pair.key.has_private = class == CKO_PRIVATE_KEY;
	pair.key.has_public = class == CKO_PUBLIC_KEY;
	if (class == CKO_PRIVATE_KEY)
		pair.private_half = handle;
	else
		pair.public_half = handle;
	*ret_pair = pair;
	return true;
}

void
pair_join(struct pair *private_half, const struct pair *public_half)
{
	private_half->public_half = public_half->public_half;
	private_half->key.has_public = true;
	if (public_half->key.has_public_key) {
		private_half->key.has_public_key = true;
		private_half->key.public_key = public_half->key.public_key;
		private_half->key.shape = public_half->key.shape;
	}
	if (private_half->key.name.label[0] == 0)
		private_half->key.name = public_half->key.name;
}

const char *
pair_text(const struct hsm_name *name, char text[static PAIR_TEXT])
{
	char hex[2 * HSM_ID_MAX + 1];

	encode_hex(name->id, name->id_size, hex);
	if (name->label[0] != 0 && name->id_size > 0)
		snprintf(text, PAIR_TEXT, "key '%s' (id %s)", name->label, hex);
	else if (name->label[0] != 0)
		snprintf(text, PAIR_TEXT, "key '%s'", name->label);
	else
		snprintf(text, PAIR_TEXT, "the key with id %s", hex);
	return text;
}
