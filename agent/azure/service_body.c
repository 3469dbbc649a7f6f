#include "service.h"

#include "graft.h"
#include "pointer.h"
#include "scope.h"

#include <string.h>

/* Take out what the table says. */
static bool
strip(const struct service_kind *kind, json_t *resource)
{
	for (const char *const *pointer = kind->read_only; *pointer != NULL; pointer++)
		if (!graft_remove(resource, *pointer))
			return false;
	return true;
}

/* A copy, so that the caller can still compare with what it read. */
bool
service_body(const struct service_kind *kind, const json_t *resource, const char *key_url,
    json_t **ret_body, struct fault *fault)
{
	SCOPE(json) json_t *body = json_deep_copy(resource);

	if (!json_is_object(resource))
		return fault_set(fault, FAULT_DATA, "A %s service must be a JSON object", kind->name);
	if (body == NULL || !strip(kind, body))
		return fault_system(fault, "Memory for a resource");
	if (!graft_set(body, kind->key_url_pointer, json_string(key_url)))
		return fault_set(fault, FAULT_PROTOCOL, "The %s service holds something else where its "
		    "key URL should be (%s)", kind->name, kind->key_url_pointer);
	*ret_body = scope_move(body);
	return true;
}

/* Differences found so far, as text that grows. */
struct differences {
	FILE *stream;
	bool any;
};

/* Both values, shortened: enough to find them in the portal. */
static void
tell(struct differences *differences, const char *pointer, const json_t *before,
    const json_t *after)
{
	SCOPE(free) char *old = before != NULL ? json_dumps(before, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	SCOPE(free) char *new = after != NULL ? json_dumps(after, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;

	fprintf(differences->stream, "%s%s was %.200s, is %.200s", differences->any ? "; " : "", pointer,
	    old != NULL ? old : "missing", new != NULL ? new : "missing");
	differences->any = true;
}

static bool compare(struct differences *differences, const char *pointer, const json_t *before,
    const json_t *after);

/* One member on both sides, named by the pointer that leads to it. */
static bool
compare_member(struct differences *differences, const char *pointer, const char *name,
    const json_t *before, const json_t *after)
{
	SCOPE(free) char *place = pointer_member(pointer, name);

	return place != NULL && compare(differences, place, before, after);
}

/* Objects member by member, so that one changed word names its place; all else as a whole. */
static bool
compare(struct differences *differences, const char *pointer, const json_t *before,
    const json_t *after)
{
	const char *name;
	json_t *value;

	if (!json_is_object(before) || !json_is_object(after)) {
		if (before == NULL || after == NULL || !json_equal(before, after))
			tell(differences, pointer, before, after);
		return true;
	}
	json_object_foreach((json_t *)(uintptr_t)before, name, value)
		if (!compare_member(differences, pointer, name, value, json_object_get(after, name)))
			return false;
	json_object_foreach((json_t *)(uintptr_t)after, name, value)
		if (json_object_get(before, name) == NULL &&
		    !compare_member(differences, pointer, name, NULL, value))
			return false;
	return true;
}

/* Compare what two PUTs would carry. */
bool
service_difference(const struct service_kind *kind, const json_t *before,
    const json_t *after, char **ret_text, struct fault *fault)
{
	SCOPE(json) json_t *old = NULL;
	SCOPE(json) json_t *new = NULL;
	SCOPE(free) char *text = NULL;
	struct differences differences = { NULL, false };
	size_t size;
	bool compared;

	/*
	 * The same key URL on both sides, so that it is never told. An etag changes with every
	 * PUT.
	 */
	if (!service_body(kind, before, "", &old, fault) || !service_body(kind, after, "", &new, fault))
		return false;
	json_object_del(old, "etag");
	json_object_del(new, "etag");
	if ((differences.stream = open_memstream(&text, &size)) == NULL)
		return fault_system(fault, "Memory for a comparison");
	compared = compare(&differences, "", old, new);
	if (fclose(differences.stream) != 0 || !compared)
		return fault_system(fault, "Memory for a comparison");
	*ret_text = scope_move(text);
	return true;
}
