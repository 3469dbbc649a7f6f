#include "byok.h"
#include "commands.h"
#include "file.h"
#include "ledger.h"
#include "observe.h"
#include "proof.h"
#include "scope.h"
#include "tag.h"

#include <string.h>

/*
 * Importing a .byok file that was made elsewhere: the same care as in a rotation, with the public key from a file in place of
 * the HSM's.
 */

enum { PEM_MAX = 16384 };

struct carried {
	char *text;			/* of the .byok file; owned */
	size_t size;
	char sha256[DIGEST_HEX_SIZE];	/* of the file */
	char kid[BYOK_KID_MAX];		/* of the KEK */
	struct public_key public_key;
	char fingerprint[DIGEST_HEX_SIZE];
};

static void
carried_clear(struct carried *carried)
{
	free(carried->text);
}

static bool
read_public_key(const char *file, struct carried *carried, struct fault *fault)
{
	SCOPE(free) char *pem = NULL;
	size_t size;

	if (!file_read(file, PEM_MAX, &pem, &size, fault) ||
	    !publickey_from_pem(pem, size, &carried->public_key, fault) ||
	    !publickey_fingerprint(&carried->public_key, carried->fingerprint, fault))
		return fault_prefix(fault, "public key %s", file);
	return true;
}

static bool
read_blob(const char *file, struct carried *carried, struct fault *fault)
{
	SCOPE(free) struct byok *byok = calloc(1, sizeof *byok);
	uint8_t digest[DIGEST_SIZE];

	if (byok == NULL)
		return fault_system(fault, "Memory for a .byok file");
	if (!file_read(file, BYOK_TEXT_MAX, &carried->text, &carried->size, fault) ||
	    !digest_sha256(carried->text, carried->size, digest, fault) ||
	    !byok_parse(carried->text, carried->size, byok, fault))
		return fault_prefix(fault, "%s", file);
	snprintf(carried->kid, sizeof carried->kid, "%s", byok->kid);
	encode_hex(digest, sizeof digest, carried->sha256);
	return true;
}

/* The file must be for this vault's KEK, and the key for this policy. */
static bool
check_fits(const struct facts *facts, const struct carried *carried, struct fault *fault)
{
	const struct policy *policy = facts->policy;
	const struct kek_fact *kek = &facts->kek;
	char found[KEY_SHAPE_TEXT], wanted[KEY_SHAPE_TEXT];

	if (facts->history->rotation.open)
		return fault_set(fault, FAULT_REFUSED, "Rotation %s of %s is not finished: run "
		    "keyturn rotate %s first", facts->history->rotation.id, policy->name,
		    policy->name);
	if (carried->public_key.shape.family != policy->key.shape.family ||
	    carried->public_key.shape.bits != policy->key.shape.bits)
		return fault_set(fault, FAULT_REFUSED, "The key is %s, the policy wants %s",
		    keyshape_print(carried->public_key.shape, found),
		    keyshape_print(policy->key.shape, wanted));
	if (!kek->found || !vault_same_kid(kek->key.item.kid, carried->kid))
		return fault_set(fault, FAULT_REFUSED, "The file was wrapped under %s, but the "
		    "vault's KEK is %s", carried->kid,
		    kek->found ? kek->key.item.kid : "missing");
	if (kek->unsound[0] != '\0')
		return fault_set(fault, FAULT_REFUSED, "KEK %s %s", kek->key.item.kid,
		    kek->unsound);
	return true;
}

/* A version with this public key, or NULL: an import is never sent twice for one key. */
static const struct version_fact *
version_with(const struct facts *facts, const struct carried *carried)
{
	for (size_t i = 0; i < facts->version_count; i++)
		if (facts->versions[i].of_policy_key && facts->versions[i].exists &&
		    strcmp(facts->versions[i].fingerprint, carried->fingerprint) == 0)
			return &facts->versions[i];
	return NULL;
}

/* What was just sent: by its public key, or by the answer if the file held another key than was promised. */
static const struct version_fact *
sent_version(const struct facts *facts, const struct carried *carried, const char *kid)
{
	const struct version_fact *version = version_with(facts, carried);

	if (version == NULL)
		version = facts_version(facts, kid);
	return version != NULL && version->exists && version->material_read ? version : NULL;
}

static bool
send(struct observer *observer, const struct carried *carried, char *ret_kid, size_t room,
    struct fault *fault)
{
	struct engine *engine = observer->engine;
	const struct policy *policy = observer->policy;
	struct journal_head head;
	char anchor[JOURNAL_ROOT_SIZE + 24];
	SCOPE(json) json_t *tags = NULL;
	__attribute__((cleanup(scope_vault_key))) struct vault_key key = { 0 };
	struct vault_import import = {
		.shape = policy->key.shape,
		.ops = policy->key.shape.family == KEY_EC ? VAULT_OP_SIGN | VAULT_OP_VERIFY :
		    VAULT_OP_WRAP | VAULT_OP_UNWRAP,
		.byok = carried->text,
		.byok_size = carried->size,
	};

	if (!ledger_write(observer, STEP_NAME_BYOK, JOURNAL_INTENT, json_pack(
	    "{s:s,s:s,s:s,s:s}", "vault", policy->vault.url, "fingerprint", carried->fingerprint,
	    "kek", carried->kid, "blob_sha256", carried->sha256), fault) || !journal_write_head(engine->journal, fault))
		return false;
	journal_head(engine->journal, &head);
	snprintf(anchor, sizeof anchor, "%llu:%s", (unsigned long long)head.size, head.root);
	tags = json_pack("{s:s,s:s,s:s,s:s}", TAG_POLICY, policy->name, TAG_FINGERPRINT,
	    carried->fingerprint, TAG_HEAD, anchor, TAG_PROGRAM, engine->program);
	if (tags == NULL)
		return fault_system(fault, "Memory for tags");
	import.tags = tags;
	if (!vault_import(engine->azure, policy->vault.url, policy->vault.key_name, &import, &key,
	    fault))
		return false;
	snprintf(ret_kid, room, "%s", key.item.kid);
	return true;
}

/* Prove what the vault shows now, then record it as a version of ours. */
static bool
prove(struct observer *observer, const struct carried *carried, const struct version_fact *version,
    struct fault *fault)
{
	return proof_compare(&carried->public_key, &version->key, fault) &&
	    proof_challenge(observer->engine->azure, &carried->public_key, version->kid, fault) &&
	    ledger_write(observer, STEP_NAME_BYOK, JOURNAL_DONE, json_pack("{s:s,s:s,s:s}", "kid",
	    version->kid, "fingerprint", carried->fingerprint, "challenge",
	    proof_challenge_name(observer->policy->key.shape)), fault) &&
	    journal_write_head(observer->engine->journal, fault);
}

/* Whether this very key was sent a moment ago and the list may not show it yet. */
static bool
still_open(const struct facts *facts, const struct carried *carried, struct fault *fault)
{
	const struct history_byok *byok = &facts->history->byok;
	int64_t left_ms = byok->sent_ms + facts->settling_ms - facts->now_ms;

	if (!byok->unknown || strcmp(byok->fingerprint, carried->fingerprint) != 0 ||
	    left_ms <= 0 || left_ms > 2 * facts->settling_ms)
		return false;
	fault_set(fault, FAULT_RETRY, "This key was sent %lld s ago, and it is not known what came of "
	    "it; the vault's list may lag. Run the same command again in %lld s: it looks again "
	    "before it sends anything", (long long)(facts->now_ms - byok->sent_ms) / 1000,
	    (long long)left_ms / 1000 + 1);
	return true;
}

/* The same file again would make the same wrong version again. */
static bool
was_wrong(const struct facts *facts, const struct carried *carried, struct fault *fault)
{
	const struct history_byok *byok = &facts->history->byok;

	if (byok->other_kid[0] == '\0' || strcmp(byok->blob_sha256, carried->sha256) != 0)
		return false;
	fault_set(fault, FAULT_REFUSED, "This file was imported before, made %s, and holds another "
	    "key than the one in --public-key: it is not sent again. Give the public key that "
	    "belongs to the file, or the file that belongs to the public key", byok->other_kid);
	return true;
}

/* The outcome of what was sent: whether it is certain that no version was made, and which was if it is the wrong one. */
static bool
record_failure(struct observer *observer, bool no_effect, const char *other_kid,
    struct fault *fault)
{
	json_t *detail = ledger_failure(observer, fault);
	struct fault again;

	json_object_set_new(detail, "no_effect", json_boolean(no_effect));
	if (other_kid[0] != '\0')
		json_object_set_new(detail, "other_kid", json_string(other_kid));
	return ledger_write(observer, STEP_NAME_BYOK, JOURNAL_FAILED, detail, &again) ||
	    fault_prefix(fault, "not recorded (%.500s)", again.text);
}

static bool
import_once(struct observer *observer, const struct carried *carried, json_t **ret_document,
    struct fault *fault)
{
	struct facts facts __attribute__((cleanup(scope_facts))) = { 0 };
	const struct version_fact *version;
	char kid[VAULT_KID_MAX] = "";

	if (!observe(observer, OBSERVE_VAULT | OBSERVE_KEK, &facts, fault) ||
	    !check_fits(&facts, carried, fault))
		return false;
	if ((version = version_with(&facts, carried)) == NULL) {
		if (was_wrong(&facts, carried, fault) || still_open(&facts, carried, fault))
			return false;
		if (!send(observer, carried, kid, sizeof kid, fault))
			return record_failure(observer, ledger_no_effect(fault), "", fault) && false;
		facts_clear(&facts);
		if (!observe(observer, OBSERVE_VAULT, &facts, fault))
			return false;
		version = sent_version(&facts, carried, kid);
	}
	if (version == NULL)
		return fault_set(fault, FAULT_RETRY, "The vault answered that it made %s, but does "
		    "not show it yet; run the same command again in a minute, it sends nothing "
		    "twice once the version is listed", kid);
	if (!prove(observer, carried, version, fault))
		return record_failure(observer, false, strcmp(version->fingerprint,
		    carried->fingerprint) == 0 ? "" : version->kid, fault) && false;
	*ret_document = json_pack("{s:s,s:s,s:s,s:s}", "policy", observer->policy->name, "kid",
	    version->kid, "version", version->version, "fingerprint", carried->fingerprint);
	return *ret_document != NULL || fault_system(fault, "Memory for the answer");
}

bool
byok_import(struct engine *engine, const struct policy *policy, const char *file,
    const char *public_key_file, json_t **ret_document, struct fault *fault)
{
	struct observer observer __attribute__((cleanup(scope_observer))) = { 0 };
	struct carried carried __attribute__((cleanup(carried_clear))) = { 0 };
	SCOPE(lock) struct lock *lock = NULL;

	observer_init(&observer, engine, policy);
	*ret_document = NULL;
	return read_public_key(public_key_file, &carried, fault) &&
	    read_blob(file, &carried, fault) &&
	    ledger_lock(&observer, "byok import", &lock, fault) &&
	    import_once(&observer, &carried, ret_document, fault);
}
