#include "progress.h"

#include "scope.h"
#include "text.h"
#include "timetext.h"

#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

enum { TEXT_MAX = 512, STACK_SIZE = 256 * 1024, LABEL_COLUMN = 20 };

/* One row a kind of event: its name, what a plain line says, and how a terminal marks it. */
static const struct kind {
	const char *name, *verb;
	bool runs;			/* a live line goes on after it */
	enum terminal_sign sign;
	enum terminal_style style;
} kinds[] = {
	[ENGINE_STEP_STARTED] = { "step-started", "started", true, SIGN_NOTE, STYLE_PLAIN },
	[ENGINE_STEP_DONE] = { "step-done", "done", false, SIGN_GOOD, STYLE_GOOD },
	[ENGINE_STEP_FOUND] = { "step-found", "found done", false, SIGN_GOOD, STYLE_GOOD },
	[ENGINE_STEP_FAILED] = { "step-failed", "FAILED", false, SIGN_BAD, STYLE_BAD },
	[ENGINE_WAITING] = { "waiting", "waiting", true, SIGN_NOTE, STYLE_PLAIN },
	[ENGINE_NOTE] = { "note", "note", false, SIGN_NOTE, STYLE_PLAIN },
	[ENGINE_WARNING] = { "warning", "WARNING", false, SIGN_WARNING, STYLE_WARNING },
};

struct progress {
	const struct terminal *terminal;
	const struct clock *clock;
	enum progress_form form;

	/* The rest is shared with the ticking thread. */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t ticker;
	bool ticking, over;
	bool live;			/* a line is open */
	int64_t started_ms;		/* monotonic */
	char policy[TEXT_MAX];		/* whose events stand on the screen */
	char label[TEXT_MAX], text[TEXT_MAX];
};

static const struct kind *
find_kind(enum engine_event_kind kind)
{
	size_t index = (size_t)kind;

	if (index >= sizeof kinds / sizeof kinds[0] || kinds[index].name == NULL)
		return NULL;
	return &kinds[index];
}

const char *
progress_kind_name(enum engine_event_kind kind)
{
	const struct kind *row = find_kind(kind);

	return row != NULL ? row->name : NULL;
}

/* "repoint rad-fhir", cut to what a label may take. */
static void
print_label(const struct engine_event *event, char label[static TEXT_MAX])
{
	bool both = event->step[0] != '\0' && event->service[0] != '\0';

	snprintf(label, TEXT_MAX, "%s%s%s", event->step, both ? " " : "", event->service);
}

/* Draw the live line anew, cut to the width, since a line that wraps cannot be taken back. */
static void
draw(struct progress *progress)
{
	const struct terminal *terminal = progress->terminal;
	int64_t elapsed_ms = clock_monotonic_ms(progress->clock) - progress->started_ms;
	SCOPE(free) char *text = text_visible(progress->text);
	SCOPE(free) char *label = text_visible(progress->label);
	SCOPE(free) char *line = NULL;

	if (text == NULL || label == NULL || asprintf(&line, "  %s  %lld s  %s", label,
	    (long long)(elapsed_ms / 1000), text) < 0)
		return;
	terminal_rewind(terminal);
	fwrite(line, 1, text_fit(line, terminal->width - 1), terminal->file);
	fflush(terminal->file);
}

/* Once a second, as long as a step runs. */
static void *
tick(void *context)
{
	struct progress *progress = context;

	pthread_mutex_lock(&progress->lock);
	while (!progress->over) {
		struct timespec until;

		if (progress->live)
			draw(progress);
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec++;
		pthread_cond_timedwait(&progress->changed, &progress->lock, &until);
	}
	pthread_mutex_unlock(&progress->lock);
	return NULL;
}

/* Signals are for the main thread. Without the ticker the line is drawn at events only. */
static void
start_ticker(struct progress *progress)
{
	pthread_attr_t attributes;
	sigset_t all, before;

	if (pthread_attr_init(&attributes) != 0)
		return;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	progress->ticking = pthread_create(&progress->ticker, &attributes, tick, progress) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
}

struct progress *
progress_open(const struct terminal *terminal, enum progress_form form, const struct clock *clock)
{
	struct progress *progress = calloc(1, sizeof *progress);
	pthread_condattr_t attributes;

	if (progress == NULL)
		return NULL;
	progress->terminal = terminal;
	progress->clock = clock;
	progress->form = form;
	pthread_mutex_init(&progress->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&progress->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	return progress;
}

/* One line an event, for logs. */
static void
hear_plain(struct progress *progress, const struct engine_event *event, const struct kind *kind)
{
	char label[TEXT_MAX], until[TIMETEXT_SIZE];

	print_label(event, label);
	terminal_line(progress->terminal, STYLE_PLAIN, "%s: %s%s%s%s%s%s%s", event->policy, label,
	    label[0] != '\0' ? " " : "", kind->verb, event->text[0] != '\0' ? ": " : "", event->text,
	    event->kind == ENGINE_WAITING ? "; next look at " : "",
	    event->kind == ENGINE_WAITING ? timetext_print_s(event->until_ms / 1000, until) : "");
}

static void
hear_json(struct progress *progress, const struct engine_event *event, const struct kind *kind)
{
	char now[TIMETEXT_SIZE], until[TIMETEXT_SIZE];
	SCOPE(json) json_t *object = json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "v", 1,
	    "event", kind->name, "t", timetext_print_ms(clock_wall_ms(progress->clock), now),
	    "policy", event->policy, "step", event->step, "service", event->service,
	    "text", event->text, "elapsed_ms", (json_int_t)event->elapsed_ms);

	/* Text that is not UTF-8 makes no JSON; the event's kind still counts. */
	if (object == NULL)
		object = json_pack("{s:i, s:s}", "v", 1, "event", kind->name);
	if (object == NULL)
		return;
	if (event->kind == ENGINE_WAITING)
		json_object_set_new(object, "until",
		    json_string(timetext_print_ms(event->until_ms, until)));
	json_dumpf(object, progress->terminal->file, JSON_COMPACT);
	putc('\n', progress->terminal->file);
}

/* Open a live line, or take over the one that is open. */
static void
go_live(struct progress *progress, const struct engine_event *event, const char *label)
{
	if (!progress->live || strcmp(progress->label, label) != 0)
		progress->started_ms = clock_monotonic_ms(progress->clock) - event->elapsed_ms;
	snprintf(progress->label, sizeof progress->label, "%s", label);
	snprintf(progress->text, sizeof progress->text, "%s", event->text);
	progress->live = true;
	if (!progress->ticking)
		start_ticker(progress);
	draw(progress);
}

/* A line that stays: mark, step, how long it took, what came of it. A note in the middle of a step leaves the step open. */
static void
hear_live(struct progress *progress, const struct engine_event *event, const struct kind *kind)
{
	const struct terminal *terminal = progress->terminal;
	char label[TEXT_MAX], seconds[32] = "";

	/* A heading where another policy's turn begins. */
	if (strcmp(progress->policy, event->policy) != 0) {
		terminal_rewind(terminal);
		snprintf(progress->policy, sizeof progress->policy, "%s", event->policy);
		terminal_line(terminal, STYLE_STRONG, "%s", event->policy);
	}

	print_label(event, label);
	if (kind->runs) {
		go_live(progress, event, label);
		return;
	}

	terminal_rewind(terminal);
	if (event->elapsed_ms > 0)
		snprintf(seconds, sizeof seconds, "%.1f s", (double)event->elapsed_ms / 1000);
	terminal_put(terminal, kind->style, terminal_sign(terminal, kind->sign));
	fprintf(terminal->file, " ");
	terminal_put(terminal, STYLE_STRONG, label);
	size_t used = 2 + text_width(label);
	size_t pad = used < LABEL_COLUMN ? LABEL_COLUMN - used : 1;
	fprintf(terminal->file, "%*s%7s  ", (int)pad, "", seconds);
	terminal_flow(terminal, (unsigned)(used + pad) + 9, LABEL_COLUMN + 9, event->text);
	if (event->kind == ENGINE_NOTE || event->kind == ENGINE_WARNING) {
		if (progress->live)
			draw(progress);
	} else {
		progress->live = false;
	}
}

static void
hear(void *context, const struct engine_event *event)
{
	static void (*const forms[])(struct progress *, const struct engine_event *, const struct kind *) = {
		[PROGRESS_PLAIN] = hear_plain, [PROGRESS_LIVE] = hear_live, [PROGRESS_JSON] = hear_json,
	};
	struct progress *progress = context;
	const struct kind *kind = find_kind(event->kind);

	if (kind == NULL)
		return;
	pthread_mutex_lock(&progress->lock);
	forms[progress->form](progress, event, kind);
	fflush(progress->terminal->file);
	pthread_mutex_unlock(&progress->lock);
}

struct engine_listener
progress_listener(struct progress *progress)
{
	return (struct engine_listener){ .context = progress, .hear = progress != NULL ? hear : NULL };
}

void
progress_pause(struct progress *progress)
{
	if (progress == NULL)
		return;
	pthread_mutex_lock(&progress->lock);
	if (progress->live)
		putc('\n', progress->terminal->file);
	progress->live = false;
	pthread_mutex_unlock(&progress->lock);
}

void
progress_close(struct progress *progress)
{
	if (progress == NULL)
		return;
	progress_pause(progress);

	/* Let the ticker see that it is over, then nobody else holds the lock. */
	pthread_mutex_lock(&progress->lock);
	progress->over = true;
	pthread_cond_signal(&progress->changed);
	pthread_mutex_unlock(&progress->lock);
	if (progress->ticking)
		pthread_join(progress->ticker, NULL);
	pthread_cond_destroy(&progress->changed);
	pthread_mutex_destroy(&progress->lock);
	free(progress);
}
