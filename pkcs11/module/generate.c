#include "generate.h"

#include "curve.h"
#include "prove.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

enum { TEMPLATE_ROOM = 16 };

/* A template as it grows. */
struct template {
	CK_ATTRIBUTE attributes[TEMPLATE_ROOM];
	CK_ULONG count;
};

/* The value stays the caller's and must outlive the template. */
static void
add(struct template *template, CK_ATTRIBUTE_TYPE type, const void *value, size_t size)
{
	template->attributes[template->count++] = (CK_ATTRIBUTE)ATTRIBUTE(type, value, size);
}

static void
add_flag(struct template *template, CK_ATTRIBUTE_TYPE type, const CK_BBOOL *value)
{
	add(template, type, value, sizeof *value);
}

/* Where the key lives and what it is called, on both halves. */
static void
add_place(struct template *template, const struct hsm_name *name)
{
	add_flag(template, CKA_TOKEN, name != NULL ? &yes : &no);
	if (name == NULL)
		return;
	add(template, CKA_ID, name->id, name->id_size);
	add(template, CKA_LABEL, name->label, strlen(name->label));
}

/*
 * EXTRACTABLE is always stated, since modules differ in what they assume, and
 * MODIFIABLE never, since it would forbid sealing. The key signs (proof of its
 * halves, later of journal heads) and does nothing else here: its other uses
 * are the vault's.
 */
static void
fill_private(struct template *template, const struct generation *generation)
{
	add_place(template, generation->name);
	add_flag(template, CKA_PRIVATE, &yes);
	add_flag(template, CKA_SENSITIVE, &yes);
	add_flag(template, CKA_EXTRACTABLE, &yes);
	add_flag(template, CKA_SIGN, &yes);
	if (generation->shape.family == KEY_RSA) {
		add_flag(template, CKA_DECRYPT, &no);
		add_flag(template, CKA_UNWRAP, &no);
	}
}

/* Stated, since modules differ in what they assume. */
static const CK_BYTE exponent_65537[] = { 0x01, 0x00, 0x01 };

static void
fill_public(struct template *template, const struct generation *generation,
    const CK_ULONG *modulus_bits)
{
	const uint8_t *params;
	size_t size;

	add_place(template, generation->name);
	add_flag(template, CKA_PRIVATE, &no);
	add_flag(template, CKA_VERIFY, &yes);
	if (generation->shape.family == KEY_RSA) {
		add(template, CKA_MODULUS_BITS, modulus_bits, sizeof *modulus_bits);
		add(template, CKA_PUBLIC_EXPONENT, exponent_65537, sizeof exponent_65537);
		add_flag(template, CKA_ENCRYPT, &no);
		add_flag(template, CKA_WRAP, &no);
	} else if ((params = curve_params(generation->shape, &size)) != NULL)
		add(template, CKA_EC_PARAMS, params, size);
}

bool
generate_pair(const struct session *session, const struct generation *generation,
    struct generated *generated, struct fault *fault)
{
	CK_MECHANISM mechanism = { generation->shape.family == KEY_RSA
	    ? CKM_RSA_PKCS_KEY_PAIR_GEN : CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	struct template public = { .count = 0 }, private = { .count = 0 };
	CK_ULONG modulus_bits = generation->shape.bits;
	char shape[KEY_SHAPE_TEXT];

	*generated = (struct generated){ CK_INVALID_HANDLE, CK_INVALID_HANDLE, CKR_OK };
	if (!keyshape_supported(generation->shape))
		return fault_set(fault, FAULT_REFUSED, "keyturn makes no keys of %u bits of that "
		    "kind: RSA 2048, 3072, 4096 or EC P-256, P-384, P-521",
		    generation->shape.bits);
	fill_private(&private, generation);
	fill_public(&public, generation, &modulus_bits);
	generated->rv = session->f->C_GenerateKeyPair(session->handle, &mechanism,
	    public.attributes, public.count, private.attributes, private.count,
	    &generated->public_half, &generated->private_half);
	if (generated->rv != CKR_OK)
		return ckr_fault(fault, generated->rv,
		    session_place(session, "C_GenerateKeyPair"), "Make the %s key %s",
		    keyshape_print(generation->shape, shape), generation->name != NULL
		    ? generation->name->label : "for a test");
	return true;
}

/* Some tokens cannot tell ALWAYS_SENSITIVE and LOCAL; none may deny them. */
static bool
check_attributes(const struct session *session, const struct pair *pair, struct fault *fault)
{
	const struct {
		const char *name;
		bool kept;
	} rows[] = {
		{ "CKA_SENSITIVE true", pair->key.sensitive == HSM_YES },
		{ "CKA_ALWAYS_SENSITIVE true", pair->key.always_sensitive != HSM_NO },
		{ "CKA_EXTRACTABLE true", pair->key.extractable == HSM_YES },
		{ "CKA_LOCAL true", pair->key.local != HSM_NO },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (!rows[i].kept)
			return fault_set(fault, FAULT_REFUSED, "Token '%s' made a key, but without "
			    "%s as it was asked to; the key is not used",
			    session->token.label, rows[i].name);
	return true;
}

/* Place, class and name of one half, which pair_read takes as they come. */
static bool
check_half(const struct session *session, CK_OBJECT_HANDLE handle,
    const struct generation *generation, CK_OBJECT_CLASS class, struct fault *fault)
{
	enum hsm_answer token, private;
	CK_ULONG got_class;

	if (!object_answer(session, handle, CKA_TOKEN, &token, fault) ||
	    !object_answer(session, handle, CKA_PRIVATE, &private, fault) ||
	    !object_number(session, handle, CKA_CLASS, &got_class, fault))
		return false;
	if (token != (generation->name != NULL ? HSM_YES : HSM_NO) ||
	    private != (class == CKO_PRIVATE_KEY ? HSM_YES : HSM_NO) || got_class != class)
		return fault_set(fault, FAULT_REFUSED, "Token '%s' made a key, but not with the "
		    "CKA_TOKEN, CKA_PRIVATE and CKA_CLASS it was asked for; the key is not used",
		    session->token.label);
	return true;
}

static bool
same_name(const struct hsm_name *a, const struct hsm_name *b)
{
	return a->id_size == b->id_size && memcmp(a->id, b->id, a->id_size) == 0 &&
	    strcmp(a->label, b->label) == 0;
}

/* Of the kind that was asked for, and whole: one signature proves that. */
static bool
check_pair(const struct session *session, const struct generation *generation,
    const struct pair *pair, struct fault *fault)
{
	enum prove_result result;

	if (!pair->key.has_public_key || pair->key.shape.family != generation->shape.family ||
	    pair->key.shape.bits != generation->shape.bits)
		return fault_set(fault, FAULT_REFUSED, "Token '%s' made a key, but its public "
		    "half is not of the kind it was asked for; the key is not used",
		    session->token.label);
	if (!check_attributes(session, pair, fault) || !prove_pair(session, pair, &result, fault))
		return false;
	if (result != PROVE_WORKS)
		return fault_set(fault, FAULT_REFUSED, "Token '%s' made a key whose signature "
		    "does not verify; the key is not used", session->token.label);
	return true;
}

bool
generate_read_back(const struct session *session, const struct generation *generation,
    const struct generated *generated, struct pair *ret_pair, struct fault *fault)
{
	struct pair pair, public_half;

	if (!check_half(session, generated->private_half, generation, CKO_PRIVATE_KEY, fault) ||
	    !check_half(session, generated->public_half, generation, CKO_PUBLIC_KEY, fault))
		return false;
	if (!pair_read(session, generated->private_half, CKO_PRIVATE_KEY, &pair, fault) ||
	    !pair_read(session, generated->public_half, CKO_PUBLIC_KEY, &public_half, fault))
		return false;
	if (generation->name != NULL && (!same_name(&pair.key.name, generation->name) ||
	    !same_name(&public_half.key.name, generation->name)))
		return fault_set(fault, FAULT_REFUSED, "Token '%s' made a key, but not under the "
		    "id and label it was given; the key is not used", session->token.label);
	pair_join(&pair, &public_half);
	if (!check_pair(session, generation, &pair, fault))
		return false;
	*ret_pair = pair;
	return true;
}

/*
 * Any object, of whatever class and label, takes the id: some modules would
 * silently replace it (NSS).
 */
static bool
check_id_free(const struct session *session, const struct hsm_name *name, struct fault *fault)
{
	CK_ATTRIBUTE template[] = { ATTRIBUTE(CKA_ID, name->id, name->id_size) };
	struct handles found;
	char text[PAIR_TEXT];

	if (!object_search(session, template, ATTRIBUTE_COUNT(template), &found, fault))
		return false;
	free(found.list);
	if (found.count > 0)
		return fault_set(fault, FAULT_REFUSED, "Make %s: token '%s' holds %zu object(s) "
		    "with this id already", pair_text(name, text), session->token.label,
		    found.count);
	return true;
}

bool
verb_generate(struct hsm *hsm, const struct hsm_name *name, struct key_shape shape,
    struct hsm_key *ret_key, struct fault *fault)
{
	struct session *session = session_of(hsm);
	struct generation generation = { name, shape };
	struct generated generated;
	struct pair pair, again;
	bool found;

	if (name->id_size == 0 || name->id_size > HSM_ID_MAX || name->label[0] == 0)
		return fault_set(fault, FAULT_INTERNAL, "A key was to be made without an id or "
		    "without a label");
	if (!check_id_free(session, name, fault) ||
	    !generate_pair(session, &generation, &generated, fault) ||
	    !generate_read_back(session, &generation, &generated, &pair, fault))
		return false;

	/* A later start finds it by its id alone: so must we, and only it. */
	if (!pair_find(session, name, &again, &found, fault))
		return false;
	if (!found || !again.key.has_private || !again.key.has_public ||
	    !publickey_equal(&again.key.public_key, &pair.key.public_key))
		return fault_set(fault, FAULT_REFUSED, "Token '%s' made a key, but a search for "
		    "its id does not find it", session->token.label);
	*ret_key = pair.key;
	return true;
}
