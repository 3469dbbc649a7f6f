#include "observe_services.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
name_of(const char *id, char *name, size_t room)
{
	const char *slash = strrchr(id, '/');

	snprintf(name, room, "%s", slash == NULL ? id : slash + 1);
}

/* An operation that an earlier step, or an earlier process, left under way. */
static bool
poll_operation(struct observer *observer, struct service_fact *service, struct fault *fault)
{
	const struct history_service *past = history_service(&observer->history,
	    service->policy->id);
	struct service_operation operation;

	if (past == NULL || !past->has_operation)
		return true;
	operation = past->operation;
	if (!service_poll(observer->engine->azure, service->kind, service->policy->id,
	    &operation, &service->progress, &service->operation_fault)) {
		*fault = service->operation_fault;
		return false;
	}
	service->operation_known = true;
	service->retry_after_ms = operation.retry_after_ms;
	return true;
}

static bool
observe_service(struct observer *observer, bool probe, struct service_fact *service,
    struct fault *fault)
{
	struct azure *azure = observer->engine->azure;

	service->kind = service_kind_find(service->policy->kind);
	if (service->kind == NULL)
		return fault_set(fault, FAULT_INTERNAL, "There is no row for services of kind "
		    "%s", service->policy->kind);
	name_of(service->policy->id, service->name, sizeof service->name);

	/* Poll before reading, so that the state read is not older than the progress. */
	if (!poll_operation(observer, service, &service->why))
		return true;
	if (!service_read(azure, service->kind, service->policy->id, &service->state,
	    &service->why))
		return true;
	service->read = true;
	if (!probe || !service->policy->probe)
		return true;
	if (!service_probe(azure, service->kind, service->policy->id, &service->state,
	    &service->probe, fault))
		return fault_prefix(fault, "probe %s '%s'", service->policy->kind,
		    service->name);
	service->probed = true;
	return true;
}

bool
observe_services(struct observer *observer, bool probe, struct facts *facts,
    struct fault *fault)
{
	const struct policy *policy = observer->policy;

	if (policy->service_count == 0)
		return true;
	facts->services = calloc(policy->service_count, sizeof *facts->services);
	if (facts->services == NULL)
		return fault_system(fault, "Memory for services");
	facts->service_count = policy->service_count;
	for (size_t i = 0; i < policy->service_count; i++) {
		facts->services[i].policy = &policy->services[i];
		if (!observe_service(observer, probe, &facts->services[i], fault))
			return false;
	}
	return true;
}
