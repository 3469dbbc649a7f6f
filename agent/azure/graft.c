#include "graft.h"

#include <string.h>

enum { STEP_MAX = 200 };

/*
 * Take the next step of a pointer, with ~1 and ~0 made / and ~; NULL if it is malformed or too
 * long.
 */
static const char *
next_step(const char *pointer, char step[static STEP_MAX])
{
	size_t length = 0;

	if (*pointer != '/')
		return NULL;
	for (pointer++; *pointer != '\0' && *pointer != '/'; pointer++) {
		char c = *pointer;

		if (c == '~')
			c = *++pointer == '1' ? '/' : '~';
		if (c == '\0' || length + 1 >= STEP_MAX)
			return NULL;
		step[length++] = c;
	}
	step[length] = '\0';
	return pointer;
}

/* Pointers are rows of tables and short: the recursion is as deep as they are. */
bool
graft_remove(json_t *object, const char *pointer)
{
	char step[STEP_MAX];
	const char *rest = next_step(pointer, step), *name;
	json_t *value;
	void *next;

	if (rest == NULL)
		return false;
	if (!json_is_object(object))
		return true;
	if (strcmp(step, "*") != 0) {
		if (*rest != '\0')
			return graft_remove(json_object_get(object, step), rest);
		json_object_del(object, step);
		return true;
	}
	if (*rest == '\0')
		return json_object_clear(object) == 0;
	json_object_foreach_safe(object, next, name, value)
		if (!graft_remove(value, rest))
			return false;
	return true;
}

/* Walk down to the last object, and set the member there. */
bool
graft_set(json_t *object, const char *pointer, json_t *value)
{
	char step[STEP_MAX];
	const char *rest;
	json_t *below;

	for (;;) {
		if ((rest = next_step(pointer, step)) == NULL || !json_is_object(object)) {
			json_decref(value);
			return false;
		}
		if (*rest == '\0')
			return json_object_set_new(object, step, value) == 0;

		/* An object that is missing on the way is made; null stands for missing too. */
		below = json_object_get(object, step);
		if (below == NULL || json_is_null(below)) {
			if (json_object_set_new(object, step, json_object()) != 0) {
				json_decref(value);
				return false;
			}
			below = json_object_get(object, step);
		}
		object = below;
		pointer = rest;
	}
}
