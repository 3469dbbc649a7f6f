#include "object.h"

#include <stdlib.h>

enum { BATCH = 64 };

/* Take what the running search finds, batch by batch. */
static bool
collect(const struct session *session, struct handles *found, struct fault *fault)
{
	CK_OBJECT_HANDLE *more;
	CK_ULONG got;
	CK_RV rv;

	do {
		more = reallocarray(found->list, found->count + BATCH, sizeof *more);
		if (more == NULL)
			return fault_system(fault, "Memory for the objects of token '%s'",
			    session->token.label);
		found->list = more;
		got = 0;
		rv = session->f->C_FindObjects(session->handle, found->list + found->count,
		    BATCH, &got);
		if (rv != CKR_OK)
			return ckr_fault(fault, rv, session_place(session, "C_FindObjects"),
			    "Search for keys");
		if (got > BATCH)
			return fault_set(fault, FAULT_PROTOCOL, "Search for keys: the module "
			    "claims to have found more objects than it was asked for");
		found->count += got;
	} while (got > 0);
	return true;
}

bool
object_search(const struct session *session, CK_ATTRIBUTE *template, CK_ULONG count,
    struct handles *ret_handles, struct fault *fault)
{
	struct handles found = { NULL, 0 };
	CK_RV rv = session->f->C_FindObjectsInit(session->handle, template, count);

	if (rv != CKR_OK)
		return ckr_fault(fault, rv, session_place(session, "C_FindObjectsInit"),
		    "Search for keys");
	bool done = collect(session, &found, fault);

	/*
	 * A search left open would make the next one fail with
	 * CKR_OPERATION_ACTIVE.
	 */
	rv = session->f->C_FindObjectsFinal(session->handle);
	if (done && rv != CKR_OK)
		done = ckr_fault(fault, rv, session_place(session, "C_FindObjectsFinal"),
		    "Search for keys");
	if (!done) {
		free(found.list);
		return false;
	}
	*ret_handles = found;
	return true;
}

bool
object_read(const struct session *session, CK_OBJECT_HANDLE handle, CK_ATTRIBUTE *attribute,
    struct fault *fault)
{
	CK_ULONG room = attribute->ulValueLen;
	CK_RV rv = session->f->C_GetAttributeValue(session->handle, handle, attribute, 1);

	if (rv == CKR_BUFFER_TOO_SMALL) {
		attribute->ulValueLen = OBJECT_TOO_LONG;
		return true;
	}

	/*
	 * The last is what SoftHSM2 says of every attribute of an object that
	 * it never finished writing.
	 */
	if (rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_ATTRIBUTE_SENSITIVE ||
	    rv == CKR_ATTRIBUTE_VALUE_INVALID) {
		attribute->ulValueLen = 0;
		return true;
	}
	if (rv != CKR_OK)
		return ckr_fault(fault, rv, session_place(session, "C_GetAttributeValue"),
		    "Read attribute 0x%lx of an object", attribute->type);

	/*
	 * The module's word on lengths is not taken beyond the room it was
	 * given.
	 */
	if (attribute->ulValueLen == CK_UNAVAILABLE_INFORMATION)
		attribute->ulValueLen = 0;
	if (attribute->ulValueLen > room)
		attribute->ulValueLen = OBJECT_TOO_LONG;
	return true;
}

bool
object_number(const struct session *session, CK_OBJECT_HANDLE handle, CK_ATTRIBUTE_TYPE type,
    CK_ULONG *ret_number, struct fault *fault)
{
	CK_ULONG number = 0;
	CK_ATTRIBUTE attribute = ATTRIBUTE_OF(type, number);

	if (!object_read(session, handle, &attribute, fault))
		return false;
	*ret_number = attribute.ulValueLen == sizeof number ? number
	    : CK_UNAVAILABLE_INFORMATION;
	return true;
}

bool
object_answer(const struct session *session, CK_OBJECT_HANDLE handle, CK_ATTRIBUTE_TYPE type,
    enum hsm_answer *ret_answer, struct fault *fault)
{
	CK_BBOOL value = CK_FALSE;
	CK_ATTRIBUTE attribute = ATTRIBUTE_OF(type, value);

	if (!object_read(session, handle, &attribute, fault))
		return false;
	if (attribute.ulValueLen != sizeof value)
		*ret_answer = HSM_CANNOT_TELL;
	else
		*ret_answer = value == CK_FALSE ? HSM_NO : HSM_YES;
	return true;
}

bool
object_destroy(const struct session *session, CK_OBJECT_HANDLE handle, const char *what,
    struct fault *fault)
{
	CK_RV rv = session->f->C_DestroyObject(session->handle, handle);

	if (rv != CKR_OK)
		return ckr_fault(fault, rv, session_place(session, "C_DestroyObject"),
		    "Remove %s", what);
	return true;
}

void
scope_scratch(struct scratch *scratch)
{
	/* Should the token refuse, the object still ends with the session. */
	if (scratch->handle != CK_INVALID_HANDLE)
		scratch->session->f->C_DestroyObject(scratch->session->handle,
		    scratch->handle);
}
