#ifndef TELL_H
#define TELL_H

#include "observe.h"

/** Tell the engine's listener, if there is one. ${step} and ${service} may be "". */
void tell(const struct observer *observer, enum engine_event_kind kind, const char *step,
    const char *service, const char *format, ...) __attribute__((format(printf, 5, 6)));

/** The same with the time since ${started_ms} (monotonic), or until ${until_ms} (wall); 0 for neither. */
void tell_timed(const struct observer *observer, struct engine_event event, const char *text,
    int64_t started_ms);

#endif
