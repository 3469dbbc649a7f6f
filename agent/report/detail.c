#include "detail.h"

#include "scope.h"

#include <stdbool.h>
#include <string.h>

enum { TEXT_MAX = 160, HASH_SHOWN = 12, HASH_SIZE = 64, DEPTH_MAX = 3 };

/* The facts on their way to the stream; ${path} names the object they are in. */
struct printing {
	FILE *to;
	bool first;
};

/* How many bytes of ${text} to show: whole UTF-8 characters only. */
static size_t
cut_at(const char *text, size_t most)
{
	size_t size = strlen(text);

	if (size <= most)
		return size;
	while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80)
		most--;
	return most;
}

static bool
is_hash(const char *text)
{
	return strlen(text) == HASH_SIZE && strspn(text, "0123456789abcdefABCDEF") == HASH_SIZE;
}

/* Of a URL or an ARM resource id the last two segments say which one is meant. */
static const char *
last_segments(const char *text)
{
	const char *shown = text;
	int slashes = 0;

	for (const char *at = text + strlen(text); at > text && slashes < 2; at--)
		if (at[-1] == '/' && ++slashes == 2)
			shown = at;
	return slashes == 2 ? shown : text;
}

static void
print_text(FILE *to, const char *text)
{
	bool path = strncmp(text, "https://", 8) == 0 || text[0] == '/';
	const char *shown = path ? last_segments(text) : text;
	size_t size = cut_at(shown, is_hash(shown) ? HASH_SHOWN : TEXT_MAX);

	fprintf(to, "%.*s%s", (int)size, shown, shown[size] != 0 ? "\xe2\x80\xa6" : "");
}

/* null and empty objects tell nothing, and are left out. */
static bool
tells(const json_t *value)
{
	return !json_is_null(value) && !(json_is_object(value) && json_object_size(value) == 0) &&
	    !(json_is_string(value) && json_string_length(value) == 0);
}

static void
print_value(FILE *to, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		print_text(to, json_string_value(value));
		break;
	case JSON_INTEGER:
		fprintf(to, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		break;
	case JSON_REAL:
		fprintf(to, "%g", json_real_value(value));
		break;
	case JSON_TRUE:
		fputs("yes", to);
		break;
	case JSON_FALSE:
		fputs("no", to);
		break;
	default:
		fprintf(to, "(%zu)", json_is_array(value) ? json_array_size(value) : json_object_size(value));
		break;
	}
}

static void
print_members(struct printing *printing, const char *prefix, const json_t *object, int depth)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, name, value) {
		SCOPE(free) char *path = NULL;

		if (!tells(value) || asprintf(&path, "%s%s%s", prefix, prefix[0] != 0 ? "." : "", name) < 0)
			continue;
		if (json_is_object(value) && depth < DEPTH_MAX) {
			print_members(printing, path, value, depth + 1);
			continue;
		}
		fprintf(printing->to, "%s%s ", printing->first ? "" : ", ", path);
		print_value(printing->to, value);
		printing->first = false;
	}
}

char *
detail_print(const json_t *detail)
{
	struct printing printing = { .first = true };
	char *text = NULL;
	size_t size;

	if ((printing.to = open_memstream(&text, &size)) == NULL)
		return NULL;
	print_members(&printing, "", detail, 0);

	/* A stream that ran out of memory says so when it is closed. */
	bool good = ferror(printing.to) == 0;
	if (fclose(printing.to) != 0 || !good) {
		free(text);
		return NULL;
	}
	return text;
}
