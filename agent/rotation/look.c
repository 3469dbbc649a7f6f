#include "look.h"

#include "look_service.h"
#include "utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	HALF_VISIBLE_POLL_MS = 5000,
	SETTLING_TIMES = 10	/* so many settling times a version that must be there may take to show */
};

void
look_set(struct look *look, enum look_state state, const char *format, ...)
{
	va_list arguments;

	look->state = state;
	look->until_ms = 0;
	va_start(arguments, format);
	vsnprintf(look->text, sizeof look->text, format, arguments);
	va_end(arguments);
	utf8_trim(look->text);
}

static bool
is_done(const struct facts *facts, enum step_id step)
{
	return facts->history->rotation.done[step];
}

/* The look itself happened when the rotation started; see look_ready. */
static void
at_ready(const struct facts *facts, size_t service, struct look *look)
{
	(void)service;
	if (is_done(facts, STEP_READY))
		look_set(look, LOOK_DONE, "every check passed");
	else
		look_set(look, LOOK_TODO, "look at everything before anything is made");
}

/*
 * Whether something was sent at ${sent_ms} and absence from a list does not yet count; then ${look} waits.  A clock that was set
 * back a little only lengthens that; one that stands far before the journal's own times cannot tell, and somebody must set it.
 */
static bool
settling(const struct facts *facts, int64_t sent_ms, struct look *look)
{
	char sent[TIMETEXT_SIZE], now[TIMETEXT_SIZE];

	if (sent_ms == 0 || sent_ms + facts->settling_ms <= facts->now_ms)
		return false;
	if (sent_ms <= facts->now_ms + facts->settling_ms) {
		look_set(look, LOOK_WAIT, "it was sent for, and what came of it is not known; the "
		    "vault's lists may lag, so absence does not count yet");
		look->until_ms = sent_ms + facts->settling_ms;
		return true;
	}
	look_set(look, LOOK_BLOCKED, "the journal says that it was sent for at %s, but this machine's "
	    "clock shows %s: set the clock right, then run keyturn again",
	    timetext_print_s(sent_ms / 1000, sent), timetext_print_s(facts->now_ms / 1000, now));
	return true;
}

static void
at_kek(const struct facts *facts, size_t service, struct look *look)
{
	const struct kek_fact *kek = &facts->kek;
	const struct policy *policy = facts->policy;
	int64_t sent_ms = facts->history->rotation.intent_ms[STEP_KEK];

	(void)service;
	/* Made by a rotation or by kek enroll: whichever came last may not be visible yet. */
	if (facts->history->kek_sent_ms > sent_ms)
		sent_ms = facts->history->kek_sent_ms;
	/* Only of the rotation under way: the next one needs a KEK again. */
	if (facts->history->rotation.open && is_done(facts, STEP_IMPORT))
		look_set(look, LOOK_DONE, "KEK of this rotation is needed no more, for its key has "
		    "arrived");
	else if (!kek->found && settling(facts, sent_ms, look))
		return;
	else if (!kek->found && policy->vault.kek.create)
		look_set(look, LOOK_TODO, "create KEK %s in %s", policy->vault.kek.name,
		    policy->vault.url);
	else if (!kek->found)
		look_set(look, LOOK_BLOCKED, "%s holds no KEK named %s; create it (az keyvault "
		    "key create --kty RSA-HSM --size %u --ops import) or set \"create\": true, "
		    "then enroll it: keyturn kek enroll %s", policy->vault.url,
		    policy->vault.kek.name, policy->vault.kek.bits, policy->name);
	else if (kek->unsound[0] != '\0')
		look_set(look, LOOK_BLOCKED, "KEK %s %s", kek->key.item.kid, kek->unsound);
	else if (kek->enrolled_known && !kek->enrolled)
		look_set(look, LOOK_BLOCKED, "KEK %s (SHA-256 %s) is not enrolled at the HSM, so "
		    "nothing is wrapped under it; after comparing the fingerprint run: keyturn "
		    "kek enroll %s", kek->key.item.kid, kek->fingerprint, policy->name);
	else
		look_set(look, LOOK_DONE, "KEK %s may only import%s", kek->key.item.kid,
		    kek->enrolled_known ? ", and is enrolled" : "");
}

static bool
same_shape(struct key_shape a, struct key_shape b)
{
	return a.family == b.family && a.bits == b.bits;
}

/* A pair under our id: is it the one that is wanted? */
static void
at_found_key(const struct facts *facts, struct look *look)
{
	const struct hsm_key *key = &facts->hsm.key;
	const struct history_rotation *rotation = &facts->history->rotation;
	char fingerprint[DIGEST_HEX_SIZE] = "";
	struct fault fault;
	char found[KEY_SHAPE_TEXT], wanted[KEY_SHAPE_TEXT];

	if (!key->has_private || !key->has_public)
		look_set(look, LOOK_TODO, "half a key pair was left by a crash: sweep it and "
		    "generate again");
	else if (!same_shape(key->shape, facts->policy->key.shape))
		look_set(look, LOOK_BLOCKED, "the key of this rotation is %s, but the policy "
		    "wants %s: was the policy changed in the middle? Put it back, finish, then "
		    "change it", keyshape_print(key->shape, found),
		    keyshape_print(facts->policy->key.shape, wanted));
	else if (!publickey_fingerprint(&key->public_key, fingerprint, &fault))
		look_set(look, LOOK_BLOCKED, "%s", fault.text);
	else if (rotation->fingerprint[0] != '\0' &&
	    strcmp(rotation->fingerprint, fingerprint) != 0)
		look_set(look, LOOK_BLOCKED, "the HSM holds another key under this rotation's "
		    "CKA_ID than the one recorded (SHA-256 %s, recorded %s): somebody replaced "
		    "it; do not import it", fingerprint, rotation->fingerprint);
	else
		look_set(look, LOOK_DONE, "the HSM holds the key, SHA-256 %s", fingerprint);
}

/* Whether a version of this rotation exists, or may: then another key must not take its place. */
static bool
may_have_arrived(const struct facts *facts)
{
	const struct history_rotation *rotation = &facts->history->rotation;

	for (size_t i = 0; i < facts->version_count; i++)
		if (strcmp(facts->versions[i].rotation_tag, rotation->id) == 0)
			return true;
	return rotation->import_unknown || facts_imported(facts) != NULL;
}

static void
at_generate(const struct facts *facts, size_t service, struct look *look)
{
	bool whole = facts->hsm.found && facts->hsm.key.has_private;
	char wanted[KEY_SHAPE_TEXT];

	(void)service;
	if (is_done(facts, STEP_IMPORT))
		look_set(look, LOOK_DONE, "the key was generated and has arrived");
	else if (!whole && may_have_arrived(facts))
		look_set(look, LOOK_BLOCKED, "the HSM no longer holds the key of this rotation, but "
		    "an import of it was sent; bring the token back, or find out in the vault "
		    "whether a version with the tag of rotation %s exists",
		    facts->history->rotation.id);
	else if (facts->hsm.found)
		at_found_key(facts, look);
	else
		look_set(look, LOOK_TODO, "generate %s in the HSM",
		    keyshape_print(facts->policy->key.shape, wanted));
}

static void
at_wrap(const struct facts *facts, size_t service, struct look *look)
{
	const struct history_rotation *rotation = &facts->history->rotation;

	(void)service;
	if (is_done(facts, STEP_IMPORT))
		look_set(look, LOOK_DONE, "the key was wrapped and has arrived");
	else if (is_done(facts, STEP_WRAP) && facts->blob.present &&
	    strcmp(facts->blob.sha256, rotation->blob_sha256) == 0 && facts->kek.found &&
	    vault_same_kid(rotation->wrap_kek_kid, facts->kek.key.item.kid))
		look_set(look, LOOK_DONE, "a blob for this key and KEK lies in the state folder");
	else
		look_set(look, LOOK_TODO, "wrap the key under KEK %s inside the HSM",
		    facts->kek.found ? facts->kek.key.item.kid : facts->policy->vault.kek.name);
}

/* Listed with our tag, but not readable yet: reads may lag behind writes too. */
static bool
half_visible(const struct facts *facts)
{
	for (size_t i = 0; i < facts->version_count; i++)
		if (facts->versions[i].exists && !facts->versions[i].material_read &&
		    strcmp(facts->versions[i].rotation_tag, facts->history->rotation.id) == 0)
			return true;
	return false;
}

/* It must be there and does not show: wait, but not for ever. */
static void
at_unseen(const struct facts *facts, const char *what, const char *kid, struct look *look)
{
	const struct history_rotation *rotation = &facts->history->rotation;
	int64_t sent_ms = rotation->intent_ms[STEP_IMPORT];
	int64_t patience_ms = SETTLING_TIMES * facts->settling_ms;

	if (facts->now_ms < sent_ms + patience_ms && facts->now_ms > sent_ms - patience_ms) {
		look_set(look, LOOK_WAIT, "the vault %s%s, but does not show its key yet", what, kid);
		look->until_ms = facts->now_ms + HALF_VISIBLE_POLL_MS;
		return;
	}
	look_set(look, LOOK_BLOCKED, "the vault %s%s, but never showed its key: was it disabled or "
	    "deleted? Enable or recover it (az keyvault key list-versions), then run keyturn again",
	    what, kid);
}

/* Since when it is open what came of an import: from its sending, or from the look that gave up on an answer. */
static int64_t
unknown_since(const struct history_rotation *rotation)
{
	if (!rotation->import_unknown)
		return 0;
	return rotation->failed_ms > rotation->intent_ms[STEP_IMPORT] ? rotation->failed_ms :
	    rotation->intent_ms[STEP_IMPORT];
}

static void
at_import(const struct facts *facts, size_t service, struct look *look)
{
	const struct history_rotation *rotation = &facts->history->rotation;
	const struct version_fact *version = facts_imported(facts);

	(void)service;
	if (version != NULL && version->exists && version->material_read)
		look_set(look, LOOK_DONE, "the vault has it as %s", version->kid);
	else if (is_done(facts, STEP_IMPORT))
		look_set(look, LOOK_BLOCKED, "the vault does not show %s, which was imported; "
		    "look for it in the vault, then run keyturn again", rotation->kid);
	else if (rotation->answered_kid[0] != '\0')
		at_unseen(facts, "answered that it made ", rotation->answered_kid, look);
	else if (half_visible(facts))
		at_unseen(facts, "lists a version with this rotation's tag", "", look);
	else if (!settling(facts, unknown_since(rotation), look))
		look_set(look, LOOK_TODO, "import into %s as a new version of %s",
		    facts->policy->vault.url, facts->policy->vault.key_name);
}

static void
at_prove(const struct facts *facts, size_t service, struct look *look)
{
	(void)service;
	if (is_done(facts, STEP_PROVE))
		look_set(look, LOOK_DONE, "public keys are equal, and the vault answered the "
		    "challenge");
	else
		look_set(look, LOOK_TODO, "compare the public keys and challenge the vault");
}

static void
at_recover(const struct facts *facts, size_t service, struct look *look)
{
	(void)service;
	if (is_done(facts, STEP_RECOVER))
		look_set(look, LOOK_DONE, "recovery: %s",
		    policy_recovery_name(facts->policy->key.recovery));
	else
		look_set(look, LOOK_TODO, "recovery: %s",
		    policy_recovery_name(facts->policy->key.recovery));
}

static void
at_seal(const struct facts *facts, size_t service, struct look *look)
{
	(void)service;
	if (is_done(facts, STEP_SEAL))
		look_set(look, LOOK_DONE, "after_import: %s",
		    policy_after_import_name(facts->policy->key.after_import));
	else if (facts->hsm.read && facts->policy->key.after_import != POLICY_DESTROY &&
	    !(facts->hsm.found && facts->hsm.key.has_private))
		look_set(look, LOOK_BLOCKED, "the HSM no longer holds the private key of this "
		    "rotation (CKA_ID %s), which arrived as %s: somebody removed it, or the token "
		    "lost it; no service is pointed at it. Bring the token back from its backup, "
		    "then run keyturn rotate %s again", facts->history->rotation.id,
		    facts->history->rotation.kid, facts->policy->name);
	else
		look_set(look, LOOK_TODO, "after_import: %s; the blob goes",
		    policy_after_import_name(facts->policy->key.after_import));
}

static void
at_guard(const struct facts *facts, size_t service, struct look *look)
{
	char why[200];

	(void)service;
	if (is_done(facts, STEP_GUARD)) {
		look_set(look, LOOK_DONE, "every earlier version is usable");
		return;
	}
	for (size_t i = 0; i < facts->version_count; i++) {
		const struct version_fact *version = &facts->versions[i];

		if (!version->named || facts_usable(facts, version, why))
			continue;
		if (facts->policy->repair_previous && version->exists &&
		    !version->key.item.enabled)
			look_set(look, LOOK_TODO, "enable version %s again", version->version);
		else
			look_set(look, LOOK_BLOCKED, "version %s %s, and services need it: make "
			    "it usable again (az keyvault key set-attributes --id %s --enabled "
			    "true)", version->version, why, version->kid);
		return;
	}
	/* The look is all there is to it, but it has to be recorded. */
	look_set(look, LOOK_DONE, "every earlier version is usable");
}

static void (*const looks[])(const struct facts *, size_t, struct look *) = {
	[STEP_READY] = at_ready,
	[STEP_KEK] = at_kek,
	[STEP_GENERATE] = at_generate,
	[STEP_WRAP] = at_wrap,
	[STEP_IMPORT] = at_import,
	[STEP_PROVE] = at_prove,
	[STEP_RECOVER] = at_recover,
	[STEP_SEAL] = at_seal,
	[STEP_REPOINT] = look_at_repoint,
	[STEP_CONFIRM] = look_at_confirm,
	[STEP_GUARD] = at_guard,
	[STEP_UNDO] = look_at_undo,
};

void
look_at(const struct facts *facts, enum step_id step, size_t service, struct look *ret_look)
{
	looks[step](facts, service, ret_look);
}
