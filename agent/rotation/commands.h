#ifndef COMMANDS_H
#define COMMANDS_H

#include "engine.h"

#include <jansson.h>

/*
 * What can be asked of a policy. Each answers with one JSON document, which is what --json prints and what the tables are
 * made of; its shape is given at each. The caller releases it by json_decref. A document may come with a false result: then
 * it tells how far things got, and NULL where there is nothing to tell. All of them take times as RFC 3339 text.
 *
 * A finding is {"level": "problem"|"warning"|"note", "subject": what it is about, "text": a sentence, "advice": what to do}.
 */

struct policy;

/*
 * Everything that could make a rotation fail, only looking:
 * {"policy", "usable": bool, "checks": [{"level": "ok"|"warning"|"problem", "subject", "text", "advice"}]}
 * True also when problems were found: see "usable".
 */
bool check_policy(struct engine *engine, const struct policy *policy, json_t **ret_document,
    struct fault *fault) __attribute__((warn_unused_result));

/*
 * What is due, which steps would run, and why:
 * {"policy", "due": bool, "blocked": bool, "reason", "next": time|null, "rotation": id|null,
 *  "steps": [{"step", "service": name|null, "state": "done"|"next"|"later"|"waiting"|"blocked", "text"}], "findings": [finding]}
 */
bool plan_policy(struct engine *engine, const struct policy *policy, json_t **ret_document,
    struct fault *fault) __attribute__((warn_unused_result));

/*
 * {"policy", "healthy": bool, "version": version in use|null, "kid", "since": time, "age_days": number, "next": time|null,
 *  "rotation": {"id", "step", "since", "waiting_for", "until"}|null, "held": reason|null, "key": "RSA 3072", "after_import",
 *  "recovery", "services": [{"kind", "name", "id", "version": version|null, "state": provisioning state, "probe":
 *  "answers"|"key-lost"|"not-allowed"|"no-answer"|"off", "text"}], "findings": [finding], "looked": "azure"|"recorded"}
 * ${recorded}: from the journal only; nothing is asked of Azure.
 */
bool status_policy(struct engine *engine, const struct policy *policy, bool recorded,
    json_t **ret_document, struct fault *fault) __attribute__((warn_unused_result));

/*
 * HSM key <-> vault version <-> service, newest first:
 * {"policy", "versions": [{"version", "kid", "created", "enabled": bool, "expires": time|null, "key": "RSA 3072", "fingerprint",
 *  "provenance": "hsm"|"adopted"|"foreign", "proven": time|null, "rotation": id|null, "hsm": "sealed"|"extractable"|"public only"|"absent"|"not asked",
 *  "services": [names]}], "findings": [finding]}
 */
bool versions_policy(struct engine *engine, const struct policy *policy, json_t **ret_document,
    struct fault *fault) __attribute__((warn_unused_result));

/*
 * Resume an unfinished rotation, or start one and run it to its end, waiting where it has to.  ${only_if_due}: as the schedule says;
 * else on the operator's word.
 * {"policy", "rotation": id|null, "outcome": "done"|"nothing-due"|"failed"|"stopped", "version", "kid", "services": [{"name", "confirmed": bool}],
 *  "findings": [finding]}
 * Errors: FAULT_REFUSED, an invariant stands against it; FAULT_RETRY, somebody else holds the policy, or Azure asked to wait
 *         longer than patience; FAULT_STOPPED; and what the steps return.
 */
bool rotate_policy(struct engine *engine, const struct policy *policy, bool only_if_due,
    json_t **ret_document, struct fault *fault) __attribute__((warn_unused_result));

/*
 * One step of what is due, never waiting: for the daemon. ${*ret_next_ms}: wall time of the next look.
 */
bool rotate_once(struct engine *engine, const struct policy *policy, int64_t *ret_next_ms,
    struct fault *fault) __attribute__((warn_unused_result));

/* Record present versions and references as the baseline: {"policy", "versions": [{"version", "fingerprint", "enabled"}], "services": [{"name", "kid"|null}]} */
bool adopt_policy(struct engine *engine, const struct policy *policy, json_t **ret_document,
    struct fault *fault) __attribute__((warn_unused_result));

/*
 * Point the services back at ${version} (NULL: the one before the one in use), which must have passed prove or been adopted:
 * {"policy", "version", "kid", "services": [{"name", "from", "to", "state": "repointed"|"already there"|"no customer-managed key"|
 *  "refused"|"failed"|"not reached"}], "findings": [finding]}: what is wrong after the last service that was put.
 * A version that is not usable is put on none, and a service after which something new is broken is the last.
 */
bool rollback_policy(struct engine *engine, const struct policy *policy, const char *version,
    json_t **ret_document, struct fault *fault) __attribute__((warn_unused_result));

/* Put the same reference again on each service, unless its version is not usable: {"policy", "services": [{"name", "kid", "state"}], "findings": [finding]} */
bool revalidate_policy(struct engine *engine, const struct policy *policy, json_t **ret_document,
    struct fault *fault) __attribute__((warn_unused_result));

/*
 * The policy's KEK: {"policy", "kid", "bits", "fingerprint", "words", "enrolled": bool, "created": bool, "sound": bool, "findings": [finding]}
 * ${fingerprint} NULL: only look. Else enroll, if the vault's KEK has exactly this fingerprint (64 hex digits).
 * A KEK that is missing is created first if the policy says so and ${may_create}.
 */
bool enroll_policy(struct engine *engine, const struct policy *policy, bool may_create,
    const char *fingerprint, json_t **ret_document, struct fault *fault)
    __attribute__((warn_unused_result));

/*
 * What the token can do: {"token": {"label", "manufacturer", "model", "serial", "firmware", "module"}, "usable": bool, "route": name|null,
 *  "routes": [{"route", "verdict": "exact"|"zero-padded"|"refused"|"wrong"|"untried", "reason"}], "accept_zero_padded": bool,
 *  "seal": bool, "seal_reason", "attributes": bool, "attributes_reason", "key_pairs": number, "enrolled_keks": number}
 */
bool hsm_check_token(struct engine *engine, const char *token_uri, json_t **ret_document,
    struct fault *fault) __attribute__((warn_unused_result));

/*
 * Which keys are there: {"token": uri, "keys": [{"id", "label", "key", "fingerprint"|null, "private": bool, "public": bool, "sealed": bool|null,
 *  "policy": name|null, "rotation": id|null, "explained": bool, "text"}]}
 */
bool hsm_list_token(struct engine *engine, const char *token_uri, json_t **ret_document,
    struct fault *fault) __attribute__((warn_unused_result));

/* What `byok create` was told. */
struct byok_request {
	const char *key_uri;		/* PKCS #11 URI of the key: token and id and/or object */
	const char *kek_file;		/* PEM of the KEK's public key */
	const char *kek_sha256;		/* 64 hex digits, which the PEM must have */
	const char *kid;		/* the KEK's URL with its version */
	const char *out_file;		/* must not exist */
};

/* Wrap one key into a .byok file; uses hsms, disk and clock of the engine only: {"file", "key", "fingerprint", "kek_fingerprint", "kid", "route", "zero_padded": bool, "size"} */
bool byok_create(struct engine *engine, const struct byok_request *request,
    json_t **ret_document, struct fault *fault) __attribute__((warn_unused_result));

/* What a .byok file says of itself; no engine: {"file", "kid", "enc", "alg", "schema_version", "generator", "size", "kek_bits", "wrapped_size", "sha256"} */
bool byok_inspect(const char *file, json_t **ret_document, struct fault *fault)
    __attribute__((warn_unused_result));

/* Import a .byok file as a new version of the policy's key and record it: {"policy", "kid", "version", "fingerprint"} ${public_key_file}: PEM of the key inside, to compare. */
bool byok_import(struct engine *engine, const struct policy *policy, const char *file,
    const char *public_key_file, json_t **ret_document, struct fault *fault)
    __attribute__((warn_unused_result));

/* The journal heads that the vault's versions carry in their tags: [{"size", "root", "version", "policy"}] */
bool anchors_policy(struct engine *engine, const struct policy *policy, json_t **ret_document,
    struct fault *fault) __attribute__((warn_unused_result));

#endif
