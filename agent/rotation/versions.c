#include "commands.h"
#include "finding.h"
#include "invariant.h"
#include "observe.h"
#include "scope.h"
#include "timejson.h"

#include <string.h>

static const char *const provenance_names[] = {
	[PROVENANCE_FOREIGN] = "foreign",
	[PROVENANCE_HSM] = "hsm",
	[PROVENANCE_ADOPTED] = "adopted",
};

/* The HSM's keys, if it could be asked. */
struct hsm_keys {
	bool asked;
	struct hsm_key *list;
	size_t count;
};

static const char *
hsm_state(const struct hsm_keys *keys, const struct version_fact *version)
{
	char fingerprint[DIGEST_HEX_SIZE];
	struct fault fault;

	if (!keys->asked)
		return "not asked";
	for (size_t i = 0; i < keys->count; i++) {
		const struct hsm_key *key = &keys->list[i];

		if (!key->has_public_key ||
		    !publickey_fingerprint(&key->public_key, fingerprint, &fault) ||
		    strcmp(fingerprint, version->fingerprint) != 0)
			continue;
		if (!key->has_private)
			return "public only";
		return key->extractable == HSM_NO ? "sealed" : "extractable";
	}
	return "absent";
}

static json_t *
users_of(const struct facts *facts, const struct version_fact *version)
{
	json_t *names = json_array();

	for (size_t i = 0; i < facts->service_count; i++)
		if (facts->services[i].read &&
		    vault_same_kid(facts->services[i].state.key_url, version->kid))
			json_array_append_new(names, json_string(facts->services[i].name));
	return names;
}

/* The rotation by the journal, else by its tag; a foreign version's tag was copied by Azure's own rotate and says nothing. */
static const char *
rotation_of(const struct facts *facts, const struct version_fact *version)
{
	const struct history_version *known = history_version(facts->history, version->kid);

	if (known != NULL && known->rotation[0] != '\0')
		return known->rotation;
	return version->provenance == PROVENANCE_FOREIGN || version->rotation_tag[0] == '\0' ? NULL : version->rotation_tag;
}

static json_t *
version_document(const struct facts *facts, const struct hsm_keys *keys,
    const struct version_fact *version)
{
	const struct vault_item *item = &version->key.item;
	char shape[KEY_SHAPE_TEXT] = "";

	if (version->key.has_public_key)
		keyshape_print(version->key.public_key.shape, shape);
	return json_pack("{s:s,s:s,s:o,s:b,s:b,s:o,s:s,s:s,s:s,s:o,s:s?,s:s,s:o}", "version",
	    version->version, "kid", version->kid, "created", timejson_s(item->created), "exists",
	    version->exists, "enabled", item->enabled, "expires", timejson_s(item->expires),
	    "key", shape[0] == '\0' ? version->key.kty : shape, "fingerprint",
	    version->fingerprint, "provenance", provenance_names[version->provenance], "proven",
	    timejson_ms(version->proven_ms), "rotation", rotation_of(facts, version), "hsm",
	    hsm_state(keys, version), "services", users_of(facts, version));
}

/* A token that does not answer must not hide what the vault shows. */
static void
ask_hsm(struct observer *observer, struct hsm_keys *keys, struct findings *findings)
{
	struct hsm *hsm;
	struct fault why;

	if (observer->engine->hsms == NULL)
		return;
	if (observer_hsm(observer, &hsm, &why) && hsm_list(hsm, &keys->list, &keys->count, &why))
		keys->asked = true;
	else
		finding_add(findings, FINDING_WARNING, observer->policy->key.token, "",
		    "The HSM could not be asked: %s", why.text);
}

bool
versions_policy(struct engine *engine, const struct policy *policy, json_t **ret_document,
    struct fault *fault)
{
	struct observer observer __attribute__((cleanup(scope_observer))) = { 0 };
	struct facts facts __attribute__((cleanup(scope_facts))) = { 0 };
	struct findings findings __attribute__((cleanup(scope_findings))) = { 0 };
	struct invariant_report report __attribute__((cleanup(scope_invariant))) = { 0 };
	struct hsm_keys keys = { 0 };
	json_t *list = json_array();

	observer_init(&observer, engine, policy);
	finding_init(&findings);
	*ret_document = NULL;
	if (!observe(&observer, OBSERVE_VAULT | OBSERVE_SERVICES, &facts, fault) ||
	    !invariant_check(&facts, &report, &findings, fault)) {
		json_decref(list);
		return false;
	}
	ask_hsm(&observer, &keys, &findings);
	for (size_t i = facts.version_count; i > 0; i--)
		json_array_append_new(list,
		    version_document(&facts, &keys, &facts.versions[i - 1]));
	free(keys.list);
	*ret_document = json_pack("{s:s,s:o,s:o}", "policy", policy->name, "versions", list,
	    "findings", finding_take(&findings));
	return *ret_document != NULL || fault_system(fault, "Memory for the answer");
}
