#include "text.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* A tool for tests may give up where a daemon may not. */
static void *
must(void *memory)
{
	if (memory == NULL) {
		fprintf(stderr, "azure-emulator: out of memory\n");
		abort();
	}
	return memory;
}

char *
text_format_list(const char *format, va_list list)
{
	char *text = NULL;

	if (vasprintf(&text, format, list) < 0)
		text = NULL;
	return must(text);
}

char *
text_format(const char *format, ...)
{
	va_list list;
	char *text;

	va_start(list, format);
	text = text_format_list(format, list);
	va_end(list);
	return text;
}

char *
text_copy(const char *text)
{
	return must(strdup(text));
}

char *
text_part(const char *text, size_t length)
{
	return must(strndup(text, length));
}

char *
text_lower(const char *text)
{
	char *copy = text_copy(text);

	for (char *at = copy; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	return copy;
}

bool
text_ends(const char *text, const char *tail)
{
	size_t length = strlen(text), tail_length = strlen(tail);

	return length >= tail_length && strcasecmp(text + length - tail_length, tail) == 0;
}

bool
text_glob(const char *pattern, const char *text)
{
	return fnmatch(pattern, text, FNM_CASEFOLD) == 0;
}

json_t *
text_json(const char *text, size_t length)
{
	json_t *json = json_stringn(text, length);
	char *copy;

	if (json != NULL)
		return json;

	/* It is not UTF-8: keep what is ASCII. */
	copy = must(malloc(length + 1));
	for (size_t i = 0; i < length; i++)
		copy[i] = (unsigned char)text[i] < 0x80 ? text[i] : '?';
	json = json_stringn(copy, length);
	free(copy);
	return json;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

char *
text_decode(const char *text, size_t length, bool plus)
{
	char *out = must(malloc(length + 1));
	size_t used = 0;

	for (size_t i = 0; i < length; i++) {
		int high = i + 2 < length ? hex_digit(text[i + 1]) : -1;
		int low = i + 2 < length ? hex_digit(text[i + 2]) : -1;
		char c = text[i];

		if (c == '%' && high >= 0 && low >= 0) {
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		out[used++] = c != '\0' ? c : '?';
	}
	out[used] = '\0';
	return out;
}

/* Decode one "name=value" and add it, unless the name is there already. */
static void
add_pair(json_t *pairs, const char *text, size_t length)
{
	const char *sign = memchr(text, '=', length);
	size_t name_length = sign != NULL ? (size_t)(sign - text) : length;
	const char *value = sign != NULL ? sign + 1 : "";
	char *decoded_name, *decoded_value;

	if (length == 0)
		return;
	decoded_name = text_decode(text, name_length, true);
	decoded_value = text_decode(value, sign != NULL ? length - name_length - 1 : 0, true);
	if (json_object_get(pairs, decoded_name) == NULL)
		json_object_set_new(pairs, decoded_name, text_json(decoded_value, strlen(decoded_value)));
	free(decoded_name);
	free(decoded_value);
}

json_t *
text_pairs(const char *text, size_t length)
{
	json_t *pairs = json_object();

	while (length > 0) {
		const char *sign = memchr(text, '&', length);
		size_t part = sign != NULL ? (size_t)(sign - text) : length;

		add_pair(pairs, text, part);
		part += sign != NULL ? 1 : 0;
		text += part;
		length -= part;
	}
	return pairs;
}

void
text_time(long long seconds, int ms, char out[static TEXT_TIME_SIZE])
{
	time_t t = (time_t)seconds;
	struct tm tm = { 0 };
	size_t used;

	gmtime_r(&t, &tm);
	used = strftime(out, TEXT_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + used, TEXT_TIME_SIZE - used, ".%03dZ", ms % 1000);
}
