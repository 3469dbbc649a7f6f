#include "replay.h"

#include "member.h"
#include "replay_note.h"
#include "replay_service.h"

#include <stdio.h>
#include <string.h>

static bool
on_rotate_intent(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_rotation *rotation = &history->rotation;

	*rotation = (struct history_rotation){ .open = true, .started_ms = record->wall_ms };
	snprintf(rotation->id, sizeof rotation->id, "%s", record->rotation);
	replay_note_text(rotation->trigger, sizeof rotation->trigger, record->detail, "/trigger");
	replay_note_text(rotation->vault, sizeof rotation->vault, record->detail, "/vault");
	replay_note_text(rotation->key_name, sizeof rotation->key_name, record->detail, "/key_name");
	replay_note_text(rotation->token, sizeof rotation->token, record->detail, "/token");
	history->rolled_back_ms = history->refused_ms = 0;
	history->refusal[0] = '\0';

	/* What each service named and answered then is what an undo and a confirm go back to. */
	for (size_t i = 0; i < history->service_count; i++) {
		struct history_service *service = &history->services[i];

		service->before_known = false;
		service->before[0] = '\0';
		service->baseline = 0;
		service->intent_ms = service->repointed_ms = 0;
		service->confirm_done = service->confirmed = service->failed = false;
		service->undone = false;
		service->has_operation = false;
	}
	size_t index;
	json_t *entry;
	json_array_foreach(member_find(record->detail, "/services"), index, entry) {
		struct history_service *service = replay_note_service(history,
		    member_text(entry, "/id", ""));

		if (service == NULL)
			return replay_note_no_memory(fault);
		service->before_known = true;
		replay_note_text(service->before, sizeof service->before, entry, "/before");
		service->baseline = (enum service_probe)json_integer_value(
		    member_find(entry, "/baseline"));
		if (!replay_note_reference(history, service->before, fault))
			return false;
	}
	return true;
}

/* A start that was refused: nothing was made. */
static bool
on_rotate_refused(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	(void)fault;
	history->refused_ms = record->wall_ms;
	replay_note_text(history->refusal, sizeof history->refusal, record->detail, "/text");
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

	/* A key that is generated anew takes the place of what an earlier attempt left. */
	if (step == STEP_GENERATE) {
		history->rotation.fingerprint[0] = '\0';
		history->rotation.done[STEP_GENERATE] = history->rotation.done[STEP_WRAP] = false;
	}
	return true;
}

/* What later steps need of a step that is done. */
static void
keep_result(struct history_rotation *rotation, enum step_id step, const json_t *detail)
{
	switch (step) {
	case STEP_KEK:
		replay_note_text(rotation->kek_kid, sizeof rotation->kek_kid, detail, "/kid");
		break;
	case STEP_GENERATE:
		replay_note_text(rotation->fingerprint, sizeof rotation->fingerprint, detail,
		    "/fingerprint");
		break;
	case STEP_WRAP:
		replay_note_text(rotation->wrap_kek_kid, sizeof rotation->wrap_kek_kid, detail, "/kek");
		replay_note_text(rotation->blob_sha256, sizeof rotation->blob_sha256, detail,
		    "/blob_sha256");
		break;
	case STEP_IMPORT:
		replay_note_text(rotation->kid, sizeof rotation->kid, detail, "/kid");
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
		    replay_note_version(history, json_string_value(kid)) : NULL;

		if (version == NULL)
			return replay_note_no_memory(fault);
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
	struct history_version *version = replay_note_version(history, rotation->kid);

	if (version == NULL)
		return replay_note_no_memory(fault);
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

static bool
on_step_failed(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_rotation *rotation = &history->rotation;

	(void)fault;
	replay_note_failure(rotation, record);
	/* A refusal says that no version was made; anything else leaves it as the intent had it. */
	if (stepname_parse(record->step) == STEP_IMPORT &&
	    replay_note_true(record->detail, "/no_effect"))
		rotation->import_unknown = false;
	return true;
}

/* The answer came; whether the vault shows the version is for the next look. */
static bool
on_import_answered(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	(void)fault;
	replay_note_text(history->rotation.answered_kid, sizeof history->rotation.answered_kid,
	    record->detail, "/answered");
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
		struct history_version *version = replay_note_version(history,
		    member_text(entry, "/kid", ""));

		if (version == NULL)
			return replay_note_no_memory(fault);
		version->adopted = true;
		/* A disabled version shows no key: what is known of it stays. */
		if (member_text(entry, "/fingerprint", "")[0] != '\0')
			replay_note_text(version->fingerprint, sizeof version->fingerprint, entry,
			    "/fingerprint");
	}
	json_array_foreach(member_find(record->detail, "/services"), index, entry) {
		struct history_service *service = replay_note_service(history,
		    member_text(entry, "/id", ""));

		if (service == NULL)
			return replay_note_no_memory(fault);
		replay_note_text(service->last_kid, sizeof service->last_kid, entry, "/kid");
		if (!replay_note_reference(history, service->last_kid, fault))
			return false;
	}
	return true;
}

static bool
on_byok_intent(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	(void)fault;
	history->byok = (struct history_byok){ .unknown = true, .sent_ms = record->wall_ms };
	replay_note_text(history->byok.fingerprint, sizeof history->byok.fingerprint,
	    record->detail, "/fingerprint");
	replay_note_text(history->byok.blob_sha256, sizeof history->byok.blob_sha256,
	    record->detail, "/blob_sha256");
	return true;
}

static bool
on_byok_answered(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	(void)fault;
	replay_note_text(history->byok.answered_kid, sizeof history->byok.answered_kid,
	    record->detail, "/answered");
	return true;
}

static bool
on_byok_failed(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	(void)fault;
	replay_note_text(history->byok.other_kid, sizeof history->byok.other_kid, record->detail,
	    "/other_kid");
	/* A version with another key was seen: then it is known what came of it. */
	if (replay_note_true(record->detail, "/no_effect") || history->byok.other_kid[0] != '\0')
		history->byok.unknown = false;
	return true;
}

static bool
on_byok_done(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_version *version = replay_note_version(history,
	    member_text(record->detail, "/kid", ""));

	if (version == NULL)
		return replay_note_no_memory(fault);
	history->byok.unknown = false;
	version->imported_ms = record->wall_ms;
	version->proven_ms = record->wall_ms;
	replay_note_text(version->fingerprint, sizeof version->fingerprint, record->detail,
	    "/fingerprint");
	return true;
}

/* To make the KEK; enrolling what is there has no intent. */
static bool
on_enroll_intent(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	(void)fault;
	history->kek_sent_ms = record->wall_ms;
	return true;
}

static bool
on_enroll_failed(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	(void)fault;
	if (replay_note_true(record->detail, "/no_effect"))
		history->kek_sent_ms = 0;
	return true;
}

/* Step and phase to what it means. What is not here changes nothing that recovery needs. */
static const struct {
	const char *step;
	enum journal_phase phase;
	replay_row *replay;
} meanings[] = {
	{ STEP_NAME_ROTATE, JOURNAL_INTENT, on_rotate_intent },
	{ STEP_NAME_ROTATE, JOURNAL_DONE, on_rotate_done },
	{ STEP_NAME_ROTATE, JOURNAL_FAILED, on_rotate_refused },
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
	{ "repoint", JOURNAL_INTENT, replay_service_repoint_intent },
	{ "repoint", JOURNAL_NOTE, replay_service_repoint_note },
	{ "repoint", JOURNAL_DONE, replay_service_repoint_done },
	{ "repoint", JOURNAL_FAILED, replay_service_failed },
	{ "confirm", JOURNAL_DONE, replay_service_confirm_done },
	{ "confirm", JOURNAL_FAILED, replay_service_failed },
	{ "guard", JOURNAL_INTENT, on_step_intent },
	{ "guard", JOURNAL_DONE, on_step_done },
	{ "guard", JOURNAL_FAILED, on_step_failed },
	{ "undo", JOURNAL_INTENT, replay_service_undo_intent },
	{ "undo", JOURNAL_FAILED, replay_service_failed },
	{ "undo", JOURNAL_NOTE, replay_service_repoint_note },
	{ "undo", JOURNAL_DONE, replay_service_undo_done },
	{ STEP_NAME_ADOPT, JOURNAL_DONE, on_adopt_done },
	{ STEP_NAME_ROLLBACK, JOURNAL_INTENT, replay_service_rollback_start },
	{ STEP_NAME_ROLLBACK, JOURNAL_NOTE, replay_service_repoint_note },
	{ STEP_NAME_ROLLBACK, JOURNAL_DONE, replay_service_rollback_done },
	{ STEP_NAME_ROLLBACK, JOURNAL_FAILED, replay_service_operation_over },
	{ STEP_NAME_REVALIDATE, JOURNAL_INTENT, replay_service_operation_over },
	{ STEP_NAME_REVALIDATE, JOURNAL_NOTE, replay_service_repoint_note },
	{ STEP_NAME_REVALIDATE, JOURNAL_DONE, replay_service_operation_over },
	{ STEP_NAME_REVALIDATE, JOURNAL_FAILED, replay_service_operation_over },
	{ STEP_NAME_ENROLL, JOURNAL_INTENT, on_enroll_intent },
	{ STEP_NAME_ENROLL, JOURNAL_FAILED, on_enroll_failed },
	{ STEP_NAME_BYOK, JOURNAL_INTENT, on_byok_intent },
	{ STEP_NAME_BYOK, JOURNAL_NOTE, on_byok_answered },
	{ STEP_NAME_BYOK, JOURNAL_FAILED, on_byok_failed },
	{ STEP_NAME_BYOK, JOURNAL_DONE, on_byok_done },
};

bool
replay_record(struct history *history, const struct journal_record *record, struct fault *fault)
{
	for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
		if (meanings[i].phase == record->phase &&
		    strcmp(meanings[i].step, record->step) == 0)
			return meanings[i].replay(history, record, fault);
	return true;
}
