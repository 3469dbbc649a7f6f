#ifndef TOKENURI_H
#define TOKENURI_H

#include "cryptoki.h"
#include "fault.h"

#include <p11-kit/uri.h>

/*
 * PKCS #11 URIs (RFC 7512) as keyturn takes them: p11-kit parses, and what
 * could surprise is refused here.
 */

/**
 * tokenuri_parse(text, ret_uri, fault):
 * The caller releases ${*ret_uri} by p11_kit_uri_free.
 * Errors: FAULT_SETTINGS, not a URI of this kind, an attribute nobody knows, or
 *         a pin-value, since settings and command lines are no place for a PIN.
 *         The text itself is not repeated then.
 */
bool tokenuri_parse(const char *text, P11KitUri **ret_uri, struct fault *fault)
    __attribute__((warn_unused_result));

/**
 * tokenuri_pin_file(uri, ret_path, fault):
 * The file of pin-source, borrowed from ${uri}; NULL if there is none. Errors:
 * FAULT_SETTINGS, a source other than a file.
 */
bool tokenuri_pin_file(const P11KitUri *uri, const char **ret_path, struct fault *fault)
    __attribute__((warn_unused_result));

/**
 * Whether token, manufacturer, serial, model and slot-id of ${uri} are those of
 * this token in this slot.
 */
bool tokenuri_matches(P11KitUri *uri, CK_SLOT_ID slot, const CK_TOKEN_INFO *token);

static inline void
scope_tokenuri(P11KitUri **uri)
{
	if (*uri != NULL)
		p11_kit_uri_free(*uri);
}

#endif
