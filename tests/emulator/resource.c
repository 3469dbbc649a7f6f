#include "resource.h"

#include "release.h"
#include "text.h"
#include "world.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

json_t *
resource_all(struct world *w)
{
	json_t *all = json_object_get(w->root, "resources");

	/* The first one who asks makes the object. */
	if (all == NULL) {
		all = json_object();
		(void)json_object_set_new(w->root, "resources", all);
	}
	return all;
}

json_t *
resource_find(struct world *w, const char *id)
{
	RELEASE(text) char *lower = text_lower(id);

	return json_object_get(resource_all(w), lower);
}

void
resource_keep(struct world *w, const char *id, json_t *resource)
{
	RELEASE(text) char *lower = text_lower(id);

	(void)json_object_set_new(resource_all(w), lower, resource);
	world_changed(w);
}

void
resource_remove(struct world *w, const char *id)
{
	RELEASE(text) char *lower = text_lower(id);

	(void)json_object_del(resource_all(w), lower);
	world_changed(w);
}

json_t *
resource_at(const json_t *json, const char *path)
{
	RELEASE(text) char *copy = text_format("%s", path);
	const json_t *here = json;
	char *rest = copy, *name;

	while (here != NULL && (name = strsep(&rest, ".")) != NULL)
		here = json_object_get(here, name);
	return (json_t *)(uintptr_t)here;
}

const char *
resource_text(const json_t *json, const char *path)
{

	return json_string_value(resource_at(json, path));
}

bool
resource_below(const json_t *resource, const char *scope)
{
	const char *id = resource_text(resource, "id");
	size_t length = strlen(scope);

	/* The scope must end where a word of the id ends. */
	return id != NULL && strncasecmp(id, scope, length) == 0 && (id[length] == '/' || id[length] == '\0');
}

bool
resource_part(const char *id, const char *type, char *out, size_t size)
{
	RELEASE(text) char *copy = text_format("%s", id);
	char *rest = copy, *word, *name;

	while ((word = strsep(&rest, "/")) != NULL) {
		if (strcasecmp(word, type) != 0 || (name = strsep(&rest, "/")) == NULL)
			continue;
		return snprintf(out, size, "%s", name) < (int)size;
	}
	return false;
}
