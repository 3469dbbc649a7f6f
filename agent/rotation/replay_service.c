#include "replay_service.h"

#include "member.h"
#include "replay_note.h"

/* The service that a record of repoint, confirm, undo, rollback or revalidate is about. */
static struct history_service *
service_in(struct history *history, const struct journal_record *record)
{
	return replay_note_service(history, member_text(record->detail, "/service", ""));
}

bool
replay_service_repoint_intent(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_service *service = service_in(history, record);

	if (service == NULL)
		return replay_note_no_memory(fault);
	service->intent_ms = record->wall_ms;
	service->has_operation = false;
	service->undone = false;
	replay_note_text(service->body_sha256, sizeof service->body_sha256, record->detail,
	    "/body_sha256");
	/* From here on data may be encrypted under it, whatever comes back. */
	return replay_note_reference(history, member_text(record->detail, "/after", ""), fault);
}

bool
replay_service_repoint_note(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_service *service = service_in(history, record);

	if (service == NULL)
		return replay_note_no_memory(fault);
	service->has_operation = true;
	replay_note_text(service->operation.azure_async, sizeof service->operation.azure_async,
	    record->detail, "/azure_async");
	replay_note_text(service->operation.location, sizeof service->operation.location,
	    record->detail, "/location");
	return true;
}

bool
replay_service_repoint_done(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_service *service = service_in(history, record);

	if (service == NULL)
		return replay_note_no_memory(fault);
	service->repointed_ms = record->wall_ms;
	service->has_operation = false;
	service->failed = false;
	history->rotation.failures = 0;
	replay_note_text(service->last_kid, sizeof service->last_kid, record->detail, "/after");
	return replay_note_reference(history, service->last_kid, fault);
}

bool
replay_service_failed(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_service *service = service_in(history, record);

	if (service == NULL)
		return replay_note_no_memory(fault);
	replay_note_failure(&history->rotation, record);

	/* Azure's word ended it, and only that ends the operation: a look that failed ends nothing. */
	if (replay_note_true(record->detail, "/over"))
		service->has_operation = false;
	service->failed = replay_note_true(record->detail, "/undo");
	return true;
}

bool
replay_service_confirm_done(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_service *service = service_in(history, record);

	if (service == NULL)
		return replay_note_no_memory(fault);
	service->confirm_done = true;
	service->confirmed = replay_note_true(record->detail, "/confirmed");
	history->rotation.failures = 0;
	return true;
}

bool
replay_service_undo_intent(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_service *service = service_in(history, record);

	if (service == NULL)
		return replay_note_no_memory(fault);
	service->intent_ms = record->wall_ms;
	service->has_operation = false;
	return true;
}

/* Put back: the service may be tried again. */
bool
replay_service_undo_done(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_service *service = service_in(history, record);

	if (service == NULL)
		return replay_note_no_memory(fault);
	service->failed = false;
	service->undone = true;
	service->has_operation = false;
	service->intent_ms = service->repointed_ms = 0;
	service->confirm_done = false;
	replay_note_text(service->last_kid, sizeof service->last_kid, record->detail, "/after");
	return true;
}

/* Nothing that was under way before is of interest any more. */
bool
replay_service_operation_over(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_service *service = service_in(history, record);

	if (service == NULL)
		return replay_note_no_memory(fault);
	service->has_operation = false;
	return true;
}

bool
replay_service_rollback_start(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	history->rolled_back_ms = record->wall_ms;
	if (!replay_service_operation_over(history, record, fault))
		return false;
	return replay_note_reference(history, member_text(record->detail, "/after", ""), fault);
}

bool
replay_service_rollback_done(struct history *history, const struct journal_record *record,
    struct fault *fault)
{
	struct history_service *service = service_in(history, record);

	if (service == NULL)
		return replay_note_no_memory(fault);
	replay_note_text(service->last_kid, sizeof service->last_kid, record->detail, "/after");
	service->has_operation = false;
	return replay_note_reference(history, service->last_kid, fault);
}
