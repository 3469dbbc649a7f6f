#include "arm.h"

#include "retry.h"
#include "scope.h"
#include "url.h"

#include <string.h>
#include <strings.h>

enum { ID_MAX = 1000 };

void
arm_answer_clear(struct arm_answer *answer)
{
	json_decref(answer->body);
	answer->body = NULL;
}

/*
 * The id goes into the path as it is, so it must hold nothing that would end the path or climb
 * in it.
 */
static bool
print_url(const struct azure *azure, const struct arm_resource *resource, char **ret_url,
    struct fault *fault)
{
	struct url arm;

	if (resource->id[0] != '/' || !url_is_word(resource->id, "/-_.()", ID_MAX) ||
	    strstr(resource->id, "//") != NULL || strstr(resource->id, "/..") != NULL)
		return fault_set(fault, FAULT_DATA, "%s: '%.300s' is no resource id", resource->what,
		    resource->id);
	return url_parse(azure->options.arm_url, &arm, fault) &&
	    url_print(ret_url, fault, "https://%s%s?api-version=%s", arm.authority, resource->id,
	    resource->api_version);
}

/* Resources, GET by id. */
bool
arm_get(struct azure *azure, const struct arm_resource *resource, json_t **ret_body,
    struct fault *fault)
{
	SCOPE(free) char *url = NULL;

	if (!print_url(azure, resource, &url, fault))
		return false;
	const struct client_call call = {
		.audience = CLIENT_ARM, .what = resource->what, .method = "GET", .url = url,
	};

	if (!client_json(azure, &call, ret_body, fault))
		return false;
	return *ret_body != NULL ||
	    fault_set(fault, FAULT_PROTOCOL, "%s: the answer is empty", resource->what);
}

int64_t
arm_wait_ms(const struct azure *azure, const struct http_response *response)
{
	int64_t wait_ms = ARM_WAIT_DEFAULT_MS;

	retry_after(response, clock_wall_ms(azure->clock), &wait_ms);
	return wait_ms > ARM_WAIT_MAX_MS ? ARM_WAIT_MAX_MS : wait_ms;
}

/* Whether ${url} lies on the ARM host, the only one that may see an ARM token. */
static bool
is_here(const struct azure *azure, const char *url, struct url *ret_parts)
{
	struct url arm;

	return url_parse(url, ret_parts, NULL) &&
	    url_parse(azure->options.arm_url, &arm, NULL) &&
	    strcmp(arm.authority, ret_parts->authority) == 0;
}

/*
 * Take an operation's URL.  One that leads elsewhere is left out: the resource's own state
 * tells the end as well.  So does one that names the resource itself, whose answers have
 * another form.
 */
static void
take_url(const struct azure *azure, const struct http_response *response, const char *header,
    const char *id, char ret_url[static ARM_URL_MAX])
{
	const char *value = http_header(response, header, 0);
	struct url parts;

	ret_url[0] = '\0';
	if (value == NULL || strlen(value) >= ARM_URL_MAX || !is_here(azure, value, &parts) ||
	    strcasecmp(parts.path, id) == 0)
		return;
	strcpy(ret_url, value);
}

/*
 * Resources, create or update by id: the whole resource, since a PATCH cannot change the key.
 */
bool
arm_put(struct azure *azure, const struct arm_resource *resource, const json_t *body,
    struct arm_answer *ret_answer, struct fault *fault)
{
	SCOPE(free) char *url = NULL;
	SCOPE(http_response) struct http_response response = { 0 };

	if (!print_url(azure, resource, &url, fault))
		return false;

	/*
	 * Idempotent in itself, but repeated only after somebody has looked: the resource may
	 * have moved on meanwhile.
	 */
	const struct client_call call = {
		.audience = CLIENT_ARM, .what = resource->what, .method = "PUT", .url = url,
		.body = body, .once = true,
	};

	if (!client_send(azure, &call, &response, fault))
		return false;
	if (response.status != 200 && response.status != 201 && response.status != 202)
		return client_fault(azure, &call, &response, fault);
	if (!client_parse(&call, &response, &ret_answer->body, fault))
		return false;
	ret_answer->status = response.status;
	take_url(azure, &response, "Azure-AsyncOperation", resource->id, ret_answer->azure_async);
	take_url(azure, &response, "Location", resource->id, ret_answer->location);
	ret_answer->retry_after_ms = arm_wait_ms(azure, &response);
	return true;
}

/*
 * The URL carries its own api-version and is asked for as it is; only its host is ours to
 * judge.
 */
bool
arm_look(struct azure *azure, const char *what, const char *url,
    struct http_response *ret_response, struct fault *fault)
{
	const struct client_call call = {
		.audience = CLIENT_ARM, .what = what, .method = "GET", .url = url,
	};
	struct url parts;

	if (!is_here(azure, url, &parts))
		return fault_set(fault, FAULT_PROTOCOL, "%s: the operation's URL '%.200s' does not lie on "
		    "%s, and no token is sent elsewhere", what, url, azure->options.arm_url);
	return client_send(azure, &call, ret_response, fault);
}
