#include "history.h"

#include "member.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * One record changes the history by one row of the table at the end of this file, chosen by its step and phase.
 */

struct replay {
	struct history *history;
	const char *policy;
};

typedef bool replay_record(struct history *history, const struct journal_record *record,
    struct fault *fault);

static void
copy_text(char *to, size_t room, const json_t *detail, const char *pointer)
{
	snprintf(to, room, "%s", member_text(detail, pointer, ""));
}

static bool
detail_true(const json_t *detail, const char *pointer)
{
	return json_is_true(member_find(detail, pointer));
}

/* The entry for ${kid}, made if it is new. NULL without memory. */
static struct history_version *
version_of(struct history *history, const char *kid)
{
	struct history_version *more;

	for (size_t i = 0; i < history->version_count; i++)
		if (vault_same_kid(history->versions[i].kid, kid))
			return &history->versions[i];
	more = reallocarray(history->versions, history->version_count + 1, sizeof *more);
	if (more == NULL)
		return NULL;
	history->versions = more;
	more += history->version_count++;
	*more = (struct history_version){ 0 };
	snprintf(more->kid, sizeof more->kid, "%s", kid);
	return more;
}

static struct history_service *
service_of(struct history *history, const char *id)
{
	struct history_service *more;

	for (size_t i = 0; i < history->service_count; i++)
		if (strcasecmp(history->services[i].id, id) == 0)
			return &history->services[i];
	more = reallocarray(history->services, history->service_count + 1, sizeof *more);
	if (more == NULL)
		return NULL;
	history->services = more;
	more += history->service_count++;
	*more = (struct history_service){ 0 };
	snprintf(more->id, sizeof more->id, "%s", id);
	return more;
}

static bool
no_memory(struct fault *fault)
{
	return fault_system(fault, "Memory for the journal's history");
}

/* A service was seen to name ${kid}: remember both. */
static bool
note_reference(struct history *history, const char *kid, struct fault *fault)
{
	struct history_version *version;

	if (kid[0] == '\0')
		return true;
	if ((version = version_of(history, kid)) == NULL)
		return no_memory(fault);
	version->named = true;
	return true;
}

static bool
on_rotate_intent(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_rotation *rotation = &history->rotation;

	*rotation = (struct history_rotation){ .open = true, .started_ms = record->wall_ms };
	snprintf(rotation->id, sizeof rotation->id, "%s", record->rotation);
	copy_text(rotation->trigger, sizeof rotation->trigger, record->detail, "/trigger");
	history->rolled_back_ms = 0;

	/* What each service named and answered then is what an undo and a confirm go back to. */
	for (size_t i = 0; i < history->service_count; i++) {
		struct history_service *service = &history->services[i];

		service->before[0] = '\0';
		service->baseline = 0;
		service->intent_ms = service->repointed_ms = 0;
		service->confirm_done = service->confirmed = service->failed = false;
		service->has_operation = false;
	}
	size_t index;
	json_t *entry;
	json_array_foreach(member_find(record->detail, "/services"), index, entry) {
		struct history_service *service = service_of(history,
		    member_text(entry, "/id", ""));

		if (service == NULL)
			return no_memory(fault);
		copy_text(service->before, sizeof service->before, entry, "/before");
		service->baseline = (enum service_probe)json_integer_value(
		    member_find(entry, "/baseline"));
		if (!note_reference(history, service->before, fault))
			return false;
	}
	return true;
}

static bool
on_rotate_done(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	(void)fault;
	history->rotation.open = false;
	history->rotation.ended_ms = record->wall_ms;
	history->success_ms = record->wall_ms;
	return true;
}

static bool
on_step_intent(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	enum step_id step = stepname_parse(record->step);

	(void)fault;
	history->rotation.intent_ms[step] = record->wall_ms;
	if (step == STEP_IMPORT)
		history->rotation.import_unknown = true;
	return true;
}

/* What later steps need of a step that is done. */
static void
keep_result(struct history_rotation *rotation, enum step_id step, const json_t *detail)
{
	switch (step) {
	case STEP_KEK:
		copy_text(rotation->kek_kid, sizeof rotation->kek_kid, detail, "/kid");
		break;
	case STEP_GENERATE:
		copy_text(rotation->fingerprint, sizeof rotation->fingerprint, detail,
		    "/fingerprint");
		break;
	case STEP_WRAP:
		copy_text(rotation->wrap_kek_kid, sizeof rotation->wrap_kek_kid, detail, "/kek");
		copy_text(rotation->blob_sha256, sizeof rotation->blob_sha256, detail,
		    "/blob_sha256");
		break;
	case STEP_IMPORT:
		copy_text(rotation->kid, sizeof rotation->kid, detail, "/kid");
		rotation->import_unknown = false;
		break;
	default:
		break;
	}
}

/* Second versions of one import, should Azure ever make them: harmless, never used. */
static bool
note_twins(struct history *history, const struct journal_record *record, struct fault *fault)
{
	size_t index;
	json_t *kid;

	json_array_foreach(member_find(record->detail, "/twins"), index, kid) {
		struct history_version *version = json_is_string(kid) ?
		    version_of(history, json_string_value(kid)) : NULL;

		if (version == NULL)
			return no_memory(fault);
		version->twin = true;
		snprintf(version->rotation, sizeof version->rotation, "%s", record->rotation);
	}
	return true;
}

static bool
note_version(struct history *history, const struct journal_record *record,
    enum step_id step, struct fault *fault)
{
	struct history_rotation *rotation = &history->rotation;
	struct history_version *version = version_of(history, rotation->kid);

	if (version == NULL)
		return no_memory(fault);
	if (step == STEP_IMPORT) {
		memcpy(version->rotation, rotation->id, sizeof version->rotation);
		memcpy(version->fingerprint, rotation->fingerprint,
		    sizeof version->fingerprint);
		version->imported_ms = record->wall_ms;
		return note_twins(history, record, fault);
	} else {
		version->proven_ms = record->wall_ms;
	}
	return true;
}

static bool
on_step_done(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_rotation *rotation = &history->rotation;
	enum step_id step = stepname_parse(record->step);

	rotation->done[step] = true;
	rotation->failures = 0;
	keep_result(rotation, step, record->detail);
	if (step == STEP_IMPORT || step == STEP_PROVE)
		return note_version(history, record, step, fault);
	return true;
}

static void
note_failure(struct history_rotation *rotation, const struct journal_record *record)
{
	rotation->failures++;
	rotation->failed_ms = record->wall_ms;
	copy_text(rotation->failure, sizeof rotation->failure, record->detail, "/text");
	snprintf(rotation->failed_step, sizeof rotation->failed_step, "%s", record->step);
}

static bool
on_step_failed(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_rotation *rotation = &history->rotation;

	(void)fault;
	note_failure(rotation, record);
	/* A refusal says that no version was made; anything else leaves it open. */
	if (stepname_parse(record->step) == STEP_IMPORT)
		rotation->import_unknown = !detail_true(record->detail, "/no_effect");
	return true;
}

/* The answer came; whether the vault shows the version is for the next look. */
static bool
on_import_answered(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	(void)fault;
	copy_text(history->rotation.answered_kid, sizeof history->rotation.answered_kid,
	    record->detail, "/answered");
	return true;
}

/* The service that a record of repoint, confirm, undo, rollback or revalidate is about. */
static struct history_service *
service_in(struct history *history, const struct journal_record *record)
{
	return service_of(history, member_text(record->detail, "/service", ""));
}

static bool
on_repoint_intent(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_service *service = service_in(history, record);

	if (service == NULL)
		return no_memory(fault);
	service->intent_ms = record->wall_ms;
	service->has_operation = false;
	copy_text(service->body_sha256, sizeof service->body_sha256, record->detail,
	    "/body_sha256");
	/* From here on data may be encrypted under it, whatever comes back. */
	return note_reference(history, member_text(record->detail, "/after", ""), fault);
}

static bool
on_repoint_note(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_service *service = service_in(history, record);

	if (service == NULL)
		return no_memory(fault);
	service->has_operation = true;
	copy_text(service->operation.azure_async, sizeof service->operation.azure_async,
	    record->detail, "/azure_async");
	copy_text(service->operation.location, sizeof service->operation.location,
	    record->detail, "/location");
	return true;
}

static bool
on_repoint_done(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_service *service = service_in(history, record);

	if (service == NULL)
		return no_memory(fault);
	service->repointed_ms = record->wall_ms;
	service->has_operation = false;
	service->failed = false;
	history->rotation.failures = 0;
	copy_text(service->last_kid, sizeof service->last_kid, record->detail, "/after");
	return note_reference(history, service->last_kid, fault);
}

static bool
on_service_failed(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_service *service = service_in(history, record);

	if (service == NULL)
		return no_memory(fault);
	note_failure(&history->rotation, record);
	service->has_operation = false;
	service->failed = detail_true(record->detail, "/undo");
	return true;
}

static bool
on_confirm_done(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_service *service = service_in(history, record);

	if (service == NULL)
		return no_memory(fault);
	service->confirm_done = true;
	service->confirmed = detail_true(record->detail, "/confirmed");
	history->rotation.failures = 0;
	return true;
}

/* Put back: the service may be tried again. */
static bool
on_undo_done(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_service *service = service_in(history, record);

	if (service == NULL)
		return no_memory(fault);
	service->failed = false;
	service->has_operation = false;
	service->intent_ms = service->repointed_ms = 0;
	service->confirm_done = false;
	copy_text(service->last_kid, sizeof service->last_kid, record->detail, "/after");
	return true;
}

static bool
on_adopt_done(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	size_t index;
	json_t *entry;

	history->adopted = true;
	history->adopted_ms = record->wall_ms;
	json_array_foreach(member_find(record->detail, "/versions"), index, entry) {
		struct history_version *version = version_of(history,
		    member_text(entry, "/kid", ""));

		if (version == NULL)
			return no_memory(fault);
		version->adopted = true;
		copy_text(version->fingerprint, sizeof version->fingerprint, entry,
		    "/fingerprint");
	}
	json_array_foreach(member_find(record->detail, "/services"), index, entry) {
		struct history_service *service = service_of(history,
		    member_text(entry, "/id", ""));

		if (service == NULL)
			return no_memory(fault);
		copy_text(service->last_kid, sizeof service->last_kid, entry, "/kid");
		if (!note_reference(history, service->last_kid, fault))
			return false;
	}
	return true;
}

static bool
on_rollback_start(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	history->rolled_back_ms = record->wall_ms;
	return note_reference(history, member_text(record->detail, "/after", ""), fault);
}

static bool
on_rollback_done(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_service *service = service_in(history, record);

	if (service == NULL)
		return no_memory(fault);
	copy_text(service->last_kid, sizeof service->last_kid, record->detail, "/after");
	service->has_operation = false;
	return note_reference(history, service->last_kid, fault);
}

static bool
on_byok_done(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_version *version = version_of(history,
	    member_text(record->detail, "/kid", ""));

	if (version == NULL)
		return no_memory(fault);
	version->imported_ms = record->wall_ms;
	version->proven_ms = record->wall_ms;
	copy_text(version->fingerprint, sizeof version->fingerprint, record->detail,
	    "/fingerprint");
	return true;
}

/* Step and phase to what it means. What is not here changes nothing that recovery needs. */
static const struct {
	const char *step;
	enum journal_phase phase;
	replay_record *replay;
} meanings[] = {
	{ STEP_NAME_ROTATE, JOURNAL_INTENT, on_rotate_intent },
	{ STEP_NAME_ROTATE, JOURNAL_DONE, on_rotate_done },
	{ "ready", JOURNAL_DONE, on_step_done },
	{ "kek", JOURNAL_INTENT, on_step_intent },
	{ "kek", JOURNAL_DONE, on_step_done },
	{ "kek", JOURNAL_FAILED, on_step_failed },
	{ "generate", JOURNAL_INTENT, on_step_intent },
	{ "generate", JOURNAL_DONE, on_step_done },
	{ "generate", JOURNAL_FAILED, on_step_failed },
	{ "wrap", JOURNAL_INTENT, on_step_intent },
	{ "wrap", JOURNAL_DONE, on_step_done },
	{ "wrap", JOURNAL_FAILED, on_step_failed },
	{ "import", JOURNAL_INTENT, on_step_intent },
	{ "import", JOURNAL_DONE, on_step_done },
	{ "import", JOURNAL_FAILED, on_step_failed },
	{ "import", JOURNAL_NOTE, on_import_answered },
	{ "prove", JOURNAL_INTENT, on_step_intent },
	{ "prove", JOURNAL_DONE, on_step_done },
	{ "prove", JOURNAL_FAILED, on_step_failed },
	{ "recover", JOURNAL_DONE, on_step_done },
	{ "seal", JOURNAL_INTENT, on_step_intent },
	{ "seal", JOURNAL_DONE, on_step_done },
	{ "seal", JOURNAL_FAILED, on_step_failed },
	{ "repoint", JOURNAL_INTENT, on_repoint_intent },
	{ "repoint", JOURNAL_NOTE, on_repoint_note },
	{ "repoint", JOURNAL_DONE, on_repoint_done },
	{ "repoint", JOURNAL_FAILED, on_service_failed },
	{ "confirm", JOURNAL_DONE, on_confirm_done },
	{ "confirm", JOURNAL_FAILED, on_service_failed },
	{ "guard", JOURNAL_INTENT, on_step_intent },
	{ "guard", JOURNAL_DONE, on_step_done },
	{ "guard", JOURNAL_FAILED, on_step_failed },
	{ "undo", JOURNAL_NOTE, on_repoint_note },
	{ "undo", JOURNAL_DONE, on_undo_done },
	{ STEP_NAME_ADOPT, JOURNAL_DONE, on_adopt_done },
	{ STEP_NAME_ROLLBACK, JOURNAL_INTENT, on_rollback_start },
	{ STEP_NAME_ROLLBACK, JOURNAL_NOTE, on_repoint_note },
	{ STEP_NAME_ROLLBACK, JOURNAL_DONE, on_rollback_done },
	{ STEP_NAME_BYOK, JOURNAL_DONE, on_byok_done },
};

static bool
take_in(void *context, const struct journal_record *record, struct fault *fault)
{
	struct replay *replay = context;

	replay->history->next = record->n + 1;
	if (strcmp(record->policy, replay->policy) != 0)
		return true;
	for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
		if (meanings[i].phase == record->phase &&
		    strcmp(meanings[i].step, record->step) == 0)
			return meanings[i].replay(replay->history, record, fault);
	return true;
}

bool
history_refresh(struct history *history, struct journal *journal, const char *policy,
    struct fault *fault)
{
	struct replay replay = { .history = history, .policy = policy };

	if (journal == NULL)
		return true;
	return journal_refresh(journal, fault) &&
	    journal_read(journal, history->next, take_in, &replay, fault);
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
