#include "seal.h"

#include "pair.h"
#include "preflight.h"
#include "verbs.h"
#include "wrap.h"

bool
seal_lower(const struct session *session, CK_OBJECT_HANDLE key, struct fault *fault)
{
	CK_BBOOL no = CK_FALSE;
	CK_ATTRIBUTE template[] = { ATTRIBUTE_OF(CKA_EXTRACTABLE, no) };
	enum hsm_answer extractable;
	CK_RV rv;

	/* Look first: SoftHSM2 refuses to make false what is false. */
	if (!object_answer(session, key, CKA_EXTRACTABLE, &extractable, fault))
		return false;
	if (extractable == HSM_NO)
		return true;
	rv = session->f->C_SetAttributeValue(session->handle, key, template, 1);
	if (rv != CKR_OK)
		return ckr_fault(fault, rv, session_place(session, "C_SetAttributeValue"),
		    "Set CKA_EXTRACTABLE false; the key can still be wrapped");
	if (!object_answer(session, key, CKA_EXTRACTABLE, &extractable, fault))
		return false;
	if (extractable != HSM_NO)
		return fault_set(fault, FAULT_REFUSED, "Token '%s' accepted CKA_EXTRACTABLE false, "
		    "but reads back otherwise; the key can still be wrapped",
		    session->token.label);
	return true;
}

bool
seal_test(const struct session *session, enum hsm_route route, CK_OBJECT_HANDLE key,
    struct fault *fault)
{
	CK_RV rv = wrap_attempt(session, route, key);
	char name[CKR_TEXT];

	/*
	 * An attribute is only a word: NSS stores it and wraps the key all the
	 * same.
	 */
	if (rv == CKR_KEY_UNEXTRACTABLE)
		return true;
	if (rv == CKR_OK)
		return fault_set(fault, FAULT_REFUSED, "CKA_EXTRACTABLE is false, but token '%s' "
		    "still wraps the key by %s: it does not enforce the seal",
		    session->token.label, hsm_route_name(route));
	return fault_set(fault, FAULT_REFUSED, "CKA_EXTRACTABLE is false, but token '%s' answered "
	    "the attempt to wrap the key by %s with %s instead of CKR_KEY_UNEXTRACTABLE, so the "
	    "seal is not proven", session->token.label, hsm_route_name(route),
	    ckr_name(rv, name));
}

/* A refusal proves a seal only where the same wrap works for an unsealed key. */
static bool
test_key(const struct session *session, CK_OBJECT_HANDLE key, struct fault *fault)
{
	struct preflight preflight = { .chosen = HSM_ROUTE_NONE };

	if (!preflight_run(session, &preflight, fault))
		return false;
	if (preflight.working == HSM_ROUTE_NONE)
		return fault_set(fault, FAULT_REFUSED, "CKA_EXTRACTABLE is false, but token '%s' "
		    "wraps no key at all, so a refusal would not prove the seal",
		    session->token.label);
	return seal_test(session, preflight.working, key, fault);
}

bool
verb_seal(struct hsm *hsm, const struct hsm_name *name, struct fault *fault)
{
	struct session *session = session_of(hsm);
	struct pair pair;
	char text[PAIR_TEXT];
	bool found;

	pair_text(name, text);
	if (!pair_find(session, name, &pair, &found, fault))
		return false;
	if (!found || !pair.key.has_private)
		return fault_set(fault, FAULT_NOT_FOUND, "Seal %s: token '%s' holds no such private "
		    "key", text, session->token.label);

	/*
	 * Lower it before anything can fail: a key that is sealed too early is
	 * exposed less.
	 */
	if (!seal_lower(session, pair.private_half, fault) ||
	    !test_key(session, pair.private_half, fault))
		return fault_prefix(fault, "Seal %s", text);
	return true;
}
