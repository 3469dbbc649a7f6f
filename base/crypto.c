#include "crypto.h"

#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>

bool
crypto_fault(struct fault *fault, enum fault_code code, const char *format, ...)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());
	char text[FAULT_TEXT_MAX / 2];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	ERR_clear_error();
	return fault_set(fault, code, "%s: OpenSSL says \"%s\"", text,
	    reason == NULL ? "failed, no reason given" : reason);
}
