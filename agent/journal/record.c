#include "record.h"

#include "actor.h"
#include "scope.h"
#include "strictjson.h"
#include "timetext.h"
#include "utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const char *const phases[] = {
	[JOURNAL_INTENT] = "intent",
	[JOURNAL_DONE] = "done",
	[JOURNAL_FAILED] = "failed",
	[JOURNAL_NOTE] = "note",
};

enum { PHASES = sizeof phases / sizeof phases[0] };

const char *
journal_phase_name(enum journal_phase phase)
{
	size_t index = (size_t)phase;

	return index < PHASES && phases[index] != NULL ? phases[index] : "unknown";
}

/* A copy in which each byte that is no part of a UTF-8 character is U+FFFD, which takes three: what a command line says is not ours. */
static char *
clean_text(const char *text)
{
	size_t room = 3 * strlen(text) + 1;
	char *copy = malloc(room);

	return copy == NULL ? NULL : utf8_copy(copy, room, text);
}

/* Put ${text} into the object, if there is one. */
static bool
set_text(json_t *object, const char *name, const char *text)
{
	SCOPE(free) char *clean = NULL;

	if (text == NULL)
		return true;
	if ((clean = clean_text(text)) == NULL)
		return false;
	return json_object_set_new(object, name, json_string(clean)) == 0;
}

/* The members in the order in which they are promised. */
static bool
fill_object(json_t *object, const struct journal_entry *entry, const struct actor *actor,
    int64_t wall_ms)
{
	char time[TIMETEXT_SIZE];

	return set_text(object, "t", timetext_print_ms(wall_ms, time)) &&
	    set_text(object, "policy", entry->policy) &&
	    set_text(object, "rotation", entry->rotation) &&
	    set_text(object, "step", entry->step) &&
	    set_text(object, "phase", journal_phase_name(entry->phase)) &&
	    json_object_set_new(object, "actor", actor_print(actor)) == 0 &&
	    set_text(object, "reason", entry->reason) &&
	    set_text(object, "ticket", entry->ticket) &&
	    set_text(object, "policy_sha256", entry->policy_sha256) &&
	    (entry->detail == NULL ?
	    json_object_set_new(object, "detail", json_object()) :
	    json_object_set(object, "detail", entry->detail)) == 0;
}

/* What is written must be what verification accepts, or the journal would refuse itself at the next start. */
static bool
check_text(const char *text, const char *step, struct fault *fault)
{
	size_t size = strlen(text);

	if (size + RECORD_FRAME_MAX > JOURNAL_LINE_MAX)
		return fault_set(fault, FAULT_DATA, "Record step '%s': the record would have %zu bytes, and a "
		    "journal line holds %d; shorten its detail", step, size + RECORD_FRAME_MAX, JOURNAL_LINE_MAX);
	if (!strictjson_check(text, size, fault))
		return fault_prefix(fault, "Record step '%s': its detail cannot be written down", step);
	return true;
}

bool
record_print(const struct journal_entry *entry, const struct actor *actor, int64_t wall_ms,
    char **ret_text, struct fault *fault)
{
	SCOPE(json) json_t *object = json_object();
	SCOPE(free) char *text = NULL;

	if (entry->step == NULL || (size_t)entry->phase >= PHASES || phases[entry->phase] == NULL ||
	    (entry->detail != NULL && !json_is_object(entry->detail)))
		return fault_set(fault, FAULT_INTERNAL, "A record needs a step, a phase and an object as detail");
	if (object == NULL || !fill_object(object, entry, actor, wall_ms))
		return fault_set(fault, FAULT_SYSTEM, "Record step '%s': no memory", entry->step);

	/* jansson refuses to print bytes that are not UTF-8 and numbers that JSON does not have. */
	if ((text = json_dumps(object, JSON_COMPACT)) == NULL)
		return fault_set(fault, FAULT_DATA, "Record step '%s': its detail cannot be written as JSON",
		    entry->step);
	if (!check_text(text, entry->step, fault))
		return false;

	/* The frame brings the opening brace. */
	memmove(text, text + 1, strlen(text));
	*ret_text = scope_move(text);
	return true;
}

static const char frame_start[] = "{\"v\":1,\"n\":", frame_prev[] = ",\"prev\":\"";

size_t
record_print_frame(uint64_t n, const uint8_t prev[static DIGEST_SIZE],
    char text[static RECORD_FRAME_MAX])
{
	char hex[DIGEST_HEX_SIZE];

	return (size_t)snprintf(text, RECORD_FRAME_MAX, "%s%" PRIu64 "%s%s\",", frame_start, n,
	    frame_prev, encode_hex(prev, DIGEST_SIZE, hex));
}

/* Pass over ${text} at ${*at}; the line goes up to ${end}. */
static bool
pass_text(const char **at, const char *end, const char *text)
{
	size_t size = strlen(text);

	if ((size_t)(end - *at) < size || memcmp(*at, text, size) != 0)
		return false;
	*at += size;
	return true;
}

/* A decimal number without leading zeros. */
static bool
pass_number(const char **at, const char *end, uint64_t *ret_number)
{
	const char *start = *at;
	uint64_t number = 0;

	for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
		unsigned digit = (unsigned)(**at - '0');

		if (number > (UINT64_MAX - digit) / 10)
			return false;
		number = 10 * number + digit;
	}
	*ret_number = number;
	return *at > start && (*start != '0' || *at == start + 1);
}

static bool
pass_hex(const char **at, const char *end)
{
	if (end - *at < DIGEST_HEX_SIZE - 1)
		return false;
	for (int i = 0; i < DIGEST_HEX_SIZE - 1; i++, ++*at)
		if (!((**at >= '0' && **at <= '9') || (**at >= 'a' && **at <= 'f')))
			return false;
	return true;
}

/* "t":"2026-11-22T01:45:00.000Z" and the comma: only its shape, since the calendar is for those who read. */
static bool
pass_time(const char **at, const char *end)
{
	static const char shape[] = "\"t\":\"0000-00-00T00:00:00.000Z\",";

	if ((size_t)(end - *at) < sizeof shape - 1)
		return false;
	for (const char *want = shape; *want != 0; want++, ++*at)
		if (*want == '0' ? (**at < '0' || **at > '9') : **at != *want)
			return false;
	return true;
}

bool
record_parse_frame(const char *line, size_t size, struct record_frame *ret_frame,
    struct fault *fault)
{
	const char *at = line, *end = line + size;
	struct record_frame frame;

	if (!pass_text(&at, end, frame_start) || !pass_number(&at, end, &frame.n) ||
	    !pass_text(&at, end, frame_prev))
		return fault_set(fault, FAULT_DATA, "it is no record: a record begins {\"v\":1,\"n\":NUMBER,\"prev\":\"");
	frame.prev = at;
	if (!pass_hex(&at, end) || !pass_text(&at, end, "\","))
		return fault_set(fault, FAULT_DATA, "it is no record: \"prev\" must be 64 lower-case hex digits");
	frame.time = at + strlen("\"t\":\"");
	if (!pass_time(&at, end))
		return fault_set(fault, FAULT_DATA, "it is no record: \"t\" must follow \"prev\", in the form "
		    "2026-11-22T01:45:00.000Z");
	*ret_frame = frame;
	return true;
}

/* The phase of that name; 0 where there is none. */
static enum journal_phase
find_phase(const char *name)
{
	for (size_t i = 0; i < PHASES; i++)
		if (phases[i] != NULL && strcmp(phases[i], name) == 0)
			return (enum journal_phase)i;
	return 0;
}

bool
record_parse(const char *line, size_t size, json_t **ret_object,
    struct journal_record *ret_record, struct fault *fault)
{
	struct journal_record record = { .policy = "", .rotation = "", .line = line, .line_size = size };
	const char *time = NULL, *phase = NULL;
	struct record_frame frame;
	json_error_t error;

	/* The frame first: it names the record in all that is said after. */
	if (!record_parse_frame(line, size, &frame, fault))
		return fault_prefix(fault, "A line of the journal");
	SCOPE(json) json_t *object = json_loadb(line, size, JSON_REJECT_DUPLICATES, &error);
	if (object == NULL)
		return fault_set(fault, FAULT_DATA, "Record %" PRIu64 " is not valid JSON: %s", frame.n,
		    error.text);
	if (json_unpack_ex(object, &error, 0, "{s:s, s?s, s?s, s:s, s:s, s:o}", "t", &time, "policy",
	    &record.policy, "rotation", &record.rotation, "step", &record.step, "phase", &phase,
	    "detail", &record.detail) != 0)
		return fault_set(fault, FAULT_DATA, "Record %" PRIu64 " lacks a member: %s", frame.n, error.text);

	record.phase = find_phase(phase);
	if (record.phase == 0 || !json_is_object(record.detail))
		return fault_set(fault, FAULT_DATA, "Record %" PRIu64 ": its phase must be intent, done, failed or "
		    "note, and its detail an object", frame.n);
	if (!timetext_parse(time, &record.wall_ms, fault))
		return fault_prefix(fault, "Record %" PRIu64 ", member t", frame.n);
	record.n = frame.n;
	record.object = object;
	*ret_record = record;
	*ret_object = scope_move(object);
	return true;
}
