#ifndef HTTP_H
#define HTTP_H

#include "fault.h"

#include <stddef.h>
#include <stdint.h>

/*
 * One HTTPS request and its answer, as a port: curl.h opens the real one, and a test hands in
 * its own, or wraps the real one to count, fail or cut exchanges.  A port serves one thread.
 */

struct secret;
struct http;

struct http_header {
	const char *name;
	const char *value;
};

/* All of it is borrowed for the length of the exchange. */
struct http_request {
	const char *method;			/* "GET", "PUT", … */
	const char *url;			/* https only */
	const struct http_header *headers;	/* ended by a NULL name; NULL: none */
	const struct secret *bearer;		/* sent as Authorization: Bearer; NULL: none */
	const void *body;			/* NULL: none */
	size_t body_size;			/* bytes */
	size_t response_max;			/* bytes of answer taken at most; 0: 1 MiB */
	int64_t connect_timeout_ms;		/* 0: 10 s */
	int64_t timeout_ms;			/* of the whole exchange; 0: 30 s */
	bool once;				/* must not reach the server twice: no reused connection, on which a library repeats */
	bool sensitive;				/* the bodies hold secrets: wiped after use, never quoted */
};

struct http_response {
	long status;				/* 200, 404, … */
	char **headers;				/* "Name: value", as they came; see http_header */
	size_t header_count;
	char *body;				/* a NUL is kept after it; NULL if it is empty */
	size_t body_size;			/* bytes */
	size_t body_room;			/* bytes allocated, the NUL left out */
	bool sensitive;				/* wipe before freeing */
};

struct http {
	/**
	 * Ask once and wait for the whole answer; any status is success, redirects are not
	 * followed.  The caller clears the response.
	 * Errors: FAULT_UNAVAILABLE, not a byte of the request was sent (name, connection,
	 *         TLS); FAULT_UNKNOWN, it was sent and no whole answer came back;
	 *         FAULT_PROTOCOL, it was sent and the answer is too long or no HTTP;
	 *         FAULT_STOPPED, keyturn was asked to stop before it was sent.
	 */
	bool (*exchange)(struct http *http, const struct http_request *request,
	    struct http_response *ret_response, struct fault *fault);
	void (*close)(struct http *http);
};

static inline bool __attribute__((warn_unused_result))
http_exchange(struct http *http, const struct http_request *request,
    struct http_response *ret_response, struct fault *fault)
{
	return http->exchange(http, request, ret_response, fault);
}

/** Release the port; NULL is allowed. */
void http_close(struct http *http);

/**
 * Value ${index} (0 the first) of the header ${name}, in any case; NULL if there are not so
 * many. Borrowed.
 */
const char *http_header(const struct http_response *response, const char *name, size_t index);

/**
 * Append one header line of ${size} bytes; white space at its end is dropped. For ports. False
 * without memory.
 */
bool http_add_header(struct http_response *response, const char *line, size_t size)
    __attribute__((warn_unused_result));

/**
 * Append to the body. What is moved is wiped where it was, if the response is sensitive. For
 * ports. False without memory.
 */
bool http_add_body(struct http_response *response, const void *bytes, size_t size)
    __attribute__((warn_unused_result));

/** Drop the header lines: those of an interim answer are not the answer's. For ports. */
void http_drop_headers(struct http_response *response);

/** Wipe if sensitive, release, and leave an empty response. */
void http_response_clear(struct http_response *response);

static inline void
scope_http_response(struct http_response *response)
{
	http_response_clear(response);
}

static inline void
scope_http(struct http **http)
{
	http_close(*http);
}

#endif
