#ifndef SCRIPTED_H
#define SCRIPTED_H

#include "azure.h"
#include "http.h"

/*
 * An http port that answers from a script and remembers what it was asked, and a clock that a test turns.  Requests for tokens are
 * answered apart from the script, with "token-1", "token-2", and so on.
 */

/* One answer, or one failure of the exchange. */
struct scripted_answer {
	long status;
	const char *headers;		/* lines ended by \n; NULL: none */
	const char *body;		/* NULL: none */
	enum fault_code fault;		/* 0: there is an answer */
};

struct scripted_request {
	char *method, *url, *headers, *body, *bearer;
	bool once, sensitive;
};

enum { SCRIPTED_MAX = 64 };

struct scripted {
	struct http port;
	const struct scripted_answer *answers;
	size_t answer_count, next;
	struct scripted_request requests[SCRIPTED_MAX];
	size_t request_count;		/* tokens not counted */
	const char *token_answer;	/* body instead of a token, with ${token_status} */
	long token_status;		/* 0: a token */
	enum fault_code token_fault;	/* 0: an answer */
	int token_life_s;		/* 3600 */
	size_t token_count;		/* token requests so far */
	char token_form[2000];		/* the last one's body */
	struct clock clock;
	int64_t wall_ms, monotonic_ms;
	int64_t waits[SCRIPTED_MAX];
	size_t wait_count;
	bool stopped;			/* waits end at once */
	char secret_file[64];
	struct azure_options options;	/* of the public cloud */
};

/** Begin with these answers, in their order. The clock stands at 2026-11-22T00:00:00Z. */
void scripted_begin(struct scripted *scripted, const struct scripted_answer *answers, size_t count);

/** Release all that was remembered. */
void scripted_end(struct scripted *scripted);

#define SCRIPTED(scripted, ...)                                              \
	scripted_begin((scripted), (const struct scripted_answer[]){ __VA_ARGS__ },   \
	    sizeof((const struct scripted_answer[]){ __VA_ARGS__ }) / sizeof(struct scripted_answer))

#endif
