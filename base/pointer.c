#include "pointer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *
pointer_put(char *to, const char *name)
{
	*to++ = '/';
	for (; *name != '\0'; name++) {
		if (*name == '~' || *name == '/') {
			*to++ = '~';
			*to++ = *name == '~' ? '0' : '1';
		} else {
			*to++ = *name;
		}
	}
	*to = '\0';
	return to;
}

char *
pointer_member(const char *pointer, const char *name)
{
	char *text = malloc(strlen(pointer) + 2 * strlen(name) + 2);

	if (text != NULL)
		pointer_put(stpcpy(text, pointer), name);
	return text;
}

char *
pointer_element(const char *pointer, size_t index)
{
	char *text;

	if (asprintf(&text, "%s/%zu", pointer, index) < 0)
		return NULL;
	return text;
}
