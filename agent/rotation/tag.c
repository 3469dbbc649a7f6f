#include "tag.h"

#include <stdio.h>
#include <string.h>

void
tag_read(const json_t *tags, const char *name, char *text, size_t room)
{
	const char *value = json_string_value(json_object_get(tags, name));

	text[0] = '\0';
	if (value != NULL && strlen(value) < room)
		snprintf(text, room, "%s", value);
}
