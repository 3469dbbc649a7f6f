#ifndef OBJECT_H
#define OBJECT_H

#include "session.h"

/*
 * Objects of the token: searching, reading attributes, destroying (PKCS #11
 * v2.40 base, 5.7).
 */

struct handles {
	CK_OBJECT_HANDLE *list;		/* freed by free() */
	size_t count;
};

/**
 * Every object that matches; ${count} 0: every object. Reads all of them and
 * ends the search at once.
 */
bool object_search(const struct session *session, CK_ATTRIBUTE *template, CK_ULONG count,
    struct handles *ret_handles, struct fault *fault) __attribute__((warn_unused_result));

enum { OBJECT_TOO_LONG = 65536 };

/**
 * object_read(session, handle, attribute, fault):
 * Fill ${attribute}, whose ulValueLen says how much room is at its pValue.
 * Length 0: the object does not have it or does not tell; OBJECT_TOO_LONG:
 * there is no room. Errors: as the token answers, also that the object is gone.
 */
bool object_read(const struct session *session, CK_OBJECT_HANDLE handle, CK_ATTRIBUTE *attribute,
    struct fault *fault) __attribute__((warn_unused_result));

/** The same for a CK_ULONG; CK_UNAVAILABLE_INFORMATION where it does not tell. */
bool object_number(const struct session *session, CK_OBJECT_HANDLE handle,
    CK_ATTRIBUTE_TYPE type, CK_ULONG *ret_number, struct fault *fault)
    __attribute__((warn_unused_result));

/** The same for a CK_BBOOL. */
bool object_answer(const struct session *session, CK_OBJECT_HANDLE handle,
    CK_ATTRIBUTE_TYPE type, enum hsm_answer *ret_answer, struct fault *fault)
    __attribute__((warn_unused_result));

bool object_destroy(const struct session *session, CK_OBJECT_HANDLE handle, const char *what,
    struct fault *fault) __attribute__((warn_unused_result));

/*
 * A session object that goes with the scope it was made in, whichever way that
 * is left.
 */
struct scratch {
	const struct session *session;
	CK_OBJECT_HANDLE handle;
};

void scope_scratch(struct scratch *scratch);

#endif
