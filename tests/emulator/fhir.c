#include "armroutes.h"
#include "armtext.h"
#include "dataplane.h"
#include "exchange.h"
#include "operation.h"
#include "release.h"
#include "resource.h"
#include "text.h"
#include "world.h"

#include <string.h>

/* Pages of a search: as many entries as asked for, ten if nothing is said, a thousand at most. */
enum { COUNT_DEFAULT = 10, COUNT_MAX = 1000 };

/* Types that the service knows; only a few have records. */
static const char *const TYPES[] = { "Patient", "Observation", "Encounter", "Condition", "Practitioner", "Organization", "ImagingStudy", "DiagnosticReport" };

/* What a search may name besides the fields of a record. */
static const char *const CONTROL[] = { "_count", "_total", "_summary", "_sort", "_format", "_pretty", "_elements", "ct" };

static const struct refusal {
	enum dataplane_door door;
	unsigned status;
	const char *code, *text;
} REFUSALS[] = {
	{ DATAPLANE_UNAUTHENTICATED, 401, "login", "Authentication failed." },
	{ DATAPLANE_FORBIDDEN, 403, "forbidden", "Authorization failed." },
	{ DATAPLANE_KEY_LOST, 403, "forbidden", "Error occurred during an operation that is dependent on the customer-managed key. "
	    "Use https://go.microsoft.com/fwlink/?linkid=2300268 to troubleshoot the issue." },
};

/* An OperationOutcome with one issue, FHIR's way to say no. */
static void
outcome(struct exchange *x, unsigned status, const char *code, const char *text)
{
	exchange_answer(x, status, json_pack("{s:s, s:o, s:{s:o}, s:[{s:s, s:s, s:s}]}", "resourceType", "OperationOutcome", "id", armtext_guid(),
	    "meta", "lastUpdated", armtext_time(world_now_ms(x->world)), "issue", "severity", "error", "code", code, "diagnostics", text));
}

static void
refuse(struct exchange *x, const json_t *resource, enum dataplane_door door)
{
	size_t i;

	for (i = 0; i + 1 < sizeof REFUSALS / sizeof REFUSALS[0]; i++)
		if (REFUSALS[i].door == door)
			break;
	if (door == DATAPLANE_UNAUTHENTICATED)
		exchange_header(x, "WWW-Authenticate", "Bearer authorization_uri=\"%s/oauth2/authorize\", resource_id=\"%s\", realm=\"%s\"",
		    resource_text(resource, "properties.authenticationConfiguration.authority"),
		    resource_text(resource, "properties.authenticationConfiguration.audience"), x->host);
	outcome(x, REFUSALS[i].status, REFUSALS[i].code, REFUSALS[i].text);
}

/* The capability statement needs nobody's leave, and no key. */
static void
metadata(struct exchange *x, const json_t *resource)
{
	const char *kind = resource_text(resource, "kind");
	json_t *types = json_array();
	size_t i;

	for (i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++)
		json_array_append_new(types, json_pack("{s:s, s:[{s:s}, {s:s}]}", "type", TYPES[i], "interaction", "code", "read", "code", "search-type"));
	exchange_answer(x, 200, json_pack("{s:s, s:s, s:o, s:s, s:s, s:[s], s:[{s:s, s:o}]}", "resourceType", "CapabilityStatement", "status", "active",
	    "date", armtext_time(world_now_ms(x->world)), "kind", "instance", "fhirVersion", strcmp(kind, "fhir-Stu3") == 0 ? "3.0.2" : "4.0.1",
	    "format", "application/fhir+json", "rest", "mode", "server", "resource", types));
}

/* Whether every search parameter is a control word, or equals a plain member of the record. */
static bool
matches(struct exchange *x, const json_t *record)
{
	const char *name, *have;
	json_t *value;
	bool match = true;
	size_t i;

	json_object_foreach(x->query, name, value) {
		for (i = 0; i < sizeof CONTROL / sizeof CONTROL[0]; i++)
			if (strcmp(CONTROL[i], name) == 0)
				break;
		if (i < sizeof CONTROL / sizeof CONTROL[0])
			continue;
		have = resource_text(record, strcmp(name, "_id") == 0 ? "id" : name);
		if (have == NULL || strcmp(have, json_string_value(value)) != 0)
			match = false;
	}
	return match;
}

static void
search(struct exchange *x, const char *type, const json_t *records)
{
	const char *total = exchange_query(x, "_total"), *summary = exchange_query(x, "_summary");
	json_t *entries, *record, *bundle;
	long count, found = 0;
	size_t i;

	if (!dataplane_number(x, "_count", COUNT_DEFAULT, &count) || count > COUNT_MAX) {
		outcome(x, 400, "invalid", "The '_count' parameter is not a number that a search may ask for.");
		return;
	}
	entries = json_array();
	json_array_foreach(records, i, record) {
		if (strcmp(resource_text(record, "resourceType"), type) != 0 || !matches(x, record))
			continue;
		if (found++ < count && (summary == NULL || strcmp(summary, "count") != 0))
			json_array_append_new(entries, json_pack("{s:o, s:O, s:{s:s}}",
			    "fullUrl", armtext_json("https://%s/%s/%s", x->authority, type, resource_text(record, "id")), "resource", record,
			    "search", "mode", "match"));
	}
	bundle = json_pack("{s:s, s:o, s:{s:o}, s:s, s:[{s:s, s:o}], s:o}", "resourceType", "Bundle", "id", armtext_guid(),
	    "meta", "lastUpdated", armtext_time(world_now_ms(x->world)), "type", "searchset",
	    "link", "relation", "self", "url", armtext_json("https://%s/%s?%s", x->authority, type, x->query_text), "entry", entries);
	if ((total != NULL && strcmp(total, "accurate") == 0) || (summary != NULL && strcmp(summary, "count") == 0))
		json_object_set_new(bundle, "total", json_integer(found));
	if (json_array_size(entries) == 0)
		json_object_del(bundle, "entry");
	exchange_answer(x, 200, bundle);
}

static void
read_one(struct exchange *x, const char *type, const char *name, const json_t *records)
{
	RELEASE(text) char *text = text_format("Resource type '%s' with id '%s' couldn't be found.", type, name);
	json_t *record;
	size_t i;

	json_array_foreach(records, i, record)
		if (strcmp(resource_text(record, "resourceType"), type) == 0 && strcmp(resource_text(record, "id"), name) == 0) {
			exchange_answer(x, 200, json_incref(record));
			return;
		}
	outcome(x, 404, "not-found", text);
}

static bool
type_known(const char *type)
{
	size_t i;

	for (i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++)
		if (strcmp(TYPES[i], type) == 0)
			return true;
	return false;
}

/* Everything but the capability statement: a token, a role, the key. */
static void
query(struct exchange *x, json_t *resource)
{
	RELEASE(text) char *path = text_copy(x->path + 1);
	RELEASE(json) json_t *records = NULL;
	enum dataplane_door door = dataplane_enter(x, resource, &records);
	char *slash = strchr(path, '/');

	if (door != DATAPLANE_OPEN) {
		refuse(x, resource, door);
		return;
	}
	if (slash != NULL)
		*slash++ = '\0';
	if (!type_known(path) || (slash != NULL && strchr(slash, '/') != NULL))
		outcome(x, 404, "not-found", "The requested route was not found.");
	else if (strcmp(x->method, "GET") != 0)
		outcome(x, 405, "not-supported", "The requested action is not allowed.");
	else if (slash != NULL && *slash != '\0')
		read_one(x, path, slash, records);
	else
		search(x, path, records);
}

void
dataplane_fhir_handle(struct exchange *x)
{
	bool legacy = strstr(x->host, ".fhir.") == NULL;
	json_t *resource;

	/* The host of an older account names no kind of service. */
	operation_settle(x->world);
	resource = dataplane_service(x, legacy ? "Microsoft.HealthcareApis/services" : "Microsoft.HealthcareApis/workspaces/fhirservices");
	exchange_header(x, "Content-Type", "application/fhir+json; charset=utf-8");
	if (resource == NULL)
		outcome(x, 404, "not-found", "No such service.");
	else if (strcmp(x->path, "/metadata") == 0 && strcmp(x->method, "GET") == 0)
		metadata(x, resource);
	else
		query(x, resource);
}
