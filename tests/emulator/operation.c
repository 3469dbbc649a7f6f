#include "operation.h"

#include "armid.h"
#include "armtext.h"
#include "encryption.h"
#include "exchange.h"
#include "healthservice.h"
#include "release.h"
#include "resource.h"
#include "text.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

enum { DEFAULT_DURATION_S = 2, DEFAULT_RETRY_AFTER_S = 1 };

/* What the first answer to a write and the resource say while it runs. */
static const struct act {
	const char *name, *state;
	unsigned status;		/* with a polling URL */
	unsigned status_plain;		/* without one, or where 202 is not allowed */
	bool body;
} ACTS[] = {
	{ "create", "Creating", 201, 201, true },
	{ "update", "Updating", 202, 200, true },
	{ "patch", "Updating", 202, 200, true },
	{ "delete", "Deleting", 202, 202, false },
};

static const struct act *
act_find(const char *name)
{
	size_t i;

	for (i = 0; i + 1 < sizeof ACTS / sizeof ACTS[0]; i++)
		if (strcmp(ACTS[i].name, name) == 0)
			break;
	return &ACTS[i];
}

static json_t *
results(struct world *w)
{
	json_t *all = json_object_get(w->root, "operation_results");

	if (all == NULL) {
		all = json_object();
		json_object_set_new(w->root, "operation_results", all);
	}
	return all;
}

/* A setting of the control interface, as a number. */
static int64_t
setting(struct world *w, const char *name, int64_t otherwise)
{
	json_t *value = resource_at(w->root, name);

	return json_is_number(value) ? (int64_t)json_number_value(value) : otherwise;
}

bool
operation_running(const json_t *resource)
{
	return json_object_get(resource, "operation") != NULL;
}

static void
state_set(json_t *resource, const char *state)
{
	json_object_set_new(json_object_get(resource, "properties"), "provisioningState", json_string(state));
}

/* The polling URLs of an operation, as far as the style in force wants them; whether there is one. */
static bool
headers_set(struct exchange *x, const json_t *operation)
{
	const char *style = resource_text(operation, "style"), *id = resource_text(operation, "id");
	const char *version = exchange_query(x, "api-version");
	RELEASE(text) char *url = text_format("https://%s/subscriptions/%s/providers/Microsoft.HealthcareApis/locations/%s/operationresults/%s?api-version=%s",
	    x->authority, world_subscription(x->world), resource_text(operation, "location"), id, version);

	if (strcmp(style, "provisioningState") == 0)
		return false;
	if (strcmp(style, "location") != 0)
		exchange_header(x, "Azure-AsyncOperation", "%s", url);
	if (strcmp(style, "azure-async") != 0)
		exchange_header(x, "Location", "%s&final=true", url);
	exchange_header(x, "Retry-After", "%d", (int)json_integer_value(json_object_get(operation, "retry_after_s")));
	return true;
}

/* Everything about a new operation that does not come from its resource. */
static json_t *
operation_new(struct world *w, const struct operation_start *start)
{
	int64_t now = world_now_ms(w), duration_s = setting(w, "operations.duration_s", DEFAULT_DURATION_S);
	const char *style = resource_text(w->root, "operations.style"), *end = resource_text(w->root, "operations.end");
	json_t *keep = resource_at(w->root, "operations.keep_old_value"), *operation;
	char id[WORLD_GUID_SIZE];

	world_guid(id);
	operation = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:s}", "id", id, "act", start->act, "resource", start->resource,
	    "status", "Running", "start_ms", (json_int_t)now, "due_ms", (json_int_t)(now + duration_s * 1000),
	    "retry_after_s", (json_int_t)setting(w, "operations.retry_after_s", DEFAULT_RETRY_AFTER_S),
	    "style", style != NULL ? style : "all", "end", end != NULL ? end : "Succeeded");
	if (json_is_boolean(keep))
		json_object_set(operation, "keep_old_value", keep);
	json_object_set_new(operation, "before", start->before != NULL ? start->before : json_null());
	json_object_set_new(results(w), id, operation);
	world_changed(w);
	return operation;
}

void
operation_begin(struct exchange *x, const struct operation_start *start)
{
	const struct act *act = act_find(start->act);
	json_t *operation = operation_new(x->world, start), *resource = resource_find(x->world, start->resource);
	bool polled;

	/* The resource shows at once what it shall become, and that it is not so yet. */
	json_object_set(operation, "location", json_object_get(resource, "location"));
	json_object_set(resource, "operation", json_object_get(operation, "id"));
	json_object_set_new(resource, "etag", armtext_guid());
	state_set(resource, act->state);

	polled = headers_set(x, operation) && !start->at_once;
	exchange_answer(x, polled ? act->status : act->status_plain, act->body ? health_show(x, resource) : NULL);
}

/* Note how an operation ended. */
static void
end_set(struct world *w, json_t *operation, const char *status, const struct encryption_refusal *refusal)
{
	json_object_set_new(operation, "status", json_string(status));
	json_object_set_new(operation, "end_ms", json_integer(world_now_ms(w)));
	if (refusal != NULL)
		json_object_set_new(operation, "error", json_pack("{s:s, s:s}", "code", refusal->code, "message", refusal->message));
	world_changed(w);
}

/* Put the values from before a write back, but not the store, which the write did not touch. */
static void
values_restore(json_t *resource, const json_t *before)
{
	RELEASE(json) json_t *store = json_incref(json_object_get(resource, "store"));
	RELEASE(json) json_t *copy = json_deep_copy(before);

	json_object_clear(resource);
	json_object_update(resource, copy);
	if (store != NULL)
		json_object_set(resource, "store", store);
	json_object_set_new(resource, "etag", armtext_guid());
}

/* How a write ends that the control interface did not order to end otherwise: by what the key says. */
static const char *
write_end(struct world *w, json_t *operation, json_t *resource, struct encryption_refusal *refusal)
{
	const char *end = resource_text(operation, "end");
	json_t *before = json_object_get(operation, "before"), *keep = json_object_get(operation, "keep_old_value");
	bool old;

	/* An ordered failure has a reason of its own. */
	refusal->code = strcmp(end, "Canceled") == 0 ? "OperationCanceled" : "InternalServerError";
	(void)snprintf(refusal->message, sizeof refusal->message, "The operation ended as '%s'.", end);

	/* Take the key into use, unless the write is to be lost; a lost write leaves what was there. */
	old = keep != NULL ? json_is_true(keep) : strcmp(end, "Succeeded") != 0;
	if (!old && !encryption_apply(w, resource, refusal)) {
		old = true;
		end = "Failed";
	}
	if (old && json_is_object(before))
		values_restore(resource, before);
	state_set(resource, end);
	return end;
}

static void
operation_finish(struct world *w, json_t *operation)
{
	struct encryption_refusal refusal = { 0 };
	const char *id = resource_text(operation, "resource"), *end = resource_text(operation, "end");
	json_t *resource = resource_find(w, id);
	bool removal = strcmp(resource_text(operation, "act"), "delete") == 0;

	if (resource == NULL) {
		end_set(w, operation, "Succeeded", NULL);
		return;
	}
	json_object_del(resource, "operation");
	json_object_set_new(resource, "etag", armtext_guid());
	if (removal && strcmp(end, "Succeeded") == 0) {
		resource_remove(w, id);
		end_set(w, operation, end, NULL);
		return;
	}
	if (!removal)
		end = write_end(w, operation, resource, &refusal);
	else
		state_set(resource, end);
	if (refusal.code == NULL)
		refusal.code = "InternalServerError";
	end_set(w, operation, end, strcmp(end, "Succeeded") == 0 ? NULL : &refusal);
}

void
operation_settle(struct world *w)
{
	const char *id;
	json_t *operation;

	json_object_foreach(results(w), id, operation) {
		if (strcmp(resource_text(operation, "status"), "Running") != 0 || strcmp(resource_text(operation, "end"), "never") == 0)
			continue;
		if (json_integer_value(json_object_get(operation, "due_ms")) <= world_now_ms(w))
			operation_finish(w, operation);
	}
}

void
operation_release(struct world *w)
{
	const char *id;
	json_t *operation;

	json_object_del(w->root, "operations");
	json_object_foreach(results(w), id, operation)
		if (strcmp(resource_text(operation, "end"), "never") == 0)
			json_object_set_new(operation, "end", json_string("Succeeded"));
	world_changed(w);
}

/* The status body; "Requested" during the first half, so that clients meet both words. */
static json_t *
status_show(struct exchange *x, const struct armid *id, const json_t *operation)
{
	int64_t start_ms = json_integer_value(json_object_get(operation, "start_ms"));
	int64_t due_ms = json_integer_value(json_object_get(operation, "due_ms"));
	const char *status = resource_text(operation, "status"), *name = strrchr(resource_text(operation, "resource"), '/');
	bool running = strcmp(status, "Running") == 0;
	json_t *body, *error = json_object_get(operation, "error");

	if (running && world_now_ms(x->world) < start_ms + (due_ms - start_ms) / 2)
		status = "Requested";
	body = json_pack("{s:s, s:s, s:s, s:o, s:{}}", "id", id->text, "name", name == NULL ? "" : name + 1, "status", status,
	    "startTime", armtext_time(start_ms), "properties");
	if (!running)
		json_object_set_new(body, "endTime", armtext_time(json_integer_value(json_object_get(operation, "end_ms"))));
	if (error != NULL)
		json_object_set(body, "error", error);
	return body;
}

/* The answer at the Location: 202 without a body until the end, then what the write itself would have answered. */
static void
location_answer(struct exchange *x, const json_t *operation)
{
	const char *status = resource_text(operation, "status");
	json_t *resource = resource_find(x->world, resource_text(operation, "resource"));

	if (strcmp(status, "Running") == 0) {
		(void)headers_set(x, operation);
		exchange_answer(x, 202, NULL);
	} else if (strcmp(status, "Succeeded") != 0)
		exchange_error(x, 400, resource_text(operation, "error.code"), "%s", resource_text(operation, "error.message"));
	else if (resource == NULL)
		exchange_answer(x, 204, NULL);
	else
		exchange_answer(x, 200, health_show(x, resource));
}

void
operation_result(struct exchange *x, const struct armid *id)
{
	const char *final = exchange_query(x, "final");
	json_t *operation = json_object_get(results(x->world), armid_name(id));

	if (operation == NULL) {
		exchange_error(x, 404, "ResourceNotFound", "The operation result '%s' was not found.", armid_name(id));
		return;
	}
	if (final != NULL && strcmp(final, "true") == 0) {
		location_answer(x, operation);
		return;
	}
	if (strcmp(resource_text(operation, "status"), "Running") == 0)
		exchange_header(x, "Retry-After", "%d", (int)json_integer_value(json_object_get(operation, "retry_after_s")));
	exchange_answer(x, 200, status_show(x, id, operation));
}
