#ifndef ENCRYPTION_H
#define ENCRYPTION_H

/*
 * How an emulated service really uses its key. Its records are encrypted under data keys; a data key is wrapped (RSA1_5, as the provider's own key test does)
 * under the version of the customer's key that was in use when it was made, and all data keys are kept for good. A query unwraps every one of them, so a
 * service answers only while each version it was ever pointed at can still unwrap.
 *
 * Kept in the resource's member "store": "data_keys" {id: {"url", "wrapped"} or, without a customer's key, {"key"}}, "newest" (id), "records" [{"key", "sealed"}],
 * "url" (the reference in force, or null), "lost_since_ms" (since a query first failed).
 */

#include <jansson.h>
#include <stdbool.h>

struct world;

/* Why a key was refused, for the error of an operation. */
struct encryption_refusal {
	const char *code;
	char message[400];
};

/**
 * encryption_key_url(resource):
 * Return the key URL that ${resource} names, or NULL without one. Sets ${ret_versionless}: the legacy kind, which follows new versions.
 */
const char *encryption_key_url(const json_t *resource, bool *ret_versionless);

/**
 * encryption_url_check(resource, refusal):
 * Whether the URL that ${resource} names has the right form: https, /keys/NAME/VERSION for FHIR and DICOM, /keys/NAME for the legacy kind; for FHIR, vault
 * and key name of at most 94 characters together. Without a URL it is right.
 * Source: "Configure customer-managed keys" of the FHIR and DICOM services.
 */
bool encryption_url_check(const json_t *resource, struct encryption_refusal *refusal) __attribute__((warn_unused_result));

/**
 * encryption_seed(resource, records):
 * Give a new service its first records (an array, reference taken over), under a key of the service's own.
 */
void encryption_seed(json_t *resource, json_t *records);

/**
 * encryption_apply(w, resource, refusal):
 * Take the key that ${resource} names into use, as the service's identity: get it, wrap and unwrap with it, and if the reference changed, make a new data key.
 * On failure nothing of the store has changed.
 */
bool encryption_apply(struct world *w, json_t *resource, struct encryption_refusal *refusal) __attribute__((warn_unused_result));

/**
 * encryption_read(w, resource, ret_records, ret_why):
 * Unwrap every data key and decrypt every record: a new array. False if one cannot be unwrapped, or if the key was lost for longer than half an hour and the
 * service was not put again since; ${*ret_why} is then Key Vault's error code.
 */
bool encryption_read(struct world *w, json_t *resource, json_t **ret_records, const char **ret_why) __attribute__((warn_unused_result));

#endif
