#ifndef CURLERROR_H
#define CURLERROR_H

#include "http.h"

#include <curl/curl.h>

/*
 * What libcurl says of an exchange that failed, as a fault: whether anything was sent, what
 * came back, what to do.
 */

struct curlerror {
	CURLcode code;
	const char *text;		/* of CURLOPT_ERRORBUFFER; "" without */
	bool sent;			/* the request was begun */
	bool too_long;			/* the answer was longer than its cap */
	size_t body_max;		/* bytes */
};

/**
 * Always return false. Codes: those of the port in http.h. The query of the URL and all headers
 * and bodies stay untold.
 */
bool curlerror_fault(const struct curlerror *error, const struct http_request *request,
    struct fault *fault);

#endif
