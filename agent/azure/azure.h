#ifndef AZURE_H
#define AZURE_H

#include "clock.h"
#include "fault.h"

/*
 * One client of one Azure tenant: endpoints, credential, token cache, and the http port it speaks through.  vault.h, arm.h,
 * service.h and probe.h ask their questions through it.  It fetches and puts; it judges nothing.
 */

struct azure;
struct http;

/* Read by agent/settings. All text is borrowed and must outlive the client. */
struct azure_options {
	const char *tenant;			/* GUID or domain */
	const char *authority;			/* "https://login.microsoftonline.com" */
	const char *arm_url;			/* "https://management.azure.com" */
	const char *arm_scope;			/* "https://management.azure.com/.default" */
	const char *vault_suffix;		/* ".vault.azure.net"; a port in a suffix (".x:8443") is part of it */
	const char *managed_hsm_suffix;		/* ".managedhsm.azure.net" */
	const char *health_suffix;		/* ".azurehealthcareapis.com": no token goes elsewhere */
	const char *dicom_audience;		/* "https://dicom.healthcareapis.azure.com" */
	const char *credential;			/* a name of the table in credential.c: "client-secret" */
	const char *client_id;
	const char *client_secret_file;
};

/** Nothing is sent yet. ${http} and ${clock} stay the caller's and must outlive the client. Errors: FAULT_SETTINGS. */
bool azure_open(const struct azure_options *options, struct http *http,
    const struct clock *clock, struct azure **ret_azure, struct fault *fault)
    __attribute__((warn_unused_result));

/** The object id of the caller (claim oid of the last token), "" before the first token: for the journal's actor. */
const char *azure_object_id(const struct azure *azure);

/** The Azure request ids of the last answer ("x-ms-request-id …"), "" if there was none: for the journal. */
const char *azure_last_request_id(const struct azure *azure);

/** One id for all calls of one rotation, sent as x-ms-correlation-request-id to ARM. Copied. */
void azure_set_correlation(struct azure *azure, const char *uuid);

/** Wipe tokens and release; NULL is allowed. */
void azure_close(struct azure *azure);

static inline void
scope_azure(struct azure **azure)
{
	azure_close(*azure);
}

#endif
