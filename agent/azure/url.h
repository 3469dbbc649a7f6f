#ifndef URL_H
#define URL_H

#include "fault.h"

#include <stddef.h>

/*
 * The URLs that keyturn asks: https, without user, password or fragment.  They are taken apart
 * by libcurl's own parser, so that a check and the request can never read one text in two ways.
 */

enum { URL_MAX = 4096, URL_AUTHORITY_MAX = 300 };

struct url {
	char authority[URL_AUTHORITY_MAX];	/* host in lower case, and ":PORT" unless it is 443 */
	char path[URL_MAX];			/* "/keys/x", "/" at least; dots resolved, percent-encoding kept */
	char query[URL_MAX];			/* without the question mark */
};

/**
 * Errors: FAULT_DATA, not such a URL, or characters in it that none of Azure's names has. No
 * I/O.
 */
bool url_parse(const char *text, struct url *ret_url, struct fault *fault)
    __attribute__((warn_unused_result));

/**
 * Whether ${authority} ends in ${suffix} (".vault.azure.net", any case) with a name before it.
 * A port counts if the suffix names one (".vault.localhost:8443").  A NULL suffix has nothing
 * below it.
 */
bool url_is_below(const char *authority, const char *suffix);

/** Whether ${text} is 1 to ${max} characters, all of them letters, digits or in ${others}. */
bool url_is_word(const char *text, const char *others, size_t max);

/**
 * Print a URL, which must then be one that url_parse takes. The caller frees it. Errors:
 * FAULT_DATA.
 */
bool url_print(char **ret_text, struct fault *fault, const char *format, ...)
    __attribute__((warn_unused_result, format(printf, 3, 4)));

#endif
