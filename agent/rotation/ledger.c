#include "ledger.h"

#include "file.h"
#include "lock.h"
#include "scope.h"
#include "utf8.h"

enum { LOCK_PATIENCE_MS = 2000, REQUEST_ID_SIZE = 256 };

bool
ledger_write_for(struct observer *observer, const char *rotation, const char *step,
    enum journal_phase phase, json_t *detail, struct fault *fault)
{
	SCOPE(json) json_t *owned = detail;
	const struct journal_entry entry = {
		.policy = observer->policy->name,
		.rotation = rotation[0] == '\0' ? NULL : rotation,
		.step = step,
		.phase = phase,
		.reason = observer->engine->reason,
		.ticket = observer->engine->ticket,
		.policy_sha256 = observer->policy->sha256,
		.detail = owned,
	};

	if (owned == NULL)
		return fault_set(fault, FAULT_INTERNAL, "The record of step %s could not be made: "
		    "the look after it does not show what it should", step);
	/* Known from the first token on: who Azure thinks is acting. */
	if (observer->engine->azure != NULL && !journal_set_object_id(observer->engine->journal,
	    azure_object_id(observer->engine->azure), fault))
		return false;
	return journal_append(observer->engine->journal, &entry, NULL, fault) &&
	    observer_refresh(observer, fault);
}

bool
ledger_write(struct observer *observer, const char *step, enum journal_phase phase,
    json_t *detail, struct fault *fault)
{
	const struct history_rotation *rotation = &observer->history.rotation;

	return ledger_write_for(observer, rotation->open ? rotation->id : "", step, phase, detail,
	    fault);
}

json_t *
ledger_failure(const struct observer *observer, const struct fault *failure)
{
	char text[FAULT_TEXT_MAX], request_id[REQUEST_ID_SIZE];

	/* A failure must be recordable, whatever bytes came from outside. */
	utf8_copy(text, sizeof text, failure->text);
	utf8_copy(request_id, sizeof request_id, observer->engine->azure == NULL ? "" :
	    azure_last_request_id(observer->engine->azure));
	return json_pack("{s:s,s:s,s:s}", "code", fault_code_name(failure->code), "text", text,
	    "request_id", request_id);
}

bool
ledger_no_effect(const struct fault *failure)
{
	switch (failure->code) {
	case FAULT_UNKNOWN:
	case FAULT_STOPPED:
	case FAULT_INTERNAL:
	case FAULT_SYSTEM:
	case FAULT_PROTOCOL:
		return false;
	default:
		return true;
	}
}

bool
ledger_lock(struct observer *observer, const char *purpose, struct lock **ret_lock,
    struct fault *fault)
{
	struct engine *engine = observer->engine;
	SCOPE(free) char *folder = NULL;
	SCOPE(free) char *path = NULL;

	if (!file_path(&folder, fault, "%s/locks", engine->state) ||
	    !file_make_directory(engine->disk, folder, fault) ||
	    !file_path(&path, fault, "%s/%s.lock", folder, observer->policy->name) ||
	    !lock_take(path, purpose, engine->clock, LOCK_PATIENCE_MS, ret_lock, fault))
		return fault_prefix(fault, "policy %s", observer->policy->name);
	return true;
}
