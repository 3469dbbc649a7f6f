#ifndef CKR_H
#define CKR_H

#include "cryptoki.h"
#include "fault.h"

/*
 * The return values of PKCS #11 as names for people, with what to do about them.
 */

enum { CKR_TEXT = 48 };

/**
 * "CKR_PIN_INCORRECT", or "CKR_VENDOR_DEFINED + 0x…", or "unknown CKR 0x…";
 * ${text} is room for the latter.
 */
const char *ckr_name(CK_RV rv, char text[static CKR_TEXT]);

/**
 * What an HSM admin can do about it, as a sentence; "" where the name says all
 * there is to say.
 */
const char *ckr_advice(CK_RV rv);

/** The code that a fault over this return value has. */
enum fault_code ckr_code(CK_RV rv);

/** Where a call failed: the PKCS #11 function and the token's label. */
struct ckr_place {
	const char *function;
	const char *token;
};

/**
 * ckr_fault(fault, rv, place, format, ...):
 * Record "WHAT: C_FUNCTION on token 'LABEL' answered CKR_NAME. ADVICE", WHAT
 * being the formatted half sentence. Always return false.
 */
bool ckr_fault(struct fault *fault, CK_RV rv, struct ckr_place place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
