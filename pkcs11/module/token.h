#ifndef TOKEN_H
#define TOKEN_H

#include "disk.h"
#include "hsm.h"

/*
 * The HSM room's front door: a token behind a PKCS #11 module, opened as a
 * struct hsm.
 */

struct token_options {
	const char *token_uri;		/* RFC 7512; object attributes in it are passed over */
	const char *module_path;	/* NULL: the URI's module-path */
	const char *pin_file;		/* NULL: the URI's pin-source */
	const char *module_arguments;	/* given to C_Initialize (NSS wants them); NULL: none */
	const char *enrolled_file;	/* fingerprints of enrolled KEKs, see kek.h; NULL: none */
	const char *allowed_kek;	/* SHA-256 in hex of one more KEK that is as good as enrolled; NULL: none */
	bool accept_zero_padded;	/* RFC 5649 over a zero-padded PKCS #8 (SoftHSM2) may be sent */
};

/**
 * module_open(options, disk, ret_hsm, fault):
 * Load the module, find the one token that the URI describes, log in once with
 * the PIN, and open a session. Several tokens of one module may be open in a
 * process, also several times; each struct hsm is for one thread at a time.
 * ${disk} is for hsm_enroll alone and must outlive ${*ret_hsm}, which hsm_close
 * releases.
 * Errors: FAULT_SETTINGS, no module or no PIN named, named twice, or the URI is
 *         wrong; FAULT_UNAVAILABLE, module or token; FAULT_PERMISSION, PIN
 *         wrong, locked or near it (then it is not sent), or its file open to
 *         others.
 * Source: PKCS #11 v2.40; RFC 7512, 2.3 and 2.4.
 */
bool module_open(const struct token_options *options, const struct disk *disk,
    struct hsm **ret_hsm, struct fault *fault) __attribute__((warn_unused_result));

/**
 * The key that a PKCS #11 URI names by id, object, or both. Errors:
 * FAULT_USAGE, it names none or is wrong.
 */
bool module_key_name(const char *uri, struct hsm_name *ret_name, struct fault *fault)
    __attribute__((warn_unused_result));

#endif
