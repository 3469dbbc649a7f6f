#include "byok.h"
#include "commands.h"
#include "file.h"
#include "ledger.h"
#include "observe.h"
#include "proof.h"
#include "scope.h"
#include "tag.h"
#include "timetext.h"

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

/*
 * Whether a version that shows no key is this one all the same: a vault hides the key of a disabled version.  The journal may
 * know it by its kid, and an import of ours by its tag.
 */
static bool
hides_this_key(const struct facts *facts, const struct version_fact *version,
    const struct carried *carried)
{
	const struct history_version *known = history_version(facts->history, version->kid);
	char tag[DIGEST_HEX_SIZE];

	if (version->material_read)
		return false;
	tag_read(version->key.item.tags, TAG_FINGERPRINT, tag, sizeof tag);
	return strcmp(tag, carried->fingerprint) == 0 ||
	    (known != NULL && strcmp(known->fingerprint, carried->fingerprint) == 0);
}

/* A version with this public key, or NULL: an import is never sent twice for one key. */
static const struct version_fact *
version_with(const struct facts *facts, const struct carried *carried)
{
	const struct version_fact *hidden = NULL;

	for (size_t i = 0; i < facts->version_count; i++) {
		const struct version_fact *version = &facts->versions[i];

		if (!version->of_policy_key || !version->exists)
			continue;
		if (strcmp(version->fingerprint, carried->fingerprint) == 0)
			return version;
		if (hides_this_key(facts, version, carried))
			hidden = version;
	}
	return hidden;
}

/* What was sent: by its public key, or by the answer if the file held another key than was promised. */
static const struct version_fact *
sent_version(const struct facts *facts, const struct carried *carried, const char *kid)
{
	const struct version_fact *version = version_with(facts, carried);

	if (version == NULL)
		version = facts_version(facts, kid);
	return version != NULL && version->exists ? version : NULL;
}

/* The answer to an earlier import of this very key, "" if none came, or its outcome is recorded. */
static const char *
answered_before(const struct facts *facts, const struct carried *carried)
{
	const struct history_byok *byok = &facts->history->byok;

	return byok->unknown && strcmp(byok->fingerprint, carried->fingerprint) == 0 ?
	    byok->answered_kid : "";
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

	/* The answer names the version; on disk before anything looks for it. */
	return ledger_write(observer, STEP_NAME_BYOK, JOURNAL_NOTE, json_pack("{s:s,s:s}",
	    "answered", ret_kid, "request_id", azure_last_request_id(engine->azure)), fault);
}

/* A version whose key does not show can be neither compared nor challenged. */
static bool
check_shown(const struct version_fact *version, struct fault *fault)
{
	if (version->material_read)
		return true;
	if (!version->key.item.enabled)
		return fault_set(fault, FAULT_REFUSED, "The vault has this key as %s, which is "
		    "disabled: nothing is sent. Enable it (az keyvault key set-attributes --id %s "
		    "--enabled true), then run the same command again to prove it", version->kid,
		    version->kid);
	return fault_set(fault, FAULT_RETRY, "The vault has %s, but does not show its key yet; run the "
	    "same command again in a minute, it sends nothing twice", version->kid);
}

/* Prove what the vault shows now, then record it as a version of ours. */
static bool
prove(struct observer *observer, const struct carried *carried, const struct version_fact *version,
    struct fault *fault)
{
	return check_shown(version, fault) &&
	    proof_compare(&carried->public_key, &version->key, fault) &&
	    proof_challenge(observer->engine->azure, &carried->public_key, version->kid, fault) &&
	    ledger_write(observer, STEP_NAME_BYOK, JOURNAL_DONE, json_pack("{s:s,s:s,s:s}", "kid",
	    version->kid, "fingerprint", carried->fingerprint, "challenge",
	    proof_challenge_name(observer->policy->key.shape)), fault) &&
	    journal_write_head(observer->engine->journal, fault);
}

/*
 * Whether an import was sent whose version may exist without showing: one slot remembers the last, so another key has to wait for
 * it too.  An answer counts for longer than the list's lag: what the vault said it made is looked for, not made again.
 */
static bool
still_open(const struct facts *facts, const struct carried *carried, struct fault *fault)
{
	const struct history_byok *byok = &facts->history->byok;
	const struct version_fact *answered = facts_version(facts, byok->answered_kid);
	bool same = strcmp(byok->fingerprint, carried->fingerprint) == 0;
	int64_t left_ms = byok->sent_ms + facts->settling_ms - facts->now_ms;
	char sent[TIMETEXT_SIZE], now[TIMETEXT_SIZE];

	if (!byok->unknown || (answered != NULL && answered->exists))
		return false;
	if (left_ms > 2 * facts->settling_ms)
		fault_set(fault, FAULT_REFUSED, "The journal says that an import was sent at %s, but "
		    "this machine's clock shows %s: set the clock right, then run the same command "
		    "again", timetext_print_s(byok->sent_ms / 1000, sent),
		    timetext_print_s(facts->now_ms / 1000, now));
	else if (left_ms > 0)
		fault_set(fault, FAULT_RETRY, "%s key was sent %lld s ago, and it is not known what came "
		    "of it; the vault's list may lag. Run the same command again in %lld s: it looks "
		    "again before it sends anything", same ? "This" : "Another",
		    (long long)(facts->now_ms - byok->sent_ms) / 1000, (long long)left_ms / 1000 + 1);
	else if (same && byok->answered_kid[0] != '\0')
		fault_set(fault, FAULT_REFUSED, "The vault answered that it made %s of this key, but "
		    "does not show it: it is not sent again. Was the key deleted? Recover it (az "
		    "keyvault key recover), then run the same command again", byok->answered_kid);
	else
		return false;
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

/* Send it and look what came; whatever goes wrong from here on, the journal has its outcome. */
static bool
send_and_look(struct observer *observer, const struct carried *carried, struct facts *facts,
    const struct version_fact **ret_version, struct fault *fault)
{
	char kid[VAULT_KID_MAX] = "";

	*ret_version = NULL;
	if (!send(observer, carried, kid, sizeof kid, fault))
		return record_failure(observer, kid[0] == '\0' && ledger_no_effect(fault), "",
		    fault) && false;
	facts_clear(facts);
	if (!observe(observer, OBSERVE_VAULT, facts, fault))
		return record_failure(observer, false, "", fault) && false;
	if ((*ret_version = sent_version(facts, carried, kid)) != NULL)
		return true;
	fault_set(fault, FAULT_RETRY, "The vault answered that it made %s, but does not show it yet; "
	    "run the same command again in a minute, it sends nothing twice", kid);
	return record_failure(observer, false, "", fault) && false;
}

static bool
import_once(struct observer *observer, const struct carried *carried, json_t **ret_document,
    struct fault *fault)
{
	struct facts facts __attribute__((cleanup(scope_facts))) = { 0 };
	const struct version_fact *version;
	bool other;

	if (!observe(observer, OBSERVE_VAULT | OBSERVE_KEK, &facts, fault) ||
	    !check_fits(&facts, carried, fault))
		return false;
	version = sent_version(&facts, carried, answered_before(&facts, carried));
	if (version == NULL && (was_wrong(&facts, carried, fault) ||
	    still_open(&facts, carried, fault) ||
	    !send_and_look(observer, carried, &facts, &version, fault)))
		return false;
	if (!prove(observer, carried, version, fault)) {
		other = version->material_read &&
		    strcmp(version->fingerprint, carried->fingerprint) != 0;
		return record_failure(observer, false, other ? version->kid : "", fault) && false;
	}
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
