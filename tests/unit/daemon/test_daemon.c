#include "daemon.h"

#include "clock.h"
#include "commands.h"
#include "journal.h"
#include "policy.h"
#include "signals.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/*
 * The daemon between a rotation room, a journal and a clock that are played here: time passes only where the daemon waits.
 */

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE, POLICIES = 2, LOOKS_MAX = 64 };

static struct {
	int64_t now_ms, end_ms;		/* the process is asked to stop at the end */
	struct { const char *policy; int64_t at_ms; } looks[LOOKS_MAX];
	int look_count;
	const char *failing;		/* this policy fails, with: */
	enum fault_code code;
	int64_t period_ms;		/* of the others: when they want to be looked at again */
	int steps_at_once;		/* so many looks of theirs are due at once, before the period */
	bool broken;			/* the journal */
	char records[256];		/* "start stop " */
	int warnings;
} play;

bool
rotate_once(struct engine *engine, const struct policy *policy, int64_t *ret_next_ms, struct fault *fault)
{
	(void)engine;
	assert_true(play.look_count < LOOKS_MAX);
	play.looks[play.look_count].policy = policy->name;
	play.looks[play.look_count++].at_ms = play.now_ms;
	if (play.failing != NULL && strcmp(policy->name, play.failing) == 0)
		return fault_set(fault, play.code, "It went wrong");
	*ret_next_ms = play.steps_at_once-- > 0 ? play.now_ms : play.now_ms + play.period_ms;
	return true;
}

bool
journal_append(struct journal *journal, const struct journal_entry *entry, uint64_t *ret_n, struct fault *fault)
{
	(void)journal;
	(void)fault;
	strcat(strcat(play.records, entry->step), " ");
	*ret_n = 0;
	return true;
}

bool
journal_writable(const struct journal *journal)
{
	(void)journal;
	return !play.broken;
}

static int64_t
read_time(void *context)
{
	(void)context;
	return play.now_ms;
}

static bool
pass_time(void *context, int64_t duration_ms)
{
	(void)context;
	play.now_ms += duration_ms;
	if (play.now_ms < play.end_ms)
		return true;
	clock_stop();
	return false;
}

static void
count_warnings(void *context, const struct engine_event *event)
{
	(void)context;
	assert_int_equal(event->kind, ENGINE_WARNING);
	assert_non_null(strstr(event->text, "It went wrong"));
	play.warnings++;
}

/* A stop is for the whole process, so each case runs in a child; what fails there fails here. */
static void
in_a_child(void (*test)(void))
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		test();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static bool
run(bool once, struct fault *fault)
{
	static const struct clock played = { NULL, read_time, read_time, pass_time };
	static char lab[] = "lab", rad[] = "rad";
	struct policy policies[POLICIES] = { { .name = lab }, { .name = rad } };
	struct policy *list[POLICIES] = { &policies[0], &policies[1] };
	struct policy_set set = { .list = list, .count = POLICIES };
	struct engine engine = {
		.clock = &played, .state = "/state", .listener = { .hear = count_warnings },
	};

	return daemon_run(&engine, &set, once, fault);
}

/* How often a policy was looked at. */
static int
looks_of(const char *policy)
{
	int count = 0;

	for (int i = 0; i < play.look_count; i++)
		count += strcmp(play.looks[i].policy, policy) == 0;
	return count;
}

/* In a child cmocka cannot tell what failed; the exit status says that something did. */
#define REQUIRE(condition) do { if (!(condition)) { dprintf(2, "line %d: %s\n", __LINE__, #condition); _exit(1); } } while (0)

static void
play_schedule(void)
{
	struct fault fault;

	play.period_ms = HOUR;
	play.end_ms = 5 * HOUR + MINUTE;
	REQUIRE(run(false, &fault));
	REQUIRE(looks_of("lab") == 6 && looks_of("rad") == 6);
	for (int i = 0; i < play.look_count; i++)
		REQUIRE(play.looks[i].at_ms % HOUR == 0);
	REQUIRE(strcmp(play.records, "start stop ") == 0);
}

static void
each_policy_is_looked_at_when_its_time_has_come(void **state)
{
	(void)state;
	in_a_child(play_schedule);
}

static void
play_backoff(void)
{
	static const int64_t wanted[] = { 0, 1, 3, 7, 15, 31, 63, 123, 183 };	/* minutes */
	struct fault fault;
	size_t seen = 0;

	play.period_ms = 10 * MINUTE;
	play.end_ms = 4 * HOUR;
	play.failing = "lab";
	play.code = FAULT_UNAVAILABLE;
	REQUIRE(run(false, &fault));
	for (int i = 0; i < play.look_count; i++)
		if (strcmp(play.looks[i].policy, "lab") == 0) {
			REQUIRE(seen < 9 && play.looks[i].at_ms == wanted[seen] * MINUTE);
			seen++;
		}
	REQUIRE(seen == 9 && play.warnings == 9);
	REQUIRE(looks_of("rad") == 24);
	REQUIRE(strcmp(play.records, "start stop ") == 0);
}

static void
one_that_fails_is_tried_later_and_later_and_holds_up_nobody(void **state)
{
	(void)state;
	in_a_child(play_backoff);
}

static void
play_once(void)
{
	struct fault fault;

	play.period_ms = HOUR;
	play.end_ms = HOUR;
	play.steps_at_once = 5;
	REQUIRE(run(true, &fault));
	REQUIRE(play.look_count == 7 && play.now_ms == 0);
	REQUIRE(strcmp(play.records, "start stop ") == 0);
}

static void
a_single_pass_does_what_is_due_and_waits_for_nothing(void **state)
{
	(void)state;
	in_a_child(play_once);
}

static void
play_once_failing(void)
{
	struct fault fault;

	play.period_ms = HOUR;
	play.failing = "lab";
	play.code = FAULT_PERMISSION;
	REQUIRE(!run(true, &fault) && fault.code == FAULT_PERMISSION);
	REQUIRE(looks_of("lab") == 1 && looks_of("rad") == 1);
	REQUIRE(strcmp(play.records, "start stop ") == 0);
}

static void
a_single_pass_answers_for_what_went_wrong(void **state)
{
	(void)state;
	in_a_child(play_once_failing);
}

static void
play_broken_journal(void)
{
	struct fault fault;

	play.period_ms = HOUR;
	play.end_ms = HOUR;
	play.broken = true;
	REQUIRE(!run(false, &fault) && fault.code == FAULT_SYSTEM);
	REQUIRE(play.look_count == 1);
}

static void
without_a_journal_nothing_more_is_done(void **state)
{
	(void)state;
	in_a_child(play_broken_journal);
}

static void
play_signals(void)
{
	signals_catch();
	raise(SIGTERM);
	REQUIRE(clock_stopped());
	raise(SIGTERM);
}

static void
the_first_signal_asks_and_the_second_ends(void **state)
{
	int status;
	pid_t child = fork();

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		play_signals();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_policy_is_looked_at_when_its_time_has_come),
		cmocka_unit_test(one_that_fails_is_tried_later_and_later_and_holds_up_nobody),
		cmocka_unit_test(a_single_pass_does_what_is_due_and_waits_for_nothing),
		cmocka_unit_test(a_single_pass_answers_for_what_went_wrong),
		cmocka_unit_test(without_a_journal_nothing_more_is_done),
		cmocka_unit_test(the_first_signal_asks_and_the_second_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
