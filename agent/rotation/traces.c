#include "traces.h"

#include "tag.h"

#include <stdio.h>
#include <string.h>

/* Whether ${journal} had the head in the tags when it had that size. A tag that cannot be read proves nothing. */
static bool
had_head(struct journal *journal, const struct version_fact *version, bool *ret_had,
    struct fault *fault)
{
	char text[JOURNAL_ROOT_SIZE + 24], root[JOURNAL_ROOT_SIZE], then[JOURNAL_ROOT_SIZE];
	unsigned long long size;
	struct journal_head head = { 0 };

	tag_read(version->key.item.tags, TAG_HEAD, text, sizeof text);
	*ret_had = true;
	if (sscanf(text, "%20llu:%64[0-9a-f]", &size, root) != 2 || size == 0)
		return true;
	if (journal != NULL)
		journal_head(journal, &head);
	if (size > head.size) {
		*ret_had = false;
		return true;
	}
	if (!journal_root_at(journal, size, then, fault))
		return false;
	*ret_had = strcmp(root, then) == 0;
	return true;
}

bool
traces_find(struct journal *journal, const struct facts *facts,
    const struct version_fact **ret_version, struct fault *fault)
{
	bool had = true;

	*ret_version = NULL;
	for (size_t i = 0; i < facts->version_count && had; i++) {
		const struct version_fact *version = &facts->versions[i];

		if (!version->of_policy_key || !version->exists)
			continue;
		if (!had_head(journal, version, &had, fault))
			return false;
		if (!had)
			*ret_version = version;
	}
	return true;
}

void
traces_tell(const struct version_fact *version, struct findings *findings)
{
	finding_add(findings, FINDING_PROBLEM, version->kid, "Bring the journal back from its copy "
	    "(state folder: journal.jsonl and head together), and see that one agent alone works on "
	    "this key", "Version %s carries the head of a journal that is not this one: the journal "
	    "was lost, is an older copy, or another agent imported it (rotation %s)",
	    version->version, version->rotation_tag[0] == '\0' ? "unknown" :
	    version->rotation_tag);
}
