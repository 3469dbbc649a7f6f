#include "fault.h"

#include "utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
	[FAULT_FAILED] = "failed",
	[FAULT_USAGE] = "usage",
	[FAULT_DATA] = "data",
	[FAULT_UNAVAILABLE] = "unavailable",
	[FAULT_INTERNAL] = "internal",
	[FAULT_SYSTEM] = "system",
	[FAULT_RETRY] = "retry",
	[FAULT_PROTOCOL] = "protocol",
	[FAULT_PERMISSION] = "permission",
	[FAULT_SETTINGS] = "settings",
	[FAULT_REFUSED] = "refused",
	[FAULT_NOT_FOUND] = "not-found",
	[FAULT_UNKNOWN] = "unknown",
	[FAULT_STOPPED] = "stopped",
};

/* What an operator can do about the few errors that he alone can mend. */
static const struct {
	int number;
	const char *advice;
} advices[] = {
	{ ENOSPC, "; free some space on that file system" },
	{ EDQUOT, "; the disk quota is used up" },
	{ EROFS, "; the file system is mounted read-only" },
	{ EMFILE, "; raise the limit of open files" },
};

static const char *
advice_for(int number)
{
	for (size_t i = 0; i < sizeof advices / sizeof advices[0]; i++)
		if (advices[i].number == number)
			return advices[i].advice;
	return "";
}

bool
fault_set(struct fault *fault, enum fault_code code, const char *format, ...)
{
	va_list arguments;

	if (fault == NULL)
		return false;

	/* The arguments may quote the old text, so write to the side first. */
	char text[FAULT_TEXT_MAX];
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	fault->code = code;
	/* A module, a path or an answer may bring bytes that are no text, and the sentence has to go into JSON. */
	utf8_copy(fault->text, sizeof fault->text, utf8_trim(text));
	return false;
}

bool
fault_system(struct fault *fault, const char *format, ...)
{
	int number = errno;
	char text[FAULT_TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return fault_set(fault, FAULT_SYSTEM, "%s: %s%s", text, strerror(number),
	    advice_for(number));
}

bool
fault_prefix(struct fault *fault, const char *format, ...)
{
	char text[FAULT_TEXT_MAX];
	va_list arguments;

	if (fault == NULL)
		return false;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return fault_set(fault, fault->code, "%s: %s", text, fault->text);
}

const char *
fault_code_name(enum fault_code code)
{
	size_t index = (size_t)code;

	if (index >= sizeof names / sizeof names[0] || names[index] == NULL)
		return "internal";
	return names[index];
}
