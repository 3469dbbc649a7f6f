#ifndef CREDENTIAL_H
#define CREDENTIAL_H

#include "azure.h"
#include "http.h"

/*
 * The ways to prove who keyturn is, as a table: a kind of credential is a row.  Each row asks
 * its own token endpoint (Entra's, a virtual machine's, Azure Arc's), and all of these answer
 * with the same JSON, which entra.c reads.
 */

/* What a row may use to ask. */
struct credential_context {
	const struct azure_options *options;
	struct http *http;
	const struct clock *clock;
};

struct credential_kind {
	const char *name;		/* in the settings: "client-secret" */

	/** Whether the settings hold what this kind needs. No I/O. Errors: FAULT_SETTINGS. */
	bool (*check)(const struct azure_options *options, struct fault *fault);

	/**
	 * Ask for a token for ${scope} ("https://vault.azure.net/.default"); any status is
	 * success. Errors: http_exchange's; secret_read's.
	 */
	bool (*ask)(const struct credential_context *context, const char *scope,
	    struct http_response *ret_response, struct fault *fault);
};

/** The row named ${name}. Errors: FAULT_SETTINGS, there is none: the text lists the names. */
bool credential_find(const char *name, const struct credential_kind **ret_kind,
    struct fault *fault) __attribute__((warn_unused_result));

#endif
