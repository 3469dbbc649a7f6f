#include "faults.h"

#include "exchange.h"
#include "text.h"
#include "world.h"

#include <string.h>

static const char *const DO_MEMBERS[] = { "status", "headers", "body", "close", "delay_ms", "truncate", "garbage" };
static const char *const MATCH_MEMBERS[] = { "method", "host", "path" };

/* Whether every member of an object is in the list. */
static bool
only(const json_t *object, const char *const *names, size_t count)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)object, name, value) {
		bool known = false;

		for (size_t i = 0; i < count; i++)
			known = known || strcmp(names[i], name) == 0;
		if (!known)
			return false;
	}
	return true;
}

/* A count that may be left out but must not be negative. */
static bool
count_or_absent(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return value == NULL || (json_is_integer(value) && json_integer_value(value) >= 0);
}

const char *
faults_check(const json_t *order)
{
	const json_t *match = json_object_get(order, "match"), *act = json_object_get(order, "do");
	const char *when = json_string_value(json_object_get(order, "when"));
	json_int_t status = json_integer_value(json_object_get(act, "status"));

	if (match != NULL && (!json_is_object(match) || !only(match, MATCH_MEMBERS, 3)))
		return "\"match\" is an object of \"method\", \"host\" and \"path\"";
	if (!json_is_object(act) || json_object_size(act) == 0 || !only(act, DO_MEMBERS, 7))
		return "\"do\" is an object of \"status\", \"headers\", \"body\", \"close\", \"delay_ms\", "
		    "\"truncate\", \"garbage\"";
	if (when != NULL && strcmp(when, "before") != 0 && strcmp(when, "after") != 0)
		return "\"when\" is \"before\" or \"after\"";
	if (!count_or_absent(order, "skip") || !count_or_absent(order, "times"))
		return "\"skip\" and \"times\" are integers, not negative";
	if (!count_or_absent(act, "delay_ms") || !count_or_absent(act, "truncate"))
		return "\"delay_ms\" and \"truncate\" are integers, not negative";
	if (json_object_get(act, "status") != NULL && (status < 200 || status > 599))
		return "\"status\" is 200 to 599";
	return NULL;
}

/* Whether a pattern of "match" is absent or fits. */
static bool
fits(const json_t *match, const char *name, const char *value)
{
	const char *pattern = json_string_value(json_object_get(match, name));

	return pattern == NULL || text_glob(pattern, value);
}

/* Take one off a counter and say whether there was one; an absent counter starts at ${start}. */
static bool
count_down(json_t *order, const char *name, json_int_t start)
{
	const json_t *value = json_object_get(order, name);
	json_int_t left = value != NULL ? json_integer_value(value) : start;

	if (left <= 0)
		return false;
	json_object_set_new(order, name, json_integer(left - 1));
	return true;
}

json_t *
faults_take(struct exchange *x)
{
	json_t *faults = json_object_get(x->world->root, "faults"), *order, *taken = NULL;
	size_t i;

	json_array_foreach(faults, i, order) {
		const json_t *match = json_object_get(order, "match");

		if (!fits(match, "method", x->method) || !fits(match, "host", x->host) || !fits(match, "path", x->path))
			continue;
		world_changed(x->world);
		if (count_down(order, "skip", 0))
			continue;
		if (!count_down(order, "times", 1))
			continue;
		taken = json_incref(order);
		break;
	}

	/* An order that is used up disappears. */
	if (taken != NULL && json_integer_value(json_object_get(taken, "times")) == 0)
		json_array_remove(faults, i);
	return taken;
}

void
faults_action(const json_t *fault, struct faults_action *ret_action)
{
	const json_t *act = json_object_get(fault, "do");
	const json_t *truncate = json_object_get(act, "truncate");
	const char *when = json_string_value(json_object_get(fault, "when"));

	bool before = when == NULL || strcmp(when, "before") == 0;
	int delay_ms = (int)json_integer_value(json_object_get(act, "delay_ms"));

	ret_action->close = json_is_true(json_object_get(act, "close"));
	ret_action->replace = json_object_get(act, "status") != NULL || json_is_true(json_object_get(act, "garbage"));
	ret_action->delay_before_ms = before ? delay_ms : 0;
	ret_action->delay_after_ms = before ? 0 : delay_ms;
	ret_action->truncate = truncate != NULL ? (int)json_integer_value(truncate) : -1;

	/* A delay or a cut answer alone changes nothing about the effect. */
	ret_action->effect = !before || (!ret_action->close && !ret_action->replace);
}

void
faults_replace(const json_t *fault, struct exchange *x)
{
	const json_t *act = json_object_get(fault, "do");
	json_t *headers = json_object_get(act, "headers"), *value;
	json_int_t status = json_integer_value(json_object_get(act, "status"));
	const char *name;

	json_decref(x->answer_headers);
	x->answer_headers = json_object();

	/* Garbage claims to be JSON and is not. */
	if (json_is_true(json_object_get(act, "garbage"))) {
		exchange_answer(x, status != 0 ? (unsigned)status : 200,
		    json_string("{\"garbage\": [\x7f\x01<html>, }"));
		exchange_header(x, "Content-Type", "application/json; charset=utf-8");
		return;
	}
	exchange_answer(x, (unsigned)status, json_incref(json_object_get(act, "body")));
	json_object_foreach(headers, name, value)
		if (json_is_string(value))
			exchange_header(x, name, "%s", json_string_value(value));
}
