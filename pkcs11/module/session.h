#ifndef SESSION_H
#define SESSION_H

#include "ckr.h"
#include "hsm.h"
#include "library.h"

/*
 * What stands behind the port in this room: one logged-in read-write session
 * with one token. All raw calls go through it, so that the objects of one
 * transfer end with it at the latest.
 */
struct session {
	struct hsm hsm;			/* first: the port hands us a pointer to it */
	CK_FUNCTION_LIST *f;
	CK_SESSION_HANDLE handle;
	struct library *library;
	CK_SLOT_ID slot;
	struct hsm_token token;
	const struct disk *disk;
	char *enrolled_file;		/* or NULL */
	char *allowed_kek;		/* or NULL */
	bool accept_zero_padded;
};

static inline struct session *
session_of(struct hsm *hsm)
{
	return (struct session *)(void *)hsm;
}

/** Where a raw call of this session failed, for ckr_fault. */
static inline struct ckr_place
session_place(const struct session *session, const char *function)
{
	return (struct ckr_place){ function, session->token.label };
}

#endif
