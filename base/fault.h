#ifndef FAULT_H
#define FAULT_H

#include <stdbool.h>

/*
 * What went wrong: a code for programs, a sentence for people.
 *
 * Every function that can fail returns bool and takes a struct fault as its
 * last parameter.  The lower storeys set it, each storey above may put its
 * half sentence in front, and only main prints it.
 */

enum fault_code {
	FAULT_FAILED = 1,	/* it did not work, and no code below fits */
	FAULT_USAGE,		/* the command line */
	FAULT_DATA,		/* a policy, journal, blob or key that is wrong */
	FAULT_UNAVAILABLE,	/* the HSM or Azure cannot be reached or is broken */
	FAULT_INTERNAL,		/* a defect of keyturn itself */
	FAULT_SYSTEM,		/* the operating system refused: disk, memory, files */
	FAULT_RETRY,		/* busy, throttled, locked: the same again later */
	FAULT_PROTOCOL,		/* an answer that the protocol does not allow */
	FAULT_PERMISSION,	/* 401, 403, wrong PIN, file mode */
	FAULT_SETTINGS,		/* the settings file */
	FAULT_REFUSED,		/* keyturn's own rules forbid it */
	FAULT_NOT_FOUND,	/* the thing asked for does not exist */
	FAULT_UNKNOWN,		/* sent, and no answer says whether it took effect */
	FAULT_STOPPED		/* somebody asked keyturn to stop */
};

enum { FAULT_TEXT_MAX = 2000 };

struct fault {
	enum fault_code code;
	char text[FAULT_TEXT_MAX];	/* UTF-8, one or more sentences, no newline at the end */
};

/**
 * fault_set(fault, code, format, ...):
 * Record ${code} and the formatted sentence; a text too long is cut, and
 * bytes that are not UTF-8 become U+FFFD.
 * ${fault} may be NULL.  Always return false, so that a failure is one line.
 */
bool fault_set(struct fault *fault, enum fault_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * fault_system(fault, format, ...):
 * Record FAULT_SYSTEM, the formatted sentence, and what errno means (the
 * text of strerror and, where it helps an operator, what to do).
 * Always return false.
 */
bool fault_system(struct fault *fault, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * fault_prefix(fault, format, ...):
 * Put the formatted half sentence and ": " in front of what is recorded;
 * the code stays.  Always return false.
 */
bool fault_prefix(struct fault *fault, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * fault_code_name(code):
 * A stable lower-case word for ${code}, for JSON: "permission", "retry", ...
 */
const char *fault_code_name(enum fault_code code);

#endif
