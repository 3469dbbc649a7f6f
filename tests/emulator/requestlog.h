#ifndef REQUESTLOG_H
#define REQUESTLOG_H

/*
 * The request log: one JSON object a line and request, for tests to count and compare. Tokens,
 * secrets and key material never reach it.
 */

#include <stdbool.h>

struct exchange;

/**
 * requestlog_open(path, ret_fd):
 * Open the log for appending (mode 0600). On failure say why on stderr and return false. The
 * descriptor is the caller's to close.
 */
bool requestlog_open(const char *path, int *ret_fd) __attribute__((warn_unused_result));

/* What became of an exchange on the wire, if a fault was ordered. */
struct requestlog_fault {
	bool fault;		/* the answer is an ordered fault's */
	bool no_answer;		/* the connection was closed instead */
};

/**
 * requestlog_write(fd, x, fault):
 * Append {"t", "method", "host", "path", "query", "headers", "body", "status", "response"} with
 * one write, and "fault": true if an ordered fault took part. Bodies are JSON values where they
 * are JSON, else strings. Status 0 means that no answer was sent. Complain on stderr if the line
 * cannot be written.
 */
void requestlog_write(int fd, const struct exchange *x, struct requestlog_fault fault);

#endif
