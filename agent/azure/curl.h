#ifndef CURL_H
#define CURL_H

#include "http.h"

/*
 * The http port by libcurl: https only, TLS 1.2 at least, peer and host verified, no redirects,
 * no cookies, no netrc, capped answers, bounded times.  One port is one handle, which keeps its
 * connections and its parsed CA file: one a worker, for its life.
 */

/* Read by agent/settings. Copied by curl_http_open. */
struct curl_options {
	const char *const *connect_to;	/* "HOST:PORT:TO-HOST:TO-PORT" (CURLOPT_CONNECT_TO), NULL-ended; NULL: none */
	const char *ca_file;		/* PEM; NULL: the system's bundle */
	const char *proxy;		/* URL; NULL: as the environment says; "": none */
	const char *user_agent;		/* NULL: keyturn's own */
};

/**
 * Nothing is connected yet. http_close releases the port.
 * Errors: FAULT_SETTINGS, an option that libcurl does not take or a CA file that cannot be
 *         read; FAULT_SYSTEM.
 */
bool curl_http_open(const struct curl_options *options, struct http **ret_http,
    struct fault *fault) __attribute__((warn_unused_result));

#endif
