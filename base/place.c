#include "place.h"

#include "pointer.h"
#include "scope.h"

#include <string.h>

struct walk {
	const char *at, *end;
	unsigned line, column;
	char *pointer;		/* of the value at hand */
	size_t pointer_size;	/* without the NUL */
	place_visit *visit;
	void *context;
};

static bool walk_value(struct walk *walk);

/* One byte on; bytes that continue a UTF-8 character (RFC 3629, 3) add no column. */
static void
step(struct walk *walk)
{
	unsigned char byte = (unsigned char)*walk->at++;

	if (byte == '\n') {
		walk->line++;
		walk->column = 1;
	} else if ((byte & 0xc0) != 0x80) {
		walk->column++;
	}
}

/* Over everything of ${set}. */
static void
skip(struct walk *walk, const char *set)
{
	while (walk->at < walk->end && strchr(set, *walk->at) != NULL && *walk->at != '\0')
		step(walk);
}

static void
skip_space(struct walk *walk)
{
	skip(walk, " \t\r\n");
}

/* Over one string with its quotes. */
static void
skip_string(struct walk *walk)
{
	step(walk);
	while (walk->at < walk->end && *walk->at != '"') {
		if (*walk->at == '\\')
			step(walk);
		step(walk);
	}
	step(walk);
}

/* Add one part to the pointer. The room was reckoned in place_walk. */
static void
push(struct walk *walk, const char *part)
{
	char *to = pointer_put(walk->pointer + walk->pointer_size, part);

	walk->pointer_size = (size_t)(to - walk->pointer);
}

static void
pop(struct walk *walk, size_t size)
{
	walk->pointer_size = size;
	walk->pointer[size] = '\0';
}

static bool
visit(struct walk *walk, const struct place *found)
{
	struct place place = *found;

	place.pointer = walk->pointer;
	return walk->visit(walk->context, &place);
}

/* One member: its name, a colon, its value. ${names} holds the names that its object had so far. */
static bool
walk_member(struct walk *walk, json_t *names)
{
	struct place place = { .line = walk->line, .column = walk->column };
	const char *start = walk->at;
	size_t outer = walk->pointer_size;

	/* jansson undoes the escapes, so that one name written in two ways is seen as one. */
	skip_string(walk);
	SCOPE(json) json_t *name = json_loadb(start, (size_t)(walk->at - start), JSON_DECODE_ANY, NULL);
	const char *text = json_string_value(name);
	if (text == NULL)
		return false;
	if (json_object_get(names, text) != NULL) {
		place.repeated = start + 1;
		place.repeated_size = (size_t)(walk->at - start) - 2;
	}
	if (json_object_set_new(names, text, json_true()) != 0)
		return false;

	/* The value, below the name. */
	push(walk, text);
	skip_space(walk);
	step(walk);
	skip_space(walk);
	if (!visit(walk, &place) || !walk_value(walk))
		return false;
	pop(walk, outer);
	return true;
}

static bool
walk_object(struct walk *walk)
{
	SCOPE(json) json_t *names = json_object();

	if (names == NULL)
		return false;
	step(walk);
	for (skip_space(walk); *walk->at != '}'; skip_space(walk)) {
		if (!walk_member(walk, names))
			return false;
		skip(walk, ", \t\r\n");
	}
	step(walk);
	return true;
}

static bool
walk_array(struct walk *walk)
{
	size_t outer = walk->pointer_size;
	char part[24];

	step(walk);
	skip_space(walk);
	for (size_t i = 0; *walk->at != ']'; i++) {
		struct place place = { .line = walk->line, .column = walk->column };
		snprintf(part, sizeof part, "%zu", i);
		push(walk, part);
		if (!visit(walk, &place) || !walk_value(walk))
			return false;
		pop(walk, outer);
		skip(walk, ", \t\r\n");
	}
	step(walk);
	return true;
}

/* Whatever stands here; leaves the walk behind it and the space after it. */
static bool
walk_value(struct walk *walk)
{
	bool good = true;

	if (*walk->at == '{')
		good = walk_object(walk);
	else if (*walk->at == '[')
		good = walk_array(walk);
	else if (*walk->at == '"')
		skip_string(walk);
	else
		skip(walk, "+-.0123456789Eaeflnrstu");
	skip_space(walk);
	return good;
}

bool
place_walk(const char *text, size_t size, place_visit *visitor, void *context)
{
	struct walk walk = { .at = text, .end = text + size, .line = 1, .column = 1,
		.visit = visitor, .context = context };

	/* A pointer has at most two bytes for each byte of text before it: "~" as "~0", "[" as "/0". */
	SCOPE(free) char *pointer = calloc(2, size + 16);
	if (pointer == NULL)
		return false;
	walk.pointer = pointer;

	skip_space(&walk);
	struct place place = { .line = walk.line, .column = walk.column };
	return visit(&walk, &place) && walk_value(&walk);
}

/* What place_find looks for. */
struct sought {
	const char *pointer;
	unsigned line, column;
};

/* Of repeated members the last counts, as in jansson: so never stop early. */
static bool
compare(void *context, const struct place *place)
{
	struct sought *sought = context;

	if (strcmp(place->pointer, sought->pointer) == 0) {
		sought->line = place->line;
		sought->column = place->column;
	}
	return true;
}

void
place_find(const char *text, size_t size, const char *pointer, unsigned *ret_line, unsigned *ret_column)
{
	struct sought sought = { .pointer = pointer };

	if (!place_walk(text, size, compare, &sought))
		sought = (struct sought){ 0 };
	*ret_line = sought.line;
	*ret_column = sought.column;
}
