#include "observe_vault.h"

#include "member.h"
#include "tag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A bundle that was read before and has not been updated since; NULL if there is none. */
static const struct vault_key *
recall(const struct observer *observer, const struct vault_item *item)
{
	for (size_t i = 0; i < observer->known_count; i++) {
		const struct vault_item *known = &observer->known[i].item;

		if (vault_same_kid(known->kid, item->kid) && known->updated == item->updated)
			return &observer->known[i];
	}
	return NULL;
}

/* A value that owns its own tags, so that both may be cleared. */
static void
copy_key(struct vault_key *to, const struct vault_key *from)
{
	*to = *from;
	to->item.tags = json_incref(from->item.tags);
}

static bool
remember(struct observer *observer, const struct vault_key *key, struct fault *fault)
{
	struct vault_key *more = reallocarray(observer->known, observer->known_count + 1,
	    sizeof *more);

	if (more == NULL)
		return fault_system(fault, "Memory for key versions");
	observer->known = more;
	copy_key(&more[observer->known_count++], key);
	return true;
}

/* Room for one more version, zeroed. */
static struct version_fact *
add_version(struct facts *facts)
{
	struct version_fact *more = reallocarray(facts->versions, facts->version_count + 1,
	    sizeof *more);

	if (more == NULL)
		return NULL;
	facts->versions = more;
	more += facts->version_count++;
	*more = (struct version_fact){ 0 };
	return more;
}

/* The list's attributes are the newer word; only the material comes from the bundle. */
static bool
fill_material(struct version_fact *version, const struct vault_key *key, bool listed,
    struct fault *fault)
{
	struct vault_item item = version->key.item;

	if (listed) {
		version->key = *key;
		version->key.item = item;
	} else {
		copy_key(&version->key, key);
	}
	version->material_read = key->kty[0] != '\0';
	if (key->has_public_key)
		return publickey_fingerprint(&key->public_key, version->fingerprint, fault);
	return true;
}

/* GET one version; a list shows no material. ${listed} is what the list said of it, or NULL. */
static bool
read_version(struct observer *observer, const struct vault_name *name,
    const struct vault_item *listed, struct facts *facts, struct fault *fault)
{
	struct version_fact *version = add_version(facts);
	__attribute__((cleanup(scope_vault_key))) struct vault_key key = { 0 };
	const struct vault_key *known = listed == NULL ? NULL : recall(observer, listed);
	bool found = true;

	if (version == NULL)
		return fault_system(fault, "Memory for key versions");
	if (snprintf(version->kid, sizeof version->kid, "%s/keys/%s/%s", name->url, name->name,
	    name->version) >= (int)sizeof version->kid)
		return fault_set(fault, FAULT_PROTOCOL, "A key identifier is longer than %d "
		    "characters", VAULT_KID_MAX);
	snprintf(version->version, sizeof version->version, "%s", name->version);
	if (listed != NULL) {
		version->key.item = *listed;
		version->key.item.tags = json_incref(listed->tags);
		version->exists = true;
	}
	if (known == NULL) {
		if (!vault_get(observer->engine->azure, name->url, name->name, name->version,
		    &key, &found, fault))
			return false;
		/* What the list shows and the read does not yet is lag, not absence. */
		if (!found)
			return true;
		version->exists = true;
		if (listed != NULL && key.kty[0] != '\0' && !remember(observer, &key, fault))
			return false;
		known = &key;
	}
	return fill_material(version, known, listed != NULL, fault);
}

/* By its public key: one of ours, although its kid is not in the journal. Then it is a twin of what is. */
static bool
is_late_twin(const struct history *history, const struct version_fact *version)
{
	for (size_t i = 0; i < history->version_count; i++)
		if (version->fingerprint[0] != '\0' && history->versions[i].imported_ms != 0 &&
		    strcmp(history->versions[i].fingerprint, version->fingerprint) == 0)
			return true;
	return false;
}

/* Of the open rotation: by its public key; while that does not show yet, by its tag or by the answer to the import. */
static bool
is_arriving(const struct history_rotation *rotation, const struct version_fact *version)
{
	if (!rotation->open)
		return false;
	if (version->material_read)
		return rotation->fingerprint[0] != '\0' &&
		    strcmp(rotation->fingerprint, version->fingerprint) == 0;
	return strcmp(rotation->id, version->rotation_tag) == 0 ||
	    vault_same_kid(rotation->answered_kid, version->kid);
}

/* Provenance by what the journal knows, and for an import whose answer was lost, by tag and public key. */
static void
judge_version(const struct facts *facts, struct version_fact *version)
{
	const struct history *history = facts->history;
	const struct history_version *known = history_version(history, version->kid);

	tag_read(version->key.item.tags, TAG_ROTATION, version->rotation_tag,
	    sizeof version->rotation_tag);
	if (known != NULL && (known->imported_ms != 0 || known->twin))
		version->provenance = PROVENANCE_HSM;
	else if (known != NULL && known->adopted)
		version->provenance = PROVENANCE_ADOPTED;
	else if (is_arriving(&history->rotation, version))
		version->provenance = PROVENANCE_HSM;
	else if ((version->twin = is_late_twin(history, version)))
		version->provenance = PROVENANCE_HSM;
	if (known == NULL)
		return;
	version->proven = known->proven_ms != 0 || known->adopted;
	version->proven_ms = known->proven_ms;
	version->named = known->named;
	version->twin = known->twin;
}

static void
mark_named_now(const struct facts *facts, struct version_fact *version)
{
	for (size_t i = 0; i < facts->service_count; i++)
		if (facts->services[i].read &&
		    vault_same_kid(facts->services[i].state.key_url, version->kid))
			version->named = version->named_now = true;
}

/* A version outside the list: of another key, or gone, or not visible yet. */
static bool
read_outside(struct observer *observer, const char *kid, struct facts *facts,
    struct fault *fault)
{
	struct vault_name name;
	struct fault why;
	struct version_fact *version;
	bool own_vault;

	if (kid[0] == '\0' || facts_version(facts, kid) != NULL)
		return true;
	/* A versionless or foreign URL names no version that could be looked at. */
	if (!vault_parse_kid(kid, &name, &why) || name.version[0] == '\0')
		return true;
	own_vault = strcmp(name.url, observer->policy->vault.url) == 0;
	if (!read_version(observer, &name, NULL, facts, &why)) {
		/* Another vault that does not answer must not hide everything else. */
		if (own_vault || why.code == FAULT_STOPPED || why.code == FAULT_SYSTEM)
			return fault_set(fault, why.code, "%s", why.text);
		version = &facts->versions[facts->version_count - 1];
		snprintf(version->unread, sizeof version->unread, "%.110s", why.text);
	}
	facts->versions[facts->version_count - 1].of_policy_key = own_vault &&
	    strcasecmp(name.name, observer->policy->vault.key_name) == 0;
	return true;
}

static bool
read_named(struct observer *observer, struct facts *facts, struct fault *fault)
{
	const struct history *history = &observer->history;

	for (size_t i = 0; i < facts->service_count; i++)
		if (facts->services[i].read &&
		    !read_outside(observer, facts->services[i].state.key_url, facts, fault))
			return false;
	for (size_t i = 0; i < history->version_count; i++)
		if (history->versions[i].named &&
		    !read_outside(observer, history->versions[i].kid, facts, fault))
			return false;
	return read_outside(observer, history->rotation.kid, facts, fault) &&
	    read_outside(observer, history->rotation.answered_kid, facts, fault) &&
	    (!history->byok.unknown ||
	    read_outside(observer, history->byok.answered_kid, facts, fault));
}

/*
 * Lists are ordered by whole seconds of creation, so two versions of one second stand in any order.  The vault itself says
 * which is the current one: a read without a version.
 */
static bool
put_current_last(struct observer *observer, struct vault_item *items, size_t count,
    struct fault *fault)
{
	const struct policy *policy = observer->policy;
	__attribute__((cleanup(scope_vault_key))) struct vault_key current = { 0 };
	bool found;

	if (count < 2 || items[count - 1].created != items[count - 2].created)
		return true;
	if (!vault_get(observer->engine->azure, policy->vault.url, policy->vault.key_name, NULL,
	    &current, &found, fault))
		return false;
	for (size_t i = 0; found && i + 1 < count; i++)
		if (vault_same_kid(items[i].kid, current.item.kid)) {
			struct vault_item moved = items[i];

			memmove(&items[i], &items[i + 1], (count - 1 - i) * sizeof items[0]);
			items[count - 1] = moved;
			break;
		}
	return true;
}

bool
observe_vault(struct observer *observer, struct facts *facts, struct fault *fault)
{
	const struct policy *policy = observer->policy;
	struct vault_item *items = NULL;
	size_t count = 0;
	bool good;

	if (!vault_versions(observer->engine->azure, policy->vault.url, policy->vault.key_name,
	    &items, &count, fault))
		return false;
	good = put_current_last(observer, items, count, fault);
	for (size_t i = 0; i < count && good; i++) {
		struct vault_name name = { 0 };

		snprintf(name.url, sizeof name.url, "%s", policy->vault.url);
		snprintf(name.name, sizeof name.name, "%s", policy->vault.key_name);
		memcpy(name.version, items[i].version, sizeof name.version);
		good = read_version(observer, &name, &items[i], facts, fault);
		if (good)
			facts->versions[facts->version_count - 1].of_policy_key = true;
	}
	vault_items_free(items, count);
	if (!good || !read_named(observer, facts, fault))
		return false;
	for (size_t i = 0; i < facts->version_count; i++) {
		judge_version(facts, &facts->versions[i]);
		mark_named_now(facts, &facts->versions[i]);
	}
	facts->vault_read = true;
	return true;
}

void
observe_judge_kek(const struct vault_key *kek, const char *vault_url, int64_t now_ms,
    char ret_why[static 300])
{
	const struct vault_item *item = &kek->item;
	struct vault_name name;
	struct fault fault;
	int64_t now_s = now_ms / 1000;

	/* Disabled first: the vault may hide everything else of a disabled key. */
	ret_why[0] = '\0';
	if (!item->enabled)
		snprintf(ret_why, 300, "is disabled");
	else if (strcmp(kek->kty, "RSA-HSM") != 0)
		snprintf(ret_why, 300, "is of type %s; a key exchange key must be RSA-HSM",
		    kek->kty);
	else if (kek->ops != VAULT_OP_IMPORT)
		snprintf(ret_why, 300, "may do more, or other things, than import; a key "
		    "exchange key must have key_ops [\"import\"] alone");
	else if (item->expires != 0 && item->expires <= now_s)
		snprintf(ret_why, 300, "has expired");
	else if (item->not_before > now_s)
		snprintf(ret_why, 300, "is not valid yet");
	else if (!kek->has_public_key || kek->public_key.shape.family != KEY_RSA)
		snprintf(ret_why, 300, "has a public key that is not sound RSA of 2048, 3072 or "
		    "4096 bits with an odd exponent of at least 65537");
	else if (!vault_parse_kid(item->kid, &name, &fault) || strcmp(name.url, vault_url) != 0)
		snprintf(ret_why, 300, "lies in another vault than the target");
}

/* GET one version of the KEK, the current one for NULL, and judge it. */
static bool
read_kek(struct observer *observer, const char *version, struct facts *facts,
    struct fault *fault)
{
	const struct policy *policy = observer->policy;
	struct kek_fact *kek = &facts->kek;

	vault_key_clear(&kek->key);
	*kek = (struct kek_fact){ .read = true };
	if (!vault_get(observer->engine->azure, policy->vault.url, policy->vault.kek.name,
	    version, &kek->key, &kek->found, fault))
		return false;
	if (!kek->found)
		return true;
	observe_judge_kek(&kek->key, policy->vault.url, facts->now_ms, kek->unsound);
	if (kek->key.has_public_key)
		return publickey_fingerprint(&kek->key.public_key, kek->fingerprint, fault);
	return true;
}

bool
observe_kek(struct observer *observer, struct facts *facts, struct fault *fault)
{
	const struct history_rotation *rotation = &observer->history.rotation;
	struct vault_name name;

	/* A rotation under way keeps to the version of the KEK that it chose, while that is sound. */
	if (rotation->open && rotation->kek_kid[0] != '\0') {
		if (!vault_parse_kid(rotation->kek_kid, &name, fault) ||
		    !read_kek(observer, name.version, facts, fault))
			return false;
		if (facts->kek.found && facts->kek.unsound[0] == '\0')
			return true;
	}
	return read_kek(observer, NULL, facts, fault);
}
