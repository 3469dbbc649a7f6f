#include "observe.h"

#include "file.h"
#include "observe_services.h"
#include "observe_vault.h"
#include "scope.h"

#include <stdio.h>
#include <string.h>

enum { BLOB_FILE_MAX = 65536, SETTLE_VAULT_MS = 60000, SETTLE_MANAGED_HSM_MS = 360000,
	TOKEN_PATIENCE_MS = 60000 };

void
observer_init(struct observer *observer, struct engine *engine, const struct policy *policy)
{
	*observer = (struct observer){ .engine = engine, .policy = policy };
}

void
observer_clear(struct observer *observer)
{
	observer_release_hsm(observer);
	history_clear(&observer->history);
	for (size_t i = 0; i < observer->known_count; i++)
		vault_key_clear(&observer->known[i]);
	free(observer->known);
	*observer = (struct observer){ 0 };
}

bool
observer_refresh(struct observer *observer, struct fault *fault)
{
	return history_refresh(&observer->history, observer->engine->journal,
	    observer->policy->name, fault);
}

bool
observer_lock_token(struct observer *observer, const char *purpose, struct lock **ret_lock,
    struct fault *fault)
{
	struct engine *engine = observer->engine;
	SCOPE(free) char *path = NULL;

	return file_path(&path, fault, "%s/token.lock", engine->state) &&
	    lock_take(path, purpose, engine->clock, TOKEN_PATIENCE_MS, ret_lock, fault);
}

bool
observer_hsm(struct observer *observer, struct hsm **ret_hsm, struct fault *fault)
{
	struct engine *engine = observer->engine;
	SCOPE(lock) struct lock *lock = NULL;

	if (observer->hsm == NULL && (!observer_lock_token(observer, "logging in to a token",
	    &lock, fault) || !engine->hsms->open(engine->hsms->context,
	    observer->policy->key.token, &observer->hsm, fault)))
		return false;
	*ret_hsm = observer->hsm;
	return true;
}

void
observer_release_hsm(struct observer *observer)
{
	hsm_close(observer->hsm);
	observer->hsm = NULL;
}

bool
observer_key_name(const struct observer *observer, const char *id, struct hsm_name *ret_name,
    struct fault *fault)
{
	*ret_name = (struct hsm_name){ .id_size = 16 };

	/* Keys made in a rehearsal say so, for whoever finds them in the token later. */
	snprintf(ret_name->label, sizeof ret_name->label, "keyturn%s %s %.8s",
	    observer->engine->rehearsal ? " rehearsal" : "", observer->policy->name, id);
	return encode_parse_hex(id, ret_name->id, ret_name->id_size, fault);
}

bool
observer_blob_path(const struct observer *observer, const char *id, char **ret_path,
    struct fault *fault)
{
	return file_path(ret_path, fault, "%s/blobs/%s.byok", observer->engine->state, id);
}

static bool
observe_hsm(struct observer *observer, struct facts *facts, struct fault *fault)
{
	const struct history_rotation *rotation = &observer->history.rotation;
	struct hsm *hsm;
	struct hsm_name name;

	if (!observer_hsm(observer, &hsm, fault) || !hsm_token(hsm, &facts->hsm.token, fault))
		return false;
	if (facts->kek.found && facts->kek.key.has_public_key) {
		if (!hsm_enrolled(hsm, &facts->kek.key.public_key, &facts->kek.enrolled, fault))
			return false;
		facts->kek.enrolled_known = true;
	}
	if (!rotation->open)
		return true;
	if (!observer_key_name(observer, rotation->id, &name, fault))
		return false;

	/* By id alone: a crash may have left a half without its label. */
	name.label[0] = '\0';
	if (!hsm_find(hsm, &name, &facts->hsm.key, &facts->hsm.found, fault))
		return false;
	facts->hsm.read = true;
	return true;
}

static bool
observe_blob(struct observer *observer, struct facts *facts, struct fault *fault)
{
	const char *id = observer->history.rotation.id;
	SCOPE(free) char *path = NULL;
	SCOPE(free) char *bytes = NULL;
	size_t size;
	uint8_t digest[DIGEST_SIZE];
	struct fault why;

	if (id[0] == '\0')
		return true;
	if (!observer_blob_path(observer, id, &path, fault))
		return false;
	if (!file_read(path, BLOB_FILE_MAX, &bytes, &size, &why)) {
		if (why.code == FAULT_NOT_FOUND)
			return true;
		return fault_set(fault, why.code, "%s", why.text);
	}
	if (!digest_sha256(bytes, size, digest, fault))
		return false;
	encode_hex(digest, sizeof digest, facts->blob.sha256);
	facts->blob.present = true;
	return true;
}

/* Reads may lag behind writes; how long depends on what stands behind the URL. */
static int64_t
settling_of(const struct engine *engine, const struct policy *policy)
{
	size_t length = strlen(policy->vault.url);
	const char *suffix = engine->managed_hsm_suffix;

	if (engine->rehearsal && engine->settling_ms > 0)
		return engine->settling_ms;
	if (suffix != NULL && suffix[0] != '\0' && length > strlen(suffix) &&
	    strcmp(policy->vault.url + length - strlen(suffix), suffix) == 0)
		return SETTLE_MANAGED_HSM_MS;
	return SETTLE_VAULT_MS;
}

bool
observe(struct observer *observer, unsigned parts, struct facts *ret_facts, struct fault *fault)
{
	struct facts facts __attribute__((cleanup(scope_facts))) = {
		.policy = observer->policy,
		.now_ms = clock_wall_ms(observer->engine->clock),
		.settling_ms = settling_of(observer->engine, observer->policy),
		.history = &observer->history,
	};

	if (!observer_refresh(observer, fault))
		return false;

	/* Services first: what they name decides which versions must be looked at. */
	if ((parts & OBSERVE_SERVICES) != 0 &&
	    !observe_services(observer, (parts & OBSERVE_PROBES) != 0, &facts, fault))
		return false;
	if ((parts & OBSERVE_VAULT) != 0 && !observe_vault(observer, &facts, fault))
		return fault_prefix(fault, "look at vault key %s in %s",
		    observer->policy->vault.key_name, observer->policy->vault.url);
	if ((parts & OBSERVE_KEK) != 0 && !observe_kek(observer, &facts, fault))
		return fault_prefix(fault, "look at KEK %s in %s",
		    observer->policy->vault.kek.name, observer->policy->vault.url);
	if ((parts & OBSERVE_HSM) != 0 && !observe_hsm(observer, &facts, fault))
		return false;
	if ((parts & OBSERVE_BLOB) != 0 && !observe_blob(observer, &facts, fault))
		return false;
	*ret_facts = facts;
	facts = (struct facts){ 0 };
	return true;
}
