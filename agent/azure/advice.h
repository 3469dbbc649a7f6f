#ifndef ADVICE_H
#define ADVICE_H

#include "fault.h"

/*
 * What Azure's error codes mean to the people who run keyturn: a table from code to fault code
 * and advice.
 */

struct advice {
	const char *code;		/* of Key Vault, ARM or Entra: "ForbiddenByRbac", "AKV10032", "AADSTS7000215" */
	enum fault_code fault;		/* 0: as the HTTP status says */
	const char *text;		/* what to do; a sentence without its full stop */
};

/** The row of ${code}, compared in any case, or NULL. */
const struct advice *advice_find(const char *code);

/** The first row whose code (one that begins AKV or AADSTS) stands in ${message}, or NULL. */
const struct advice *advice_find_in(const char *message);

#endif
