#include "step_vault.h"

#include "file.h"
#include "ledger.h"
#include "proof.h"
#include "scope.h"
#include "tag.h"

#include <stdio.h>
#include <string.h>

enum { BLOB_FILE_MAX = 65536 };

static const struct history_rotation *
rotation_of(const struct stage *stage)
{
	return &stage->observer->history.rotation;
}

json_t *
step_ready_outcome(const struct stage *stage)
{
	const struct facts *facts = stage->facts;
	json_t *services = json_array();

	for (size_t i = 0; i < facts->service_count; i++)
		json_array_append_new(services, json_pack("{s:s,s:s,s:s,s:i}", "service",
		    facts->services[i].policy->id, "names", facts->services[i].state.key_url,
		    "probe", facts->services[i].probe.text, "status",
		    (int)facts->services[i].probe.status));
	return json_pack("{s:i,s:o}", "versions", (int)facts->version_count, "services",
	    services);
}

json_t *
step_kek_intent(const struct stage *stage)
{
	const struct policy *policy = stage->facts->policy;

	return json_pack("{s:s,s:s,s:i}", "vault", policy->vault.url, "name",
	    policy->vault.kek.name, "bits", (int)policy->vault.kek.bits);
}

bool
step_kek_act(struct stage *stage, struct fault *fault)
{
	const struct policy *policy = stage->facts->policy;
	__attribute__((cleanup(scope_vault_key))) struct vault_key kek = { 0 };

	return vault_create_kek(stage->observer->engine->azure, policy->vault.url,
	    policy->vault.kek.name, policy->vault.kek.bits, &kek, fault);
}

json_t *
step_kek_outcome(const struct stage *stage)
{
	const struct kek_fact *kek = &stage->facts->kek;

	return json_pack("{s:s,s:s}", "kid", kek->key.item.kid, "fingerprint",
	    kek->fingerprint);
}

json_t *
step_import_intent(const struct stage *stage)
{
	const struct policy *policy = stage->facts->policy;

	return json_pack("{s:s,s:s,s:s,s:s,s:s}", "vault", policy->vault.url, "name",
	    policy->vault.key_name, "fingerprint", rotation_of(stage)->fingerprint,
	    "blob_sha256", stage->facts->blob.sha256, "kek", stage->facts->kek.key.item.kid);
}

/* What marks the version as ours, and anchors the journal outside this machine. */
static json_t *
import_tags(const struct stage *stage)
{
	const struct engine *engine = stage->observer->engine;
	struct journal_head head;
	char anchor[JOURNAL_ROOT_SIZE + 24];
	json_t *tags;

	journal_head(engine->journal, &head);
	snprintf(anchor, sizeof anchor, "%llu:%s", (unsigned long long)head.size, head.root);
	tags = json_pack("{s:s,s:s,s:s,s:s,s:s}", TAG_ROTATION, rotation_of(stage)->id,
	    TAG_POLICY, stage->facts->policy->name, TAG_FINGERPRINT,
	    rotation_of(stage)->fingerprint, TAG_HEAD, anchor, TAG_PROGRAM, engine->program);
	if (engine->rehearsal)
		json_object_set_new(tags, TAG_REHEARSAL, json_string("true"));
	return tags;
}

static unsigned
operations_for(struct key_shape shape)
{
	if (shape.family == KEY_EC)
		return VAULT_OP_SIGN | VAULT_OP_VERIFY;
	return VAULT_OP_WRAP | VAULT_OP_UNWRAP;
}

bool
step_import_act(struct stage *stage, struct fault *fault)
{
	struct engine *engine = stage->observer->engine;
	const struct policy *policy = stage->facts->policy;
	SCOPE(free) char *path = NULL;
	SCOPE(free) char *blob = NULL;
	SCOPE(json) json_t *tags = NULL;
	__attribute__((cleanup(scope_vault_key))) struct vault_key key = { 0 };
	struct vault_import import = {
		.shape = policy->key.shape,
		.ops = operations_for(policy->key.shape),
	};

	/* The head is on disk before it goes into the tag: the two never disagree. */
	if (!journal_write_head(engine->journal, fault) ||
	    !observer_blob_path(stage->observer, rotation_of(stage)->id, &path, fault) ||
	    !file_read(path, BLOB_FILE_MAX, &blob, &import.byok_size, fault))
		return false;
	if ((tags = import_tags(stage)) == NULL)
		return fault_system(fault, "Memory for tags");
	import.byok = blob;
	import.tags = tags;
	if (!vault_import(engine->azure, policy->vault.url, policy->vault.key_name, &import, &key,
	    fault))
		return false;
	stage->took_effect = true;

	/* The answer names the version; on disk before anything looks for it. */
	return ledger_write(stage->observer, "import", JOURNAL_NOTE, json_pack("{s:s,s:s}",
	    "answered", key.item.kid, "request_id", azure_last_request_id(engine->azure)),
	    fault);
}

/* A second version of one import, should Azure ever make one: harmless, and recorded as a twin. */
static json_t *
twins_of(const struct facts *facts, const struct version_fact *imported)
{
	json_t *twins = json_array();

	for (size_t i = 0; i < facts->version_count; i++) {
		const struct version_fact *version = &facts->versions[i];

		if (version != imported && version->of_policy_key &&
		    imported->fingerprint[0] != '\0' &&
		    strcmp(version->fingerprint, imported->fingerprint) == 0)
			json_array_append_new(twins, json_string(version->kid));
	}
	return twins;
}

json_t *
step_import_outcome(const struct stage *stage)
{
	const struct version_fact *version = facts_imported(stage->facts);

	if (version == NULL || !version->exists)
		return NULL;
	return json_pack("{s:s,s:s,s:s,s:o}", "kid", version->kid, "version", version->version,
	    "fingerprint", version->fingerprint, "twins", twins_of(stage->facts, version));
}

json_t *
step_prove_intent(const struct stage *stage)
{
	return json_pack("{s:s,s:s}", "kid", rotation_of(stage)->kid, "challenge",
	    proof_challenge_name(stage->facts->policy->key.shape));
}

bool
step_prove_act(struct stage *stage, struct fault *fault)
{
	const struct version_fact *version = facts_imported(stage->facts);
	struct engine *engine = stage->observer->engine;

	if (version == NULL || !version->material_read || !version->key.has_public_key)
		return fault_set(fault, FAULT_RETRY, "The vault does not show the public key of "
		    "%s yet; run keyturn again", rotation_of(stage)->kid);
	if (!stage->facts->hsm.found || !stage->facts->hsm.key.has_public_key)
		return fault_set(fault, FAULT_REFUSED, "The HSM no longer holds the key of "
		    "rotation %s, so nothing can be proved with it", rotation_of(stage)->id);
	return proof_compare(&stage->facts->hsm.key.public_key, &version->key, fault) &&
	    proof_challenge(engine->azure, &stage->facts->hsm.key.public_key, version->kid,
	    fault);
}

json_t *
step_prove_outcome(const struct stage *stage)
{
	return json_pack("{s:s,s:s,s:s}", "kid", rotation_of(stage)->kid, "fingerprint",
	    rotation_of(stage)->fingerprint, "challenge",
	    proof_challenge_name(stage->facts->policy->key.shape));
}

json_t *
step_recover_outcome(const struct stage *stage)
{
	return json_pack("{s:s}", "recovery",
	    policy_recovery_name(stage->facts->policy->key.recovery));
}

/* The first earlier version that somebody disabled. */
static const struct version_fact *
disabled_version(const struct facts *facts)
{
	for (size_t i = 0; i < facts->version_count; i++)
		if (facts->versions[i].named && facts->versions[i].exists &&
		    !facts->versions[i].key.item.enabled)
			return &facts->versions[i];
	return NULL;
}

json_t *
step_guard_intent(const struct stage *stage)
{
	const struct version_fact *version = disabled_version(stage->facts);

	return json_pack("{s:s}", "enable", version == NULL ? "" : version->kid);
}

bool
step_guard_act(struct stage *stage, struct fault *fault)
{
	const struct version_fact *version = disabled_version(stage->facts);
	const struct vault_change change = { .enabled = &(const bool){ true } };
	__attribute__((cleanup(scope_vault_key))) struct vault_key key = { 0 };

	return version == NULL || vault_update(stage->observer->engine->azure, version->kid,
	    &change, &key, fault);
}

json_t *
step_guard_outcome(const struct stage *stage)
{
	json_t *versions = json_array();

	for (size_t i = 0; i < stage->facts->version_count; i++)
		if (stage->facts->versions[i].named)
			json_array_append_new(versions,
			    json_string(stage->facts->versions[i].kid));
	return json_pack("{s:o}", "usable", versions);
}
