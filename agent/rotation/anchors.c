#include "commands.h"
#include "observe.h"
#include "scope.h"
#include "tag.h"

#include <stdio.h>
#include <string.h>

/* "SIZE:ROOT", as an import left it on the version. */
static json_t *
anchor_of(const struct policy *policy, const struct version_fact *version)
{
	char text[TIMETEXT_SIZE + JOURNAL_ROOT_SIZE];
	unsigned long long size;
	char root[JOURNAL_ROOT_SIZE];

	tag_read(version->key.item.tags, TAG_HEAD, text, sizeof text);
	if (sscanf(text, "%20llu:%64[0-9a-f]", &size, root) != 2 || strlen(root) != 64)
		return NULL;
	return json_pack("{s:I,s:s,s:s,s:s}", "size", (json_int_t)size, "root", root, "version",
	    version->version, "policy", policy->name);
}

bool
anchors_policy(struct engine *engine, const struct policy *policy, json_t **ret_document,
    struct fault *fault)
{
	struct observer observer __attribute__((cleanup(scope_observer))) = { 0 };
	struct facts facts __attribute__((cleanup(scope_facts))) = { 0 };
	SCOPE(json) json_t *list = json_array();

	observer_init(&observer, engine, policy);

	/* The journal is what is being checked: nothing here may depend on it. */
	observer.engine = &(struct engine){ .clock = engine->clock, .azure = engine->azure,
		.managed_hsm_suffix = engine->managed_hsm_suffix };
	*ret_document = NULL;
	if (!observe(&observer, OBSERVE_VAULT, &facts, fault))
		return false;
	for (size_t i = 0; i < facts.version_count; i++) {
		json_t *anchor = anchor_of(policy, &facts.versions[i]);

		if (anchor != NULL)
			json_array_append_new(list, anchor);
	}
	*ret_document = scope_move(list);
	return true;
}
