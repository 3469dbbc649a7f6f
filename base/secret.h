#ifndef SECRET_H
#define SECRET_H

#include "fault.h"

#include <stddef.h>
#include <stdint.h>

/*
 * A PIN, a client secret, a bearer token: bytes that are wiped when they are
 * freed and that nothing can print by accident, since the type is opaque.
 *
 * What wiping cannot reach: copies in registers and on the stacks of library
 * functions the bytes are handed to.  Hence core dumps are switched off for
 * the whole process as well (see main.c).
 */

struct secret;

enum { SECRET_MAX = 65536 };	/* bytes; a bearer token may have some thousands */

/**
 * secret_new(bytes, size, ret_secret, fault):
 * Copy ${size} bytes (at most SECRET_MAX).  A NUL is kept after them, so that
 * text secrets can be given to libraries that want a string.
 * Errors: FAULT_DATA, too long; FAULT_SYSTEM, no memory.
 * The caller wipes ${bytes} and releases ${*ret_secret} by secret_free.
 */
bool secret_new(const void *bytes, size_t size, struct secret **ret_secret,
    struct fault *fault) __attribute__((warn_unused_result));

/**
 * secret_read(path, what, ret_secret, fault):
 * Read the file ${path}, which holds ${what} ("the PIN of token x"), and drop
 * one trailing line end (LF or CR LF).  Refuse anything but a regular file, of
 * root or of the user who runs keyturn, that no one else may open.
 * Errors: FAULT_PERMISSION, mode or owner; FAULT_SETTINGS, missing, empty or
 *         over SECRET_MAX; FAULT_SYSTEM, a system call failed.
 */
bool secret_read(const char *path, const char *what, struct secret **ret_secret,
    struct fault *fault) __attribute__((warn_unused_result));

/** The bytes, followed by a NUL that does not count. Valid until secret_free. */
const uint8_t *secret_bytes(const struct secret *secret);

/** The bytes as a string. */
const char *secret_text(const struct secret *secret);

/** Number of bytes. */
size_t secret_size(const struct secret *secret);

/** Wipe and release; NULL is allowed. */
void secret_free(struct secret *secret);

static inline void
scope_secret(struct secret **secret)
{
	secret_free(*secret);
}

#endif
