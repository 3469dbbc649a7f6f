#include "show.h"

#include "detail.h"
#include "scope.h"
#include "timetext.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

/* What a step is called while it is intended, done, failed, or only noted. */
static const struct {
	const char *step;
	const char *words[JOURNAL_NOTE + 1];
} rows[] = {
	{ "start", { [JOURNAL_INTENT] = "About to start", "Started", "Could not start", "Started" } },
	{ "stop", { [JOURNAL_INTENT] = "About to stop", "Stopped", "Stopped by a failure", "Stopped" } },
	{ "cut", { [JOURNAL_INTENT] = "About to cut a torn line", "A torn line was cut off",
	    "A torn line could not be cut off", "A torn line was cut off" } },
	{ "rotate", { [JOURNAL_INTENT] = "A rotation begins", "The rotation is complete", "The rotation failed",
	    "About the rotation" } },
	{ "ready", { [JOURNAL_INTENT] = "About to check that all is ready", "All is ready", "Not ready",
	    "About readiness" } },
	{ "kek", { [JOURNAL_INTENT] = "About to create the key exchange key", "The key exchange key is in place",
	    "The key exchange key is not in place", "About the key exchange key" } },
	{ "generate", { [JOURNAL_INTENT] = "About to generate a key in the HSM", "The HSM holds the new key",
	    "The key could not be generated", "About the key in the HSM" } },
	{ "wrap", { [JOURNAL_INTENT] = "About to wrap the key for transfer", "The transfer blob is made",
	    "The key could not be wrapped", "About the transfer blob" } },
	{ "import", { [JOURNAL_INTENT] = "About to import the key into the vault", "The vault holds the new version",
	    "The import failed", "About the import" } },
	{ "prove", { [JOURNAL_INTENT] = "About to challenge the vault", "The vault's version is the HSM's key",
	    "The vault's version could not be proven", "About the proof" } },
	{ "recover", { [JOURNAL_INTENT] = "About to take the recovery copy", "The recovery that the policy asks for is in place",
	    "The recovery copy is not in place", "About the recovery copy" } },
	{ "seal", { [JOURNAL_INTENT] = "About to treat the HSM key as the policy wants after import",
	    "The HSM key is as the policy wants it", "The HSM key is not as the policy wants it", "About the HSM key" } },
	{ "repoint", { [JOURNAL_INTENT] = "About to point a service at the new version", "The service names the new version",
	    "The service could not be repointed", "About the service" } },
	{ "confirm", { [JOURNAL_INTENT] = "About to ask the service for data", "The service was asked for data",
	    "The service does not answer as before", "About the service" } },
	{ "guard", { [JOURNAL_INTENT] = "About to repair an earlier version", "Every earlier version is usable",
	    "An earlier version is not usable", "About earlier versions" } },
	{ "undo", { [JOURNAL_INTENT] = "About to put back the service's previous version",
	    "The service names its previous version again", "The previous version could not be put back", "About the undo" } },
	{ "adopt", { [JOURNAL_INTENT] = "About to adopt the state found", "The state found is the baseline",
	    "The state found could not be adopted", "About the adoption" } },
	{ "rollback", { [JOURNAL_INTENT] = "About to point services back", "The services were pointed back",
	    "The rollback failed", "About the rollback" } },
	{ "revalidate", { [JOURNAL_INTENT] = "About to put the same reference again", "The reference was put again",
	    "The reference could not be put again", "About the revalidation" } },
	{ "enroll", { [JOURNAL_INTENT] = "About to enroll a key exchange key", "The key exchange key is enrolled",
	    "The key exchange key was not enrolled", "About the enrolment" } },
	{ "sweep", { [JOURNAL_INTENT] = "About to sweep what a crash left in the HSM", "What a crash left in the HSM was swept",
	    "What a crash left in the HSM could not be swept", "About the sweep" } },
	{ "observe", { [JOURNAL_INTENT] = "About to look", "Looked", "Could not look", "Seen" } },
	{ "byok", { [JOURNAL_INTENT] = "About to import a transfer blob", "A transfer blob was imported",
	    "The transfer blob could not be imported", "About a transfer blob" } },
};

static const char *
find_words(const struct journal_record *record)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].step, record->step) == 0)
			return rows[i].words[record->phase];
	return NULL;
}

bool
show_matches(const struct show_filter *filter, const struct journal_record *record)
{
	if (filter == NULL)
		return true;
	if (filter->policy != NULL && strcmp(filter->policy, record->policy) != 0)
		return false;
	if (filter->rotation != NULL &&
	    strncasecmp(filter->rotation, record->rotation, strlen(filter->rotation)) != 0)
		return false;
	return record->wall_ms >= filter->since_ms;
}

struct passing {
	const struct show_filter *filter;
	journal_visit *visit;
	void *context;
};

static bool
pass(void *context, const struct journal_record *record, struct fault *fault)
{
	const struct passing *passing = context;

	return !show_matches(passing->filter, record) ||
	    passing->visit(passing->context, record, fault);
}

bool
show_read(struct journal *journal, const struct show_filter *filter, journal_visit *visit,
    void *context, struct fault *fault)
{
	struct passing passing = { filter, visit, context };

	return journal_read(journal, 0, pass, &passing, fault);
}

bool
show_sentence(const struct journal_record *record, char **ret_text, struct fault *fault)
{
	const char *words = find_words(record);
	const char *reason = json_string_value(json_object_get(record->object, "reason"));
	SCOPE(free) char *facts = detail_print(record->detail);
	char *text = NULL;
	int size;

	/* A step of a later keyturn has no words here; its name says enough. */
	if (facts == NULL)
		return fault_system(fault, "Memory to show a record");
	size = asprintf(&text, "%s%s%s%s%s%s%s", words != NULL ? words : record->step, words != NULL ? "" : ", ",
	    words != NULL ? "" : journal_phase_name(record->phase), reason != NULL ? ": " : "",
	    reason != NULL ? reason : "", facts[0] != 0 ? "; " : "", facts);
	if (size < 0)
		return fault_system(fault, "Memory to show a record");
	*ret_text = text;
	return true;
}

bool
show_line(const struct journal_record *record, char **ret_text, struct fault *fault)
{
	SCOPE(free) char *sentence = NULL;
	char time[TIMETEXT_SIZE];
	char *text = NULL;

	if (!show_sentence(record, &sentence, fault))
		return false;
	if (asprintf(&text, "%5" PRIu64 "  %s  %-16s  %-8.8s  %-10s  %-6s  %s", record->n,
	    timetext_print_s(record->wall_ms / 1000, time), record->policy[0] != 0 ? record->policy : "-",
	    record->rotation[0] != 0 ? record->rotation : "-", record->step,
	    journal_phase_name(record->phase), sentence) < 0)
		return fault_system(fault, "Memory to show a record");
	*ret_text = text;
	return true;
}

json_t *
show_json(const struct journal_record *record)
{
	SCOPE(json) json_t *copy = json_copy((json_t *)(uintptr_t)record->object);
	SCOPE(free) char *sentence = NULL;

	if (copy == NULL || !show_sentence(record, &sentence, NULL) ||
	    json_object_set_new(copy, "text", json_string(sentence)) != 0)
		return NULL;
	return scope_move(copy);
}
