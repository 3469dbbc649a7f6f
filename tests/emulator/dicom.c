#include "armroutes.h"
#include "dataplane.h"
#include "exchange.h"
#include "operation.h"
#include "release.h"
#include "resource.h"
#include "text.h"
#include "world.h"

#include <string.h>
#include <strings.h>

/* Limits of a study search (DICOMweb QIDO-RS as the service plays it). */
enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 200 };

/* Search attributes, by keyword and by tag. */
static const struct {
	const char *keyword, *tag;
} ATTRIBUTES[] = {
	{ "StudyInstanceUID", "0020000D" },
	{ "PatientID", "00100020" },
	{ "StudyDate", "00080020" },
	{ "AccessionNumber", "00080050" },
};

static const char *const CONTROL[] = { "limit", "offset", "includefield", "fuzzymatching" };

static const struct {
	enum dataplane_door door;
	unsigned status;
	const char *code, *text;
} REFUSALS[] = {
	{ DATAPLANE_UNAUTHENTICATED, 401, "Unauthorized", "The request is not authenticated." },
	{ DATAPLANE_FORBIDDEN, 403, "Forbidden", "The caller has no permission to perform the action." },
	{ DATAPLANE_KEY_LOST, 424, "FailedDependency", "A dependency of the service failed: the customer-managed key is not properly set." },
};

static void
refuse(struct exchange *x, const json_t *resource, enum dataplane_door door)
{
	size_t i;

	for (i = 0; i + 1 < sizeof REFUSALS / sizeof REFUSALS[0]; i++)
		if (REFUSALS[i].door == door)
			break;
	if (door == DATAPLANE_UNAUTHENTICATED)
		exchange_header(x, "WWW-Authenticate", "Bearer authorization_uri=\"%s/oauth2/authorize\", resource_id=\"https://dicom.healthcareapis.azure.com\"",
		    resource_text(resource, "properties.authenticationConfiguration.authority"));
	exchange_error(x, REFUSALS[i].status, REFUSALS[i].code, "%s", REFUSALS[i].text);
}

/* The tag of a search parameter; NULL for a control word; "" if it is neither. */
static const char *
tag_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof CONTROL / sizeof CONTROL[0]; i++)
		if (strcasecmp(CONTROL[i], name) == 0)
			return NULL;
	for (i = 0; i < sizeof ATTRIBUTES / sizeof ATTRIBUTES[0]; i++)
		if (strcasecmp(ATTRIBUTES[i].keyword, name) == 0 || strcasecmp(ATTRIBUTES[i].tag, name) == 0)
			return ATTRIBUTES[i].tag;
	return "";
}

/* Whether a study has every value that is asked for; an attribute that cannot be searched sets ${ret_unknown}. */
static bool
matches(struct exchange *x, const json_t *study, const char **ret_unknown)
{
	const char *name, *tag, *have;
	json_t *value;
	bool match = true;

	json_object_foreach(x->query, name, value) {
		if ((tag = tag_find(name)) == NULL)
			continue;
		if (*tag == '\0')
			*ret_unknown = name;
		have = json_string_value(json_array_get(json_object_get(json_object_get(study, tag), "Value"), 0));
		if (have == NULL || strcmp(have, json_string_value(value)) != 0)
			match = false;
	}
	return match;
}

static void
search(struct exchange *x, const json_t *studies)
{
	const char *unknown = NULL;
	long limit, offset, found = 0;
	json_t *shown, *study;
	size_t i;

	if (!dataplane_number(x, "limit", LIMIT_DEFAULT, &limit) || limit < 1 || limit > LIMIT_MAX || !dataplane_number(x, "offset", 0, &offset)) {
		exchange_error(x, 400, "InvalidQueryStringValues", "'limit' must be a number from 1 to %d, 'offset' a number from 0 on.", LIMIT_MAX);
		return;
	}
	shown = json_array();
	json_array_foreach(studies, i, study)
		if (matches(x, study, &unknown) && found++ >= offset && json_array_size(shown) < (size_t)limit)
			json_array_append(shown, study);
	(void)matches(x, NULL, &unknown);
	if (unknown != NULL) {
		json_decref(shown);
		exchange_error(x, 400, "InvalidQueryParameter", "The attribute '%s' cannot be searched.", unknown);
		return;
	}

	/* An empty result has no body. */
	if (json_array_size(shown) > 0) {
		exchange_header(x, "Content-Type", "application/dicom+json");
		exchange_answer(x, 200, shown);
	} else {
		json_decref(shown);
		exchange_answer(x, 204, NULL);
	}
}

/* Whether the client takes what a search answers. */
static bool
acceptable(struct exchange *x)
{
	const char *accept = exchange_request_header(x, "accept");

	return accept == NULL || strstr(accept, "application/dicom+json") != NULL || strstr(accept, "*/*") != NULL || strstr(accept, "application/*") != NULL;
}

/* The path of a search: with data partitions switched on it must name one. */
static bool
is_search(struct exchange *x, const json_t *resource)
{
	bool partitions = json_is_true(resource_at(resource, "properties.enableDataPartitions"));
	const char *path = x->path;

	if (strncmp(path, "/v1", 3) != 0 && strncmp(path, "/v2", 3) != 0)
		return false;
	return strcmp(path + 3, partitions ? "/partitions/Microsoft.Default/studies" : "/studies") == 0;
}

void
dataplane_dicom_handle(struct exchange *x)
{
	RELEASE(json) json_t *studies = NULL;
	enum dataplane_door door;
	json_t *resource;

	operation_settle(x->world);
	if ((resource = dataplane_service(x, "Microsoft.HealthcareApis/workspaces/dicomservices")) == NULL) {
		exchange_error(x, 404, "NotFound", "No such service.");
		return;
	}
	if ((door = dataplane_enter(x, resource, &studies)) != DATAPLANE_OPEN)
		refuse(x, resource, door);
	else if (!is_search(x, resource))
		exchange_error(x, 404, "NotFound", "The requested route was not found.");
	else if (strcmp(x->method, "GET") != 0)
		exchange_error(x, 405, "MethodNotAllowed", "The requested resource does not support http method '%s'.", x->method);
	else if (!acceptable(x))
		exchange_error(x, 406, "NotAcceptable", "The requested content type is not supported.");
	else
		search(x, studies);
}
