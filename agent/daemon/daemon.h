#ifndef DAEMON_H
#define DAEMON_H

#include "fault.h"

/*
 * keyturn run: looks at each policy when its time has come, one step at a time, so that a policy that waits costs nothing and
 * one that fails holds up nobody.
 */

struct engine;
struct policy_set;

/**
 * daemon_run(engine, policies, once, fault):
 * Run until asked to stop (clock_stop), or with ${once} until nothing is due now. Start and stop are journal records. What goes wrong with
 * a policy is raised as ENGINE_WARNING and tried again after a minute, then after twice as long each time, up to an hour.
 * Errors: with ${once} the first fault of a policy; FAULT_SYSTEM, the journal cannot be written any more, so nothing may be done.
 */
bool daemon_run(struct engine *engine, const struct policy_set *policies, bool once, struct fault *fault)
    __attribute__((warn_unused_result));

#endif
