#ifndef LIBRARY_H
#define LIBRARY_H

#include "cryptoki.h"
#include "fault.h"
#include "secret.h"

/*
 * A PKCS #11 module in this process, loaded by libp11 and shared by all who use
 * it, since C_Initialize, C_Finalize and the login belong to the process and
 * not to the one who called them: finalizing for one would pull the module from
 * under the others.
 */
struct library;

/**
 * library_take(path, arguments, ret_library, fault):
 * Load ${path} and initialize it with ${arguments} (may be NULL), or share it
 * if it is loaded.
 * Errors: FAULT_UNAVAILABLE; FAULT_SETTINGS, loaded already with other
 *         arguments.
 */
bool library_take(const char *path, const char *arguments, struct library **ret_library,
    struct fault *fault) __attribute__((warn_unused_result));

/** The last to give it back finalizes and unloads it; NULL is allowed. */
void library_give(struct library *library);

/** The module's own functions (C_GetFunctionList). */
CK_FUNCTION_LIST *library_functions(const struct library *library);

/**
 * The slots with a token in them, as they were when somebody last asked with
 * nobody logged in; the caller frees ${*ret_slots}.
 */
bool library_slots(struct library *library, CK_SLOT_ID **ret_slots, size_t *ret_count,
    struct fault *fault) __attribute__((warn_unused_result));

/**
 * Log in as the normal user unless this process is; ${pin} NULL: the PIN is
 * entered at the HSM. Errors: as C_Login answers.
 */
bool library_login(struct library *library, CK_SLOT_ID slot, const char *token_label,
    const struct secret *pin, struct fault *fault) __attribute__((warn_unused_result));

/** Whether somebody in this process is logged in there. */
bool library_is_logged_in(struct library *library, CK_SLOT_ID slot);

/** The counterpart of one library_login; the last one logs out. */
void library_logout(struct library *library, CK_SLOT_ID slot);

#endif
