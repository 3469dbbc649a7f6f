#include "facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
facts_clear(struct facts *facts)
{
	for (size_t i = 0; i < facts->version_count; i++)
		vault_key_clear(&facts->versions[i].key);
	for (size_t i = 0; i < facts->service_count; i++)
		service_state_clear(&facts->services[i].state);
	vault_key_clear(&facts->kek.key);
	free(facts->versions);
	free(facts->services);
	*facts = (struct facts){ 0 };
}

const struct version_fact *
facts_version(const struct facts *facts, const char *kid)
{
	for (size_t i = 0; i < facts->version_count; i++)
		if (vault_same_kid(facts->versions[i].kid, kid))
			return &facts->versions[i];
	return NULL;
}

const struct version_fact *
facts_newest(const struct facts *facts)
{
	for (size_t i = facts->version_count; i > 0; i--)
		if (facts->versions[i - 1].of_policy_key && facts->versions[i - 1].exists)
			return &facts->versions[i - 1];
	return NULL;
}

bool
facts_newer(const struct version_fact *a, const struct version_fact *b)
{
	if (a->key.item.created != b->key.item.created)
		return a->key.item.created > b->key.item.created;
	if (a->of_policy_key != b->of_policy_key)
		return a->of_policy_key;
	return a > b;
}

const struct version_fact *
facts_in_use(const struct facts *facts)
{
	const struct version_fact *newest = NULL;

	for (size_t i = 0; i < facts->version_count; i++) {
		const struct version_fact *version = &facts->versions[i];

		if ((facts->service_count > 0 ? version->named_now : version->proven) &&
		    (newest == NULL || facts_newer(version, newest)))
			newest = version;
	}
	return newest;
}

const struct version_fact *
facts_imported(const struct facts *facts)
{
	const struct history_rotation *rotation = &facts->history->rotation;

	if (rotation->id[0] == '\0')
		return NULL;
	if (rotation->kid[0] != '\0')
		return facts_version(facts, rotation->kid);
	if (rotation->answered_kid[0] != '\0')
		return facts_version(facts, rotation->answered_kid);

	/* The oldest is the one: should Azure have made two of one import, the later is the twin. */
	for (size_t i = 0; i < facts->version_count; i++) {
		const struct version_fact *version = &facts->versions[i];

		if (version->of_policy_key && rotation->fingerprint[0] != '\0' &&
		    strcmp(version->fingerprint, rotation->fingerprint) == 0)
			return version;
	}
	return NULL;
}

const struct history_service *
facts_service_history(const struct facts *facts, size_t index)
{
	return history_service(facts->history, facts->services[index].policy->id);
}

bool
facts_usable(const struct facts *facts, const struct version_fact *version, char why[static 200])
{
	const struct vault_item *item = &version->key.item;
	const unsigned needed = VAULT_OP_WRAP | VAULT_OP_UNWRAP;
	int64_t now_s = facts->now_ms / 1000;

	why[0] = '\0';
	if (version->unread[0] != '\0')
		snprintf(why, 200, "cannot be looked at (%s)", version->unread);
	else if (!version->exists)
		snprintf(why, 200, "does not exist in the vault any more");
	else if (!item->enabled)
		snprintf(why, 200, "is disabled");
	else if (item->expires != 0 && item->expires <= now_s)
		snprintf(why, 200, "has expired");
	else if (item->not_before > now_s)
		snprintf(why, 200, "is not valid yet (nbf lies in the future)");
	else if (version->material_read && facts->policy->key.shape.family == KEY_RSA &&
	    (version->key.ops & needed) != needed)
		snprintf(why, 200, "lacks wrapKey or unwrapKey among its operations");
	return why[0] == '\0';
}
