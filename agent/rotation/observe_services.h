#ifndef OBSERVE_SERVICES_H
#define OBSERVE_SERVICES_H

#include "observe.h"

/** Fill services, poll what is under way, and ask the data planes if ${probe}. */
bool observe_services(struct observer *observer, bool probe, struct facts *facts,
    struct fault *fault) __attribute__((warn_unused_result));

#endif
