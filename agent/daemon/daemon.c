#include "daemon.h"

#include "clock.h"
#include "commands.h"
#include "journal.h"
#include "policy.h"
#include "scope.h"
#include "timetext.h"

#include <stdlib.h>

enum {
	BACKOFF_FIRST_MS = 60 * 1000,
	BACKOFF_MOST_MS = 60 * 60 * 1000,
	WAIT_MOST_MS = 60 * 1000	/* look at the wall clock at least so often: it may be set */
};

/* What the daemon keeps about a policy; all else stands in the journal. */
struct seat {
	const struct policy *policy;
	int64_t next_ms;		/* wall time of the next look */
	int64_t backoff_ms;		/* 0: its last look went well */
	bool over;			/* with once: nothing more to do now */
};

struct watch {
	struct engine *engine;
	struct seat *seats;
	size_t count;
	bool once;
	bool failed;			/* first_fault is set */
	struct fault first_fault;
};

static int64_t
now_ms(const struct watch *watch)
{
	return clock_wall_ms(watch->engine->clock);
}

/* Tell people; the journal was told by the step that failed. */
static void
warn(const struct watch *watch, const struct seat *seat, const struct fault *fault)
{
	struct engine_event event = {
		.kind = ENGINE_WARNING, .policy = seat->policy->name, .step = "", .service = "",
	};
	const struct engine_listener *listener = &watch->engine->listener;
	char span[TIMETEXT_SIZE], text[FAULT_TEXT_MAX + 64];

	if (watch->once)
		snprintf(text, sizeof text, "%s", fault->text);
	else
		snprintf(text, sizeof text, "%s; next attempt in %s", fault->text,
		    duration_print_human(seat->next_ms - now_ms(watch), span));
	event.text = text;
	if (listener->hear != NULL)
		listener->hear(listener->context, &event);
}

/* Put a policy off that went wrong, each time for longer. */
static void
put_off(struct watch *watch, struct seat *seat, const struct fault *fault)
{
	seat->backoff_ms = seat->backoff_ms == 0 ? BACKOFF_FIRST_MS : seat->backoff_ms * 2;
	if (seat->backoff_ms > BACKOFF_MOST_MS)
		seat->backoff_ms = BACKOFF_MOST_MS;
	seat->next_ms = now_ms(watch) + seat->backoff_ms;
	seat->over = true;
	if (!watch->failed)
		watch->first_fault = *fault;
	watch->failed = true;
	warn(watch, seat, fault);
}

/* One step for each policy whose time has come. False if the process may go on no longer. */
static bool
make_round(struct watch *watch, struct fault *fault)
{
	for (size_t i = 0; i < watch->count && !clock_stopped(); i++) {
		struct seat *seat = &watch->seats[i];
		int64_t next_ms = 0;

		if (seat->next_ms > now_ms(watch) || (watch->once && seat->over))
			continue;
		if (rotate_once(watch->engine, seat->policy, &next_ms, fault)) {
			seat->next_ms = next_ms;
			seat->backoff_ms = 0;
			seat->over = next_ms > now_ms(watch);
		} else if (fault->code != FAULT_STOPPED) {
			put_off(watch, seat, fault);
		}

		/* Without a journal nothing may be done; whoever restarts us verifies it from disk. */
		if (!journal_writable(watch->engine->journal))
			return fault_set(fault, FAULT_SYSTEM, "The journal in %s cannot be written any more, so keyturn ends; "
			    "mend the disk and start it again", watch->engine->state);
	}
	return true;
}

/* Whether anything is left to do in this life. */
static bool
goes_on(const struct watch *watch)
{
	if (clock_stopped())
		return false;
	if (!watch->once)
		return true;
	for (size_t i = 0; i < watch->count; i++)
		if (!watch->seats[i].over)
			return true;
	return false;
}

static void
sleep_until_next(const struct watch *watch)
{
	int64_t now = now_ms(watch), wait_ms = WAIT_MOST_MS;

	for (size_t i = 0; i < watch->count; i++)
		if (watch->seats[i].next_ms - now < wait_ms)
			wait_ms = watch->seats[i].next_ms - now;

	/* A false only says that somebody asked to stop, which the loop sees by itself. */
	if (wait_ms > 0)
		(void)clock_wait_ms(watch->engine->clock, wait_ms);
}

static bool
record(const struct watch *watch, const char *step, struct fault *fault)
{
	SCOPE(json) json_t *detail = json_pack("{s:b, s:I}", "once", watch->once, "policies", (json_int_t)watch->count);
	struct journal_entry entry = {
		.step = step, .phase = JOURNAL_NOTE, .detail = detail,
		.reason = watch->engine->reason, .ticket = watch->engine->ticket,
	};
	uint64_t n;

	if (detail == NULL)
		return fault_set(fault, FAULT_SYSTEM, "Memory for a journal record");
	return journal_append(watch->engine->journal, &entry, &n, fault);
}

static bool
watch_policies(struct watch *watch, struct fault *fault)
{
	if (!record(watch, "start", fault))
		return false;
	while (goes_on(watch)) {
		if (!make_round(watch, fault))
			return false;
		if (!watch->once)
			sleep_until_next(watch);
	}
	return record(watch, "stop", fault);
}

bool
daemon_run(struct engine *engine, const struct policy_set *policies, bool once, struct fault *fault)
{
	SCOPE(free) struct seat *seats = calloc(policies->count + 1, sizeof *seats);
	struct watch watch = { .engine = engine, .seats = seats, .count = policies->count, .once = once };

	if (seats == NULL)
		return fault_system(fault, "Memory for the list of policies");
	for (size_t i = 0; i < policies->count; i++)
		seats[i].policy = policies->list[i];
	if (!watch_policies(&watch, fault))
		return false;

	/* A daemon that was asked to stop has done its work; a single pass answers for what it met. */
	if (once && watch.failed) {
		*fault = watch.first_fault;
		return false;
	}
	return true;
}
