#include "requestlog.h"

#include "exchange.h"
#include "release.h"
#include "text.h"
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char REDACTED[] = "[redacted]";

/*
 * JSON members that are secret wherever they stand: tokens, and the private parts of a JSON Web
 * Key (RFC 7518, 6.2.2, 6.3.2, 6.4).
 */
static const char *const SECRET_MEMBERS[] = { "access_token", "refresh_token", "client_secret",
    "client_assertion", "d", "p", "q", "dp", "dq", "qi", "k" };

/* Form fields that are secret. */
static const char *const SECRET_FIELDS[] = { "client_secret", "client_assertion", "refresh_token", "password" };

/* Ends of Key Vault paths whose member "value" is plaintext, in the request or in the answer. */
static const struct {
	const char *path_end;
	bool in_request, in_answer;
} SECRET_VALUES[] = {
	{ "/encrypt", true, false },
	{ "/wrapkey", true, false },
	{ "/decrypt", false, true },
	{ "/unwrapkey", false, true },
};

static bool
listed(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* Return a copy of ${json} in which every string member with a secret name is covered up. */
static json_t *
cover_members(const json_t *json)
{
	json_t *copy, *value;
	const char *name;
	size_t i;

	if (json_is_array(json)) {
		copy = json_array();
		json_array_foreach(json, i, value)
			json_array_append_new(copy, cover_members(value));
		return copy;
	}
	if (!json_is_object(json))
		return json_deep_copy(json);

	/*
	 * The private exponent is called "d", but so may be other things; only strings are
	 * secrets.
	 */
	copy = json_object();
	json_object_foreach((json_t *)json, name, value) {
		bool secret = json_is_string(value) &&
		    listed(SECRET_MEMBERS, sizeof SECRET_MEMBERS / sizeof SECRET_MEMBERS[0], name);

		json_object_set_new(copy, name, secret ? json_string(REDACTED) : cover_members(value));
	}
	return copy;
}

/* Cover up "value" where it is the plaintext of a cryptographic operation. */
static void
cover_value(const struct exchange *x, json_t *body, bool answer)
{
	if (!json_is_string(json_object_get(body, "value")))
		return;
	for (size_t i = 0; i < sizeof SECRET_VALUES / sizeof SECRET_VALUES[0]; i++)
		if (text_ends(x->path, SECRET_VALUES[i].path_end) &&
		    (answer ? SECRET_VALUES[i].in_answer : SECRET_VALUES[i].in_request))
			json_object_set_new(body, "value", json_string(REDACTED));
}

static json_t *
covered_headers(const struct exchange *x)
{
	json_t *headers = json_copy(x->headers);

	if (json_object_get(headers, "authorization") != NULL)
		json_object_set_new(headers, "authorization", json_string(REDACTED));
	return headers;
}

/* A form body, with the secret fields covered up, in the order in which they came. */
static json_t *
covered_form(const struct exchange *x)
{
	RELEASE(text) char *copy = text_part((const char *)x->body, x->body_size);
	RELEASE(text) char *out = text_copy("");
	char *rest = NULL;

	for (char *field = strtok_r(copy, "&", &rest); field != NULL; field = strtok_r(NULL, "&", &rest)) {
		RELEASE(text) char *name = text_decode(field, strcspn(field, "="), true);
		bool secret = listed(SECRET_FIELDS, sizeof SECRET_FIELDS / sizeof SECRET_FIELDS[0], name);
		char *longer = text_format("%s%s%.*s%s", out, *out != '\0' ? "&" : "", secret ?
		    (int)strcspn(field, "=") : (int)strlen(field), field,
		    secret ? "=[redacted]" : "");

		free(out);
		out = longer;
	}
	return text_json(out, strlen(out));
}

static json_t *
covered_request(const struct exchange *x)
{
	const char *type = exchange_request_header(x, "content-type");
	json_t *body;

	if (x->body == NULL)
		return json_null();
	if (x->body_json != NULL) {
		body = cover_members(x->body_json);
		cover_value(x, body, false);
		return body;
	}
	if (type != NULL && strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0)
		return covered_form(x);
	return text_json((const char *)x->body, x->body_size);
}

static json_t *
covered_answer(const struct exchange *x)
{
	json_t *body;

	if (x->answer == NULL)
		return json_null();
	body = cover_members(x->answer);
	cover_value(x, body, true);
	return body;
}

bool
requestlog_open(const char *path, int *ret_fd)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0) {
		fprintf(stderr, "azure-emulator: log %s: %s\n", path, strerror(errno));
		return false;
	}
	*ret_fd = fd;
	return true;
}

void
requestlog_write(int fd, const struct exchange *x, struct requestlog_fault fault)
{
	int64_t now_ms = world_now_ms(x->world);
	char now[TEXT_TIME_SIZE];
	RELEASE(json) json_t *line = NULL;
	RELEASE(text) char *text = NULL, *whole = NULL;

	text_time(now_ms / 1000, (int)(now_ms % 1000), now);
	line = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:i, s:o}", "t", now, "method", x->method,
	    "host", text_json(x->host, strlen(x->host)), "path", text_json(x->path, strlen(x->path)),
	    "query", text_json(x->query_text, strlen(x->query_text)), "headers", covered_headers(x),
	    "body", covered_request(x),
	    "status", fault.no_answer ? 0 : (int)x->status, "response", fault.no_answer ? json_null() :
	    covered_answer(x));
	if (line != NULL && fault.fault)
		json_object_set_new(line, "fault", json_true());

	/* One write a line, so that a reader never sees half of one. */
	text = line != NULL ? json_dumps(line, JSON_COMPACT) : NULL;
	whole = text != NULL ? text_format("%s\n", text) : NULL;
	if (whole == NULL || write(fd, whole, strlen(whole)) != (ssize_t)strlen(whole))
		fprintf(stderr, "azure-emulator: a request could not be logged: %s\n", strerror(errno));
}
