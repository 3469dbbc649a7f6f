#include "ckr.h"

#include <stdarg.h>
#include <stdio.h>

/*
 * One row for each return value of PKCS #11 v2.40 (base specification, 5.1) and
 * those that v3.0 added. What is not listed with another code is a token that
 * cannot be used at the moment.
 */
struct row {
	CK_RV rv;
	const char *name;
	enum fault_code code;
	const char *advice;
};

#define ROW(rv, code, advice) { rv, #rv, code, advice }

static const struct row rows[] = {
	ROW(CKR_CANCEL, FAULT_UNAVAILABLE, ""),
	ROW(CKR_HOST_MEMORY, FAULT_UNAVAILABLE,
	    "The machine ran out of memory, or the module's own daemon is not running"),
	ROW(CKR_SLOT_ID_INVALID, FAULT_UNAVAILABLE, ""),
	ROW(CKR_GENERAL_ERROR, FAULT_UNAVAILABLE,
	    "The module says no more; look at its configuration, at the rights and the space of its token "
	    "directory, and at its log"),
	ROW(CKR_FUNCTION_FAILED, FAULT_UNAVAILABLE,
	    "Look at the module's log and at the space left for its token store"),
	ROW(CKR_ARGUMENTS_BAD, FAULT_UNAVAILABLE,
	    "The module wants other parameters; some modules need module arguments in the settings"),
	ROW(CKR_NO_EVENT, FAULT_UNAVAILABLE, ""),
	ROW(CKR_NEED_TO_CREATE_THREADS, FAULT_UNAVAILABLE, ""),
	ROW(CKR_CANT_LOCK, FAULT_UNAVAILABLE, ""),
	ROW(CKR_ATTRIBUTE_READ_ONLY, FAULT_REFUSED,
	    "The token does not let users change or set this attribute"),
	ROW(CKR_ATTRIBUTE_SENSITIVE, FAULT_REFUSED, ""),
	ROW(CKR_ATTRIBUTE_TYPE_INVALID, FAULT_REFUSED,
	    "The token does not know one of the attributes"),
	ROW(CKR_ATTRIBUTE_VALUE_INVALID, FAULT_REFUSED,
	    "The token's policy does not allow one of the values; ask the HSM admin whether extractable "
	    "keys are allowed"),
	ROW(CKR_ACTION_PROHIBITED, FAULT_REFUSED,
	    "An attribute of the object forbids it"),
	ROW(CKR_DATA_INVALID, FAULT_UNAVAILABLE, ""),
	ROW(CKR_DATA_LEN_RANGE, FAULT_REFUSED, ""),
	ROW(CKR_DEVICE_ERROR, FAULT_UNAVAILABLE,
	    "The HSM reports a fault of its own; look at its log and its display"),
	ROW(CKR_DEVICE_MEMORY, FAULT_UNAVAILABLE,
	    "The HSM has no room left; remove keys that nobody needs"),
	ROW(CKR_DEVICE_REMOVED, FAULT_UNAVAILABLE,
	    "The HSM was disconnected; connect it and start again"),
	ROW(CKR_ENCRYPTED_DATA_INVALID, FAULT_UNAVAILABLE, ""),
	ROW(CKR_ENCRYPTED_DATA_LEN_RANGE, FAULT_UNAVAILABLE, ""),
	ROW(CKR_FUNCTION_CANCELED, FAULT_UNAVAILABLE, ""),
	ROW(CKR_FUNCTION_NOT_PARALLEL, FAULT_UNAVAILABLE, ""),
	ROW(CKR_FUNCTION_NOT_SUPPORTED, FAULT_REFUSED,
	    "The module does not offer this function"),
	ROW(CKR_KEY_HANDLE_INVALID, FAULT_UNAVAILABLE, ""),
	ROW(CKR_KEY_SIZE_RANGE, FAULT_REFUSED,
	    "The token does not offer this key size"),
	ROW(CKR_KEY_TYPE_INCONSISTENT, FAULT_REFUSED, ""),
	ROW(CKR_KEY_NOT_NEEDED, FAULT_UNAVAILABLE, ""),
	ROW(CKR_KEY_CHANGED, FAULT_UNAVAILABLE, ""),
	ROW(CKR_KEY_NEEDED, FAULT_UNAVAILABLE, ""),
	ROW(CKR_KEY_INDIGESTIBLE, FAULT_REFUSED, ""),
	ROW(CKR_KEY_FUNCTION_NOT_PERMITTED, FAULT_REFUSED,
	    "The key's attributes do not allow this use"),
	ROW(CKR_KEY_NOT_WRAPPABLE, FAULT_REFUSED,
	    "The token forbids wrapping this key; if it carries CKA_WRAP_WITH_TRUSTED it can only leave "
	    "under a KEK that the SO marked CKA_TRUSTED"),
	ROW(CKR_KEY_UNEXTRACTABLE, FAULT_REFUSED,
	    "The key is sealed: CKA_EXTRACTABLE is false and stays so"),
	ROW(CKR_MECHANISM_INVALID, FAULT_REFUSED,
	    "The token does not offer this mechanism"),
	ROW(CKR_MECHANISM_PARAM_INVALID, FAULT_REFUSED,
	    "The token does not take these mechanism parameters"),
	ROW(CKR_OBJECT_HANDLE_INVALID, FAULT_UNAVAILABLE,
	    "The object vanished; somebody else may be working on the token"),
	ROW(CKR_OPERATION_ACTIVE, FAULT_UNAVAILABLE, ""),
	ROW(CKR_OPERATION_NOT_INITIALIZED, FAULT_UNAVAILABLE, ""),
	ROW(CKR_PIN_INCORRECT, FAULT_PERMISSION,
	    "The PIN is wrong; it was tried once and is not tried again. Correct the PIN file before the "
	    "token locks"),
	ROW(CKR_PIN_INVALID, FAULT_PERMISSION,
	    "The PIN holds characters that the token does not take"),
	ROW(CKR_PIN_LEN_RANGE, FAULT_PERMISSION,
	    "The PIN is too short or too long for this token"),
	ROW(CKR_PIN_EXPIRED, FAULT_PERMISSION,
	    "The PIN has expired; the HSM admin has to set a new one"),
	ROW(CKR_PIN_LOCKED, FAULT_PERMISSION,
	    "The PIN is locked; the security officer has to unlock it"),
	ROW(CKR_SESSION_CLOSED, FAULT_UNAVAILABLE,
	    "The token ended the session; start again"),
	ROW(CKR_SESSION_COUNT, FAULT_UNAVAILABLE,
	    "The token has no session left; close other programs that use it"),
	ROW(CKR_SESSION_HANDLE_INVALID, FAULT_UNAVAILABLE,
	    "The token ended the session; start again"),
	ROW(CKR_SESSION_PARALLEL_NOT_SUPPORTED, FAULT_UNAVAILABLE, ""),
	ROW(CKR_SESSION_READ_ONLY, FAULT_UNAVAILABLE,
	    "The token gave a read-only session only"),
	ROW(CKR_SESSION_EXISTS, FAULT_UNAVAILABLE, ""),
	ROW(CKR_SESSION_READ_ONLY_EXISTS, FAULT_UNAVAILABLE, ""),
	ROW(CKR_SESSION_READ_WRITE_SO_EXISTS, FAULT_UNAVAILABLE, ""),
	ROW(CKR_SIGNATURE_INVALID, FAULT_UNAVAILABLE, ""),
	ROW(CKR_SIGNATURE_LEN_RANGE, FAULT_UNAVAILABLE, ""),
	ROW(CKR_TEMPLATE_INCOMPLETE, FAULT_REFUSED, ""),
	ROW(CKR_TEMPLATE_INCONSISTENT, FAULT_REFUSED,
	    "The token's policy does not allow this combination of attributes; ask the HSM admin whether "
	    "sensitive keys may be extractable"),
	ROW(CKR_TOKEN_NOT_PRESENT, FAULT_UNAVAILABLE,
	    "The token is not there; insert or connect it, and look at the token URI in the settings"),
	ROW(CKR_TOKEN_NOT_RECOGNIZED, FAULT_UNAVAILABLE,
	    "The slot holds no token that the module knows; is it initialized?"),
	ROW(CKR_TOKEN_WRITE_PROTECTED, FAULT_UNAVAILABLE,
	    "The token is write-protected; is this the right slot?"),
	ROW(CKR_UNWRAPPING_KEY_SIZE_RANGE, FAULT_UNAVAILABLE, ""),
	ROW(CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT, FAULT_UNAVAILABLE, ""),
	ROW(CKR_USER_ALREADY_LOGGED_IN, FAULT_UNAVAILABLE,
	    "Somebody is logged in within this process already"),
	ROW(CKR_USER_NOT_LOGGED_IN, FAULT_UNAVAILABLE,
	    "The login was lost; start again"),
	ROW(CKR_USER_PIN_NOT_INITIALIZED, FAULT_PERMISSION,
	    "The token has no user PIN yet; the security officer has to set one"),
	ROW(CKR_USER_TYPE_INVALID, FAULT_PERMISSION,
	    "The token does not take a login of the normal user"),
	ROW(CKR_USER_ANOTHER_ALREADY_LOGGED_IN, FAULT_UNAVAILABLE, ""),
	ROW(CKR_USER_TOO_MANY_TYPES, FAULT_UNAVAILABLE, ""),
	ROW(CKR_WRAPPED_KEY_INVALID, FAULT_UNAVAILABLE, ""),
	ROW(CKR_WRAPPED_KEY_LEN_RANGE, FAULT_UNAVAILABLE, ""),
	ROW(CKR_WRAPPING_KEY_HANDLE_INVALID, FAULT_UNAVAILABLE, ""),
	ROW(CKR_WRAPPING_KEY_SIZE_RANGE, FAULT_REFUSED, ""),
	ROW(CKR_WRAPPING_KEY_TYPE_INCONSISTENT, FAULT_REFUSED, ""),
	ROW(CKR_RANDOM_SEED_NOT_SUPPORTED, FAULT_UNAVAILABLE, ""),
	ROW(CKR_RANDOM_NO_RNG, FAULT_UNAVAILABLE, ""),
	ROW(CKR_DOMAIN_PARAMS_INVALID, FAULT_REFUSED,
	    "The token does not offer this curve"),
	ROW(CKR_CURVE_NOT_SUPPORTED, FAULT_REFUSED,
	    "The token does not offer this curve"),
	ROW(CKR_BUFFER_TOO_SMALL, FAULT_UNAVAILABLE, ""),
	ROW(CKR_SAVED_STATE_INVALID, FAULT_UNAVAILABLE, ""),
	ROW(CKR_INFORMATION_SENSITIVE, FAULT_REFUSED, ""),
	ROW(CKR_STATE_UNSAVEABLE, FAULT_UNAVAILABLE, ""),
	ROW(CKR_CRYPTOKI_NOT_INITIALIZED, FAULT_UNAVAILABLE,
	    "The module was shut down under us; start again"),
	ROW(CKR_CRYPTOKI_ALREADY_INITIALIZED, FAULT_UNAVAILABLE, ""),
	ROW(CKR_MUTEX_BAD, FAULT_UNAVAILABLE, ""),
	ROW(CKR_MUTEX_NOT_LOCKED, FAULT_UNAVAILABLE, ""),
	ROW(CKR_NEW_PIN_MODE, FAULT_UNAVAILABLE, ""),
	ROW(CKR_NEXT_OTP, FAULT_UNAVAILABLE, ""),
	ROW(CKR_EXCEEDED_MAX_ITERATIONS, FAULT_UNAVAILABLE, ""),
	ROW(CKR_FIPS_SELF_TEST_FAILED, FAULT_UNAVAILABLE,
	    "The module's self-test failed; do not use it before the vendor has looked"),
	ROW(CKR_LIBRARY_LOAD_FAILED, FAULT_UNAVAILABLE,
	    "The module could not load a library of its own"),
	ROW(CKR_PIN_TOO_WEAK, FAULT_UNAVAILABLE, ""),
	ROW(CKR_PUBLIC_KEY_INVALID, FAULT_REFUSED, ""),
	ROW(CKR_FUNCTION_REJECTED, FAULT_REFUSED,
	    "The token, or a person at its display, declined"),
	{ 0x42, "CKR_AEAD_DECRYPT_FAILED", FAULT_UNAVAILABLE, "" },
	{ 0x201, "CKR_TOKEN_RESOURCE_EXCEEDED", FAULT_UNAVAILABLE, "The HSM has no room left" },
	{ 0x202, "CKR_OPERATION_CANCEL_FAILED", FAULT_UNAVAILABLE, "" },
	{ 0x203, "CKR_KEY_EXHAUSTED", FAULT_REFUSED, "" },
};

static const struct row *
find_row(CK_RV rv)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].rv == rv)
			return &rows[i];
	return NULL;
}

const char *
ckr_name(CK_RV rv, char text[static CKR_TEXT])
{
	const struct row *row = find_row(rv);

	if (row != NULL)
		return row->name;

	/* A vendor's own codes are looked up in his manual by their offset. */
	if (rv >= CKR_VENDOR_DEFINED)
		snprintf(text, CKR_TEXT, "CKR_VENDOR_DEFINED + 0x%lx",
		    rv - CKR_VENDOR_DEFINED);
	else
		snprintf(text, CKR_TEXT, "the unknown CKR 0x%lx", rv);
	return text;
}

const char *
ckr_advice(CK_RV rv)
{
	const struct row *row = find_row(rv);

	if (row == NULL)
		return "Look it up in the manual of the HSM";
	return row->advice;
}

enum fault_code
ckr_code(CK_RV rv)
{
	const struct row *row = find_row(rv);

	return row == NULL ? FAULT_UNAVAILABLE : row->code;
}

bool
ckr_fault(struct fault *fault, CK_RV rv, struct ckr_place place, const char *format, ...)
{
	char what[FAULT_TEXT_MAX / 2], name[CKR_TEXT];
	const char *advice = ckr_advice(rv);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof what, format, arguments);
	va_end(arguments);
	return fault_set(fault, ckr_code(rv), "%s: %s on token '%s' answered %s%s%s", what,
	    place.function, place.token, ckr_name(rv, name), *advice != 0 ? ". " : "",
	    advice);
}
