#include "commands.h"
#include "ledger.h"
#include "observe.h"
#include "scope.h"
#include "traces.h"

#include <string.h>

enum { RECORD_VERSIONS_MAX = 100 };

/* Only what can be read and used may become the baseline that a rollback goes to. */
static bool
check_adoptable(const struct facts *facts, struct fault *fault)
{
	char why[200];

	for (size_t i = 0; i < facts->service_count; i++) {
		const struct service_fact *service = &facts->services[i];
		const struct version_fact *version;

		if (!service->read)
			return fault_set(fault, service->why.code, "%s", service->why.text);
		if (service->state.key_url[0] == '\0')
			continue;
		version = facts_version(facts, service->state.key_url);
		if (version == NULL)
			return fault_set(fault, FAULT_REFUSED, "%s names %s, which is no version of "
			    "a Key Vault key that keyturn could look at", service->name,
			    service->state.key_url);
		if (!facts_usable(facts, version, why))
			return fault_set(fault, FAULT_REFUSED, "%s names %s, which %s: mend that "
			    "first, then adopt", service->name, version->kid, why);
	}
	return true;
}

static json_t *
versions_detail(const struct facts *facts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < facts->version_count; i++) {
		const struct version_fact *version = &facts->versions[i];

		if (version->exists)
			json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:b}", "kid",
			    version->kid, "version", version->version, "fingerprint",
			    version->fingerprint, "enabled", version->key.item.enabled));
	}
	return list;
}

static json_t *
services_detail(const struct facts *facts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < facts->service_count; i++) {
		const char *kid = facts->services[i].state.key_url;

		json_array_append_new(list, json_pack("{s:s,s:s,s:s?}", "id",
		    facts->services[i].policy->id, "name", facts->services[i].name, "kid",
		    kid[0] == '\0' ? NULL : kid));
	}
	return list;
}

/*
 * Record the baseline. A record holds so many versions at most, since a line of the journal has a bound; the services come
 * with the last, so that a crash before it leaves the policy as one that is still to be adopted.
 */
static bool
record(struct observer *observer, const json_t *versions, json_t *services, struct fault *fault)
{
	size_t count = json_array_size(versions), first = 0;

	do {
		size_t last = count - first > RECORD_VERSIONS_MAX ? first + RECORD_VERSIONS_MAX : count;
		json_t *batch = json_array();

		for (; first < last; first++)
			json_array_append(batch, json_array_get(versions, first));
		if (!ledger_write(observer, STEP_NAME_ADOPT, JOURNAL_DONE, first < count ?
		    json_pack("{s:o}", "versions", batch) : json_pack("{s:o,s:O}", "versions",
		    batch, "services", services), fault))
			return false;
	} while (first < count);
	return journal_write_head(observer->engine->journal, fault);
}

bool
adopt_policy(struct engine *engine, const struct policy *policy, json_t **ret_document,
    struct fault *fault)
{
	struct observer observer __attribute__((cleanup(scope_observer))) = { 0 };
	struct facts facts __attribute__((cleanup(scope_facts))) = { 0 };
	const struct version_fact *trace;
	SCOPE(lock) struct lock *lock = NULL;
	SCOPE(json) json_t *versions = NULL;
	SCOPE(json) json_t *services = NULL;

	observer_init(&observer, engine, policy);
	*ret_document = NULL;
	if (!ledger_lock(&observer, "adopt", &lock, fault) ||
	    !observe(&observer, OBSERVE_VAULT | OBSERVE_SERVICES, &facts, fault))
		return false;
	if (observer.history.rotation.open)
		return fault_set(fault, FAULT_REFUSED, "Rotation %s of %s is not finished: run "
		    "keyturn rotate %s first", observer.history.rotation.id, policy->name,
		    policy->name);
	if (!traces_find(engine->journal, &facts, &trace, fault))
		return false;
	if (trace != NULL)
		return fault_set(fault, FAULT_REFUSED, "Version %s carries the head of a journal that "
		    "is not this one: the journal was lost, is an older copy, or another agent works "
		    "on this key. Bring the journal back from its copy; adopting over its traces would "
		    "leave a record that never verifies", trace->version);
	if (!check_adoptable(&facts, fault))
		return fault_prefix(fault, "adopt %s", policy->name);
	versions = versions_detail(&facts);
	services = services_detail(&facts);
	if (!record(&observer, versions, services, fault))
		return false;
	*ret_document = json_pack("{s:s,s:O,s:O}", "policy", policy->name, "versions", versions,
	    "services", services);
	return *ret_document != NULL || fault_system(fault, "Memory for the answer");
}
