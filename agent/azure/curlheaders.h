#ifndef CURLHEADERS_H
#define CURLHEADERS_H

#include "http.h"

#include <curl/curl.h>

/*
 * The header lines of a request as libcurl wants them. One of them may be a bearer token, so they
 * are wiped when they are freed.
 */

/** The headers of ${request}; curlheaders_free releases them. Errors: FAULT_DATA, a line break in one. */
bool curlheaders_list(const struct http_request *request, struct curl_slist **ret_list,
    struct fault *fault) __attribute__((warn_unused_result));

/** Append one line to a list, which may be NULL; it stays whole without memory. */
bool curlheaders_add(struct curl_slist **list, const char *line)
    __attribute__((warn_unused_result));

/** Wipe and release; NULL is allowed. */
void curlheaders_free(struct curl_slist *list);

static inline void
scope_curlheaders(struct curl_slist **list)
{
	curlheaders_free(*list);
}

#endif
