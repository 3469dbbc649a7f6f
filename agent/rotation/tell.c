#include "tell.h"

#include <stdarg.h>
#include <stdio.h>

void
tell_timed(const struct observer *observer, struct engine_event event, const char *text,
    int64_t started_ms)
{
	const struct engine *engine = observer->engine;

	if (engine->listener.hear == NULL)
		return;
	event.policy = observer->policy->name;
	event.text = text;
	if (started_ms != 0)
		event.elapsed_ms = clock_monotonic_ms(engine->clock) - started_ms;
	engine->listener.hear(engine->listener.context, &event);
}

void
tell(const struct observer *observer, enum engine_event_kind kind, const char *step,
    const char *service, const char *format, ...)
{
	struct engine_event event = { .kind = kind, .step = step, .service = service };
	char text[FAULT_TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	tell_timed(observer, event, text, 0);
}
