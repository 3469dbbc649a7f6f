#include "schedule.h"

#include <stdio.h>

/* When the key in use came into use: our own rotation's end, else the age of what was adopted. */
static int64_t
base_of(const struct facts *facts)
{
	const struct version_fact *in_use = facts_in_use(facts);

	if (facts->history->success_ms != 0)
		return facts->history->success_ms;
	if (in_use != NULL && in_use->exists)
		return in_use->key.item.created * 1000;
	return 0;
}

bool
schedule_next(const struct facts *facts, int64_t *ret_due_ms, char reason[static SCHEDULE_REASON])
{
	const struct policy *policy = facts->policy;
	int64_t base_ms = base_of(facts);
	char since[TIMETEXT_SIZE];

	if (facts->history->rolled_back_ms != 0) {
		snprintf(reason, SCHEDULE_REASON, "the services were rolled back at %s; nothing is "
		    "rotated until somebody says so: keyturn rotate %s",
		    timetext_print_s(facts->history->rolled_back_ms / 1000, since),
		    policy->name);
		return false;
	}
	if (!policy->rotate.scheduled) {
		snprintf(reason, SCHEDULE_REASON, "the policy has no schedule: it is rotated by "
		    "hand only");
		return false;
	}
	if (base_ms == 0) {
		snprintf(reason, SCHEDULE_REASON, "there is no key of ours in use yet");
		*ret_due_ms = facts->now_ms;
		return true;
	}
	snprintf(reason, SCHEDULE_REASON, "the key is in use since %s, and the policy says every "
	    "%s", timetext_print_s(base_ms / 1000, since), policy->rotate.every_text);
	*ret_due_ms = duration_add(base_ms, &policy->rotate.every);
	return true;
}
