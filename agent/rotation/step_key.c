#include "step_key.h"

#include "byok.h"
#include "file.h"
#include "scope.h"
#include "tell.h"

#include <stdio.h>
#include <string.h>

static const struct history_rotation *
rotation_of(const struct stage *stage)
{
	return &stage->observer->history.rotation;
}

static json_t *
key_detail(const struct stage *stage)
{
	const struct hsm_token *token = &stage->facts->hsm.token;
	char shape[KEY_SHAPE_TEXT];

	return json_pack("{s:s,s:s,s:{s:s,s:s,s:s,s:s}}", "cka_id", rotation_of(stage)->id,
	    "key", keyshape_print(stage->facts->policy->key.shape, shape), "token", "label",
	    token->label, "serial", token->serial, "model", token->model, "firmware",
	    token->firmware);
}

json_t *
step_generate_intent(const struct stage *stage)
{
	return key_detail(stage);
}

/* A crash may have left half a pair: it never was a key, so it may go. */
static bool
sweep_half(struct stage *stage, struct hsm *hsm, const struct hsm_name *name,
    struct fault *fault)
{
	const struct hsm_fact *found = &stage->facts->hsm;
	unsigned removed = 0;

	if (!found->found && rotation_of(stage)->intent_ms[STEP_GENERATE] == 0)
		return true;
	if (!hsm_sweep(hsm, name, &removed, fault))
		return false;
	if (removed == 0)
		return true;
	json_object_set_new(stage->result, "swept_objects", json_integer(removed));
	return true;
}

bool
step_generate_act(struct stage *stage, struct fault *fault)
{
	struct hsm *hsm;
	struct hsm_name name;
	struct hsm_key key;
	SCOPE(lock) struct lock *lock = NULL;

	return observer_hsm(stage->observer, &hsm, fault) &&
	    observer_key_name(stage->observer, rotation_of(stage)->id, &name, fault) &&
	    observer_lock_token(stage->observer, "generating a key", &lock, fault) &&
	    sweep_half(stage, hsm, &name, fault) &&
	    hsm_generate(hsm, &name, stage->facts->policy->key.shape, &key, fault);
}

json_t *
step_generate_outcome(const struct stage *stage)
{
	json_t *detail = key_detail(stage);
	char fingerprint[DIGEST_HEX_SIZE];
	struct fault fault;

	if (!stage->facts->hsm.found ||
	    !publickey_fingerprint(&stage->facts->hsm.key.public_key, fingerprint, &fault)) {
		json_decref(detail);
		return NULL;
	}
	json_object_set_new(detail, "fingerprint", json_string(fingerprint));
	json_object_set_new(detail, "label", json_string(stage->facts->hsm.key.name.label));
	return detail;
}

json_t *
step_wrap_intent(const struct stage *stage)
{
	return json_pack("{s:s,s:s,s:s}", "cka_id", rotation_of(stage)->id, "kek",
	    stage->facts->kek.key.item.kid, "kek_fingerprint", stage->facts->kek.fingerprint);
}

/* The .byok file of the rotation, in the state folder. */
static bool
write_blob(struct stage *stage, const struct hsm_token *token,
    const struct hsm_transfer *transfer, struct fault *fault)
{
	struct engine *engine = stage->observer->engine;
	struct byok byok = { .size = transfer->size };
	SCOPE(free) char *text = NULL;
	SCOPE(free) char *path = NULL;
	SCOPE(free) char *folder = NULL;

	snprintf(byok.kid, sizeof byok.kid, "%s", stage->facts->kek.key.item.kid);
	byok_generator(token, byok.generator);
	memcpy(byok.blob, transfer->blob, transfer->size);
	return byok_print(&byok, &text, fault) &&
	    file_path(&folder, fault, "%s/blobs", engine->state) &&
	    file_make_directory(engine->disk, folder, fault) &&
	    observer_blob_path(stage->observer, rotation_of(stage)->id, &path, fault) &&
	    file_replace(engine->disk, path, text, strlen(text), fault);
}

bool
step_wrap_act(struct stage *stage, struct fault *fault)
{
	struct hsm *hsm;
	struct hsm_name name;
	SCOPE(free) struct hsm_transfer *transfer = calloc(1, sizeof *transfer);

	if (transfer == NULL)
		return fault_system(fault, "Memory for a transfer blob");
	if (!observer_hsm(stage->observer, &hsm, fault) ||
	    !observer_key_name(stage->observer, rotation_of(stage)->id, &name, fault) ||
	    !hsm_transfer(hsm, &name, &stage->facts->kek.key.public_key, transfer, fault) ||
	    !write_blob(stage, &stage->facts->hsm.token, transfer, fault))
		return false;
	json_object_set_new(stage->result, "kek", json_string(stage->facts->kek.key.item.kid));
	json_object_set_new(stage->result, "kek_fingerprint", json_string(stage->facts->kek.fingerprint));
	json_object_set_new(stage->result, "route", json_string(hsm_route_name(transfer->route)));
	json_object_set_new(stage->result, "zero_padded", json_boolean(transfer->zero_padded));
	json_object_set_new(stage->result, "size", json_integer((json_int_t)transfer->size));
	if (transfer->zero_padded)
		tell(stage->observer, ENGINE_WARNING, "wrap", "", "This token zero-pads the "
		    "PKCS #8 before it wraps; what Azure makes of that is not known. The token's "
		    "settings accept it (accept_zero_padded)");
	return true;
}

json_t *
step_wrap_outcome(const struct stage *stage)
{
	/* The KEK is named by the act: the vault may show another one since. */
	return stage->facts->blob.present ? json_pack("{s:s}", "blob_sha256",
	    stage->facts->blob.sha256) : NULL;
}

json_t *
step_seal_intent(const struct stage *stage)
{
	return json_pack("{s:s,s:s}", "cka_id", rotation_of(stage)->id, "after_import",
	    policy_after_import_name(stage->facts->policy->key.after_import));
}

/* Each verb of after_import, idempotent: it may have been done by a process that died. */
bool
step_seal_act(struct stage *stage, struct fault *fault)
{
	enum policy_after_import wanted = stage->facts->policy->key.after_import;
	struct engine *engine = stage->observer->engine;
	SCOPE(free) char *path = NULL;
	struct hsm *hsm;
	struct hsm_name name;

	if (!observer_hsm(stage->observer, &hsm, fault) ||
	    !observer_key_name(stage->observer, rotation_of(stage)->id, &name, fault))
		return false;
	if (wanted == POLICY_SEAL && !hsm_seal(hsm, &name, fault))
		return false;
	if (wanted == POLICY_DESTROY && stage->facts->hsm.key.has_private &&
	    !hsm_destroy(hsm, &name, fault))
		return false;
	if (wanted == POLICY_KEEP)
		tell(stage->observer, ENGINE_WARNING, "seal", "", "The key stays extractable in "
		    "the HSM, as the policy says (after_import: keep)");
	return observer_blob_path(stage->observer, rotation_of(stage)->id, &path, fault) &&
	    file_remove(engine->disk, path, fault);
}

json_t *
step_seal_outcome(const struct stage *stage)
{
	const struct hsm_fact *hsm = &stage->facts->hsm;

	/* Look after the act: what was wanted must be what is. */
	if (stage->facts->blob.present)
		return NULL;
	if (stage->facts->policy->key.after_import == POLICY_SEAL &&
	    (!hsm->found || hsm->key.extractable != HSM_NO))
		return NULL;
	return json_pack("{s:s,s:s,s:b}", "cka_id", rotation_of(stage)->id, "after_import",
	    policy_after_import_name(stage->facts->policy->key.after_import), "extractable",
	    hsm->found && hsm->key.has_private && hsm->key.extractable != HSM_NO);
}
