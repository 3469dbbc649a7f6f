#ifndef LOGIN_H
#define LOGIN_H

#include "library.h"

/* The token to log in to. */
struct login {
	struct library *library;
	CK_SLOT_ID slot;
	const CK_TOKEN_INFO *info;	/* its flags as they are now */
	const char *label, *serial;
	const char *pin_file;		/* NULL: the token must have a PIN pad of its own */
};

/**
 * login_user(login, fault):
 * Log in as the normal user with the PIN in the file, at most once: not at all
 * while the token says that a wrong PIN was given lately, that one try is left,
 * or that it is locked; and never again with a PIN that was refused in this
 * process. library_logout is its counterpart.
 * Errors: FAULT_PERMISSION, FAULT_SETTINGS, FAULT_UNAVAILABLE.
 * Source: PKCS #11 v2.40 base specification, 3.2 (CK_TOKEN_INFO flags) and 5.6
 *         (C_Login).
 */
bool login_user(const struct login *login, struct fault *fault)
    __attribute__((warn_unused_result));

#endif
