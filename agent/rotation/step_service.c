#include "step_service.h"

#include "repoint.h"
#include "scope.h"
#include "tell.h"

#include <string.h>

static const struct service_fact *
service_of(const struct stage *stage)
{
	return &stage->facts->services[stage->service];
}

static const char *
before_of(const struct stage *stage)
{
	const struct history_service *past = facts_service_history(stage->facts, stage->service);

	return past == NULL ? "" : past->before;
}

static json_t *
reference_detail(const struct stage *stage, const char *from, const char *to)
{
	return json_pack("{s:s,s:s,s:s,s:s}", "service", service_of(stage)->policy->id, "kind",
	    service_of(stage)->policy->kind, "before", from, "after", to);
}

json_t *
step_repoint_intent(const struct stage *stage)
{
	const struct service_fact *service = service_of(stage);
	const char *target = stage->observer->history.rotation.kid;
	json_t *detail = reference_detail(stage, service->state.key_url, target);
	char digest[DIGEST_HEX_SIZE];
	struct fault fault;

	/* What the service must still be, key URL apart, when the update is over. */
	if (repoint_body_digest(service, target, digest, &fault))
		json_object_set_new(detail, "body_sha256", json_string(digest));
	return detail;
}

static bool
write_reference(struct stage *stage, const char *step, const char *from, const char *to,
    struct fault *fault)
{
	const struct repoint request = {
		.step = step,
		.rotation = stage->observer->history.rotation.id,
		.from = from,
		.to = to,
	};

	return repoint_write(stage->observer, service_of(stage), &request, fault);
}

bool
step_repoint_act(struct stage *stage, struct fault *fault)
{
	const char *target = stage->observer->history.rotation.kid;
	const struct version_fact *version = facts_version(stage->facts, target);

	/* Invariant 2, at the door: never a version that nobody proved. */
	if (version == NULL || !version->proven)
		return fault_set(fault, FAULT_REFUSED, "%s has not passed prove, so %s is not "
		    "pointed at it", target, service_of(stage)->name);
	return write_reference(stage, "repoint", service_of(stage)->state.key_url, target, fault);
}

json_t *
step_repoint_outcome(const struct stage *stage)
{
	const struct service_fact *service = service_of(stage);
	const struct history_service *past = facts_service_history(stage->facts, stage->service);
	json_t *detail = reference_detail(stage, before_of(stage), service->state.key_url);
	char digest[DIGEST_HEX_SIZE];
	struct fault fault;
	bool kept;

	if (past == NULL || past->body_sha256[0] == '\0' ||
	    !repoint_body_digest(service, service->state.key_url, digest, &fault))
		return detail;
	kept = strcmp(digest, past->body_sha256) == 0;
	json_object_set_new(detail, "others_unchanged", json_boolean(kept));
	if (!kept)
		tell(stage->observer, ENGINE_WARNING, "repoint", service->name, "Other properties "
		    "of %s than the key URL differ from before the update; compare it with your "
		    "records (Azure activity log)", service->name);
	return detail;
}

json_t *
step_confirm_outcome(const struct stage *stage)
{
	const struct service_fact *service = service_of(stage);
	bool confirmed = service->probed &&
	    service->probe.outcome == SERVICE_PROBE_ANSWERS;

	return json_pack("{s:s,s:s,s:b,s:i,s:s}", "service", service->policy->id, "kind",
	    service->policy->kind, "confirmed", confirmed, "status",
	    (int)service->probe.status, "text", confirmed ? service->probe.text :
	    "repointed, unconfirmed");
}

json_t *
step_undo_intent(const struct stage *stage)
{
	return reference_detail(stage, service_of(stage)->state.key_url, before_of(stage));
}

bool
step_undo_act(struct stage *stage, struct fault *fault)
{
	return write_reference(stage, "undo", service_of(stage)->state.key_url, before_of(stage),
	    fault);
}

json_t *
step_undo_outcome(const struct stage *stage)
{
	return reference_detail(stage, stage->observer->history.rotation.kid,
	    service_of(stage)->state.key_url);
}
