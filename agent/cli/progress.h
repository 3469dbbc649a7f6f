#ifndef PROGRESS_H
#define PROGRESS_H

#include "clock.h"
#include "engine.h"
#include "terminal.h"

/*
 * Shows what the engine says while it works: on a terminal one live line a step with the seconds since it started, which ends
 * in a check mark or a cross; elsewhere one plain line an event; with --json one JSON object a line.
 */

enum progress_form { PROGRESS_PLAIN, PROGRESS_LIVE, PROGRESS_JSON };

struct progress;

/** ${terminal} (standard error, as a rule) and ${clock} must outlive it. NULL without memory. */
struct progress *progress_open(const struct terminal *terminal, enum progress_form form, const struct clock *clock);

/** What to hand to the engine. NULL gives a listener that hears nothing. */
struct engine_listener progress_listener(struct progress *progress);

/** End a live line, if one is open, so that something else can be printed. NULL is allowed. */
void progress_pause(struct progress *progress);

/** The same, and release it; NULL is allowed. */
void progress_close(struct progress *progress);

/** "step-started", "waiting", … for JSON; NULL for no kind. */
const char *progress_kind_name(enum engine_event_kind kind);

#endif
