#include "http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void
http_close(struct http *http)
{
	if (http != NULL)
		http->close(http);
}

/* Names are compared without case (RFC 9110, 5.1). */
const char *
http_header(const struct http_response *response, const char *name, size_t index)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < response->header_count; i++) {
		const char *line = response->headers[i];

		if (strncasecmp(line, name, length) != 0 || line[length] != ':')
			continue;
		if (index-- > 0)
			continue;

		/* White space around a value is no part of it (RFC 9110, 5.5). */
		line += length + 1;
		return line + strspn(line, " \t");
	}
	return NULL;
}

bool
http_add_header(struct http_response *response, const char *line, size_t size)
{
	char **headers;
	char *copy;

	while (size > 0 && strchr(" \t\r\n", line[size - 1]) != NULL)
		size--;
	if ((headers = reallocarray(response->headers, response->header_count + 1,
	    sizeof *headers)) == NULL)
		return false;
	response->headers = headers;

	/*
	 * A NUL inside would hide the rest: strndup stops there, which is what a reader sees
	 * too.
	 */
	if ((copy = strndup(line, size)) == NULL)
		return false;
	headers[response->header_count++] = copy;
	return true;
}

/* Wipe the whole room, since a moved body may have been longer once. */
static void
drop_body(struct http_response *response)
{
	if (response->sensitive && response->body != NULL)
		explicit_bzero(response->body, response->body_room);
	free(response->body);
	response->body = NULL;
	response->body_room = 0;
}

/* Not realloc: it may leave a copy of a token behind that nobody wipes. */
static bool
make_room(struct http_response *response, size_t room)
{
	size_t size = response->body_size;
	char *body;

	if (room <= response->body_room)
		return true;
	if (room < 2 * response->body_room)
		room = 2 * response->body_room;
	if ((body = malloc(room + 1)) == NULL)
		return false;
	if (size > 0)
		memcpy(body, response->body, size);
	drop_body(response);
	response->body = body;
	response->body_room = room;
	return true;
}

/* A NUL follows the bytes, so that text can be read as a string. */
bool
http_add_body(struct http_response *response, const void *bytes, size_t size)
{
	if (size == 0)
		return true;
	if (!make_room(response, response->body_size + size))
		return false;
	memcpy(response->body + response->body_size, bytes, size);
	response->body_size += size;
	response->body[response->body_size] = '\0';
	return true;
}

void
http_drop_headers(struct http_response *response)
{
	for (size_t i = 0; i < response->header_count; i++)
		free(response->headers[i]);
	free(response->headers);
	response->headers = NULL;
	response->header_count = 0;
}

void
http_response_clear(struct http_response *response)
{
	http_drop_headers(response);
	drop_body(response);
	memset(response, 0, sizeof *response);
}
