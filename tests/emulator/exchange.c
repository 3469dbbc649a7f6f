#include "exchange.h"

#include "release.h"
#include "text.h"

#include <stdarg.h>
#include <string.h>

void
exchange_answer(struct exchange *x, unsigned status, json_t *body)
{
	json_decref(x->answer);
	x->status = status;
	x->answer = body;
}

void
exchange_error(struct exchange *x, unsigned status, const char *code, const char *format, ...)
{
	RELEASE(text) char *message = NULL;
	va_list list;

	va_start(list, format);
	message = text_format_list(format, list);
	va_end(list);

	/* A message may quote the request, so it is made UTF-8 first. */
	exchange_answer(x, status, json_pack("{s:{s:s, s:o}}", "error", "code", code, "message",
	    text_json(message, strlen(message))));
}

void
exchange_inner(struct exchange *x, const char *code)
{
	json_t *error = json_object_get(x->answer, "error");

	json_object_set_new(error, "innererror", json_pack("{s:s}", "code", code));
}

void
exchange_header(struct exchange *x, const char *name, const char *format, ...)
{
	RELEASE(text) char *value = NULL;
	va_list list;

	va_start(list, format);
	value = text_format_list(format, list);
	va_end(list);

	if (x->answer_headers == NULL)
		x->answer_headers = json_object();
	json_object_set_new(x->answer_headers, name, text_json(value, strlen(value)));
}

const char *
exchange_query(const struct exchange *x, const char *name)
{
	return json_string_value(json_object_get(x->query, name));
}

const char *
exchange_request_header(const struct exchange *x, const char *lower_case_name)
{
	return json_string_value(json_object_get(x->headers, lower_case_name));
}

const char *
exchange_port(const struct exchange *x)
{
	const char *colon = strrchr(x->authority, ':');

	/* The colons of a bracketed IPv6 address are not the port's. */
	if (colon == NULL || strchr(colon, ']') != NULL)
		return "";
	return colon;
}
