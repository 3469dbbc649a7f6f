#include "history.h"

#include "replay.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One reading of the journal. */
struct reading {
	struct history *history;
	const char *policy;
};

static bool
take_in(void *context, const struct journal_record *record, struct fault *fault)
{
	struct reading *reading = context;

	reading->history->next = record->n + 1;
	if (strcmp(record->policy, reading->policy) != 0)
		return true;
	return replay_record(reading->history, record, fault);
}

bool
history_refresh(struct history *history, struct journal *journal, const char *policy,
    struct fault *fault)
{
	struct reading reading = { .history = history, .policy = policy };

	if (journal == NULL)
		return true;
	return journal_refresh(journal, fault) &&
	    journal_read(journal, history->next, take_in, &reading, fault);
}

void
history_clear(struct history *history)
{
	free(history->versions);
	free(history->services);
	*history = (struct history){ 0 };
}

const struct history_version *
history_version(const struct history *history, const char *kid)
{
	for (size_t i = 0; i < history->version_count; i++)
		if (vault_same_kid(history->versions[i].kid, kid))
			return &history->versions[i];
	return NULL;
}

const struct history_service *
history_service(const struct history *history, const char *id)
{
	for (size_t i = 0; i < history->service_count; i++)
		if (strcasecmp(history->services[i].id, id) == 0)
			return &history->services[i];
	return NULL;
}
