#ifndef SERVICE_H
#define SERVICE_H

#include "azure.h"

#include <jansson.h>
#include <stdint.h>

/*
 * What uses the key: ARM resources that hold a key URL. One table, one row a kind; a new kind is a row and a test.
 */

enum { SERVICE_URL_MAX = 1024, SERVICE_STATE_MAX = 32 };

struct service_kind {
	const char *name;		/* in policies: "fhir", "dicom" */
	const char *resource_type;	/* "Microsoft.HealthcareApis/workspaces/fhirservices" */
	const char *api_version;	/* of GET and PUT */
	const char *key_url_pointer;	/* JSON Pointer of the key URL in the resource */
	const char *const *read_only;	/* JSON Pointers that a PUT must not carry, NULL-ended; "*" stands for any member */
	bool takes_rsa_only;		/* and of 2048 or 3072 bits */
	const char *probe_path;		/* a query that reaches the store, below the service's data URL */
	const char *probe_accept;	/* Accept header of the probe */
	const char *url_pointer;	/* where the resource names its data URL, or NULL: it is built from the id */
	const char *url_label;		/* built: https://WORKSPACE-NAME.LABEL and the health suffix */
	const char *audience_pointer;	/* where it names its token audience, or NULL: the cloud's own */
};

/** The row named ${name}, or NULL. */
const struct service_kind *service_kind_find(const char *name);

/** Row ${index}, NULL after the last. */
const struct service_kind *service_kind_at(size_t index);

/** Check that ${id} is an ARM resource id of this kind. Errors: FAULT_DATA. No I/O. */
bool service_check_id(const struct service_kind *kind, const char *id, struct fault *fault)
    __attribute__((warn_unused_result));

/* A service as GET shows it. */
struct service_state {
	json_t *resource;		/* owned: see service_state_clear */
	char key_url[SERVICE_URL_MAX];	/* "": no customer-managed key */
	char provisioning_state[SERVICE_STATE_MAX];
	char identity_type[64];		/* "None" if it has none */
};

void service_state_clear(struct service_state *state);

static inline void
scope_service_state(struct service_state *state)
{
	service_state_clear(state);
}

/** GET the resource. Errors: FAULT_NOT_FOUND and the rest of the http room's, with Azure's code and request id. */
bool service_read(struct azure *azure, const struct service_kind *kind, const char *id,
    struct service_state *ret_state, struct fault *fault) __attribute__((warn_unused_result));

/** The body of the PUT that changes nothing but the key URL: read-only members stripped, everything else, known or not, as it came. New reference. No I/O. */
bool service_body(const struct service_kind *kind, const json_t *resource, const char *key_url,
    json_t **ret_body, struct fault *fault) __attribute__((warn_unused_result));

/** What differs between two states beside the key URL and read-only members, as JSON Pointers in words ("" if nothing). The caller frees it. No I/O. */
bool service_difference(const struct service_kind *kind, const json_t *before,
    const json_t *after, char **ret_text, struct fault *fault) __attribute__((warn_unused_result));

/* A long-running operation under way. Plain text, so that the journal can carry it over a crash. */
struct service_operation {
	char azure_async[4096];		/* Azure-AsyncOperation URL, "" if none */
	char location[4096];		/* Location URL, "" if none */
	int64_t retry_after_ms;		/* wait so long before the next look */
};

enum service_progress { SERVICE_RUNNING = 1, SERVICE_SUCCEEDED, SERVICE_FAILED, SERVICE_CANCELED };

/**
 * service_write(azure, kind, id, body, ret_operation, ret_progress, fault):
 * PUT the resource once. ${*ret_progress} is SERVICE_SUCCEEDED when the answer says it is finished.
 * Errors: FAULT_UNKNOWN, sent and unanswered: read before anything else; FAULT_RETRY, busy (409, 429); FAULT_REFUSED, a 4xx: nothing changed.
 */
bool service_write(struct azure *azure, const struct service_kind *kind, const char *id,
    const json_t *body, struct service_operation *ret_operation,
    enum service_progress *ret_progress, struct fault *fault) __attribute__((warn_unused_result));

/**
 * service_poll(azure, kind, id, operation, ret_progress, fault):
 * Look once, by Azure-AsyncOperation, else Location, else the resource's provisioningState; sets ${operation->retry_after_ms}.
 * URLs must be on the ARM host: no token is sent elsewhere (FAULT_PROTOCOL). On SERVICE_FAILED ${fault} holds Azure's reason, although
 * true is returned.
 */
bool service_poll(struct azure *azure, const struct service_kind *kind, const char *id,
    struct service_operation *operation, enum service_progress *ret_progress,
    struct fault *fault) __attribute__((warn_unused_result));

/* What a data-plane query answered. */
enum service_probe {
	SERVICE_PROBE_ANSWERS = 1,	/* 200 or 204: the store was reached */
	SERVICE_PROBE_KEY_LOST,		/* what the reference knows as "key lost": 403 with the customer-managed-key text, 424, 500 */
	SERVICE_PROBE_NOT_ALLOWED,	/* 401, 403: keyturn has no reader role there, so nothing is known */
	SERVICE_PROBE_NO_ANSWER		/* not reached, throttled, or something else */
};

struct service_probe_result {
	enum service_probe outcome;
	long status;			/* HTTP status, 0 without an answer */
	char text[512];			/* what came back, in words */
};

/** One read-only query through the service's own API. Only a failure to ask at all (no token, no memory) is a fault. */
bool service_probe(struct azure *azure, const struct service_kind *kind, const char *id,
    const struct service_state *state, struct service_probe_result *ret_result,
    struct fault *fault) __attribute__((warn_unused_result));

#endif
