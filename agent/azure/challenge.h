#ifndef CHALLENGE_H
#define CHALLENGE_H

#include "http.h"

/*
 * What a 401 says about the tokens it wants (WWW-Authenticate: Bearer authorization="…/TENANT",
 * resource="https://vault.azure.net"). Settings choose authority and tenant; a challenge only
 * confirms them, or tells how they differ, and names the audience.
 */

enum { CHALLENGE_TEXT_MAX = 300 };

struct challenge {
	char tenant[CHALLENGE_TEXT_MAX];	/* first path segment of authorization or authorization_uri; "" without */
	char scope[CHALLENGE_TEXT_MAX];		/* as named, or resource + "/.default"; "" without */
	char authority[CHALLENGE_TEXT_MAX];	/* host[:port] of the resource or scope, lower case; "" without */
	char error[CHALLENGE_TEXT_MAX];		/* "invalid_token", "insufficient_claims"; "" without */
};

/** Read one WWW-Authenticate value. False if it is no Bearer challenge or malformed. No I/O. */
bool challenge_parse(const char *value, struct challenge *ret_challenge);

/** The first Bearer challenge of an answer. False if there is none. */
bool challenge_find(const struct http_response *response, struct challenge *ret_challenge);

/**
 * Whether the host ${authority} lies below the resource's: it must end in "." and the
 * resource's host, in any case. The dot matters.
 */
bool challenge_fits(const struct challenge *challenge, const char *authority);

#endif
