#include "call.h"
#include "daemon.h"
#include "signals.h"

bool
cmd_run(struct call *call, struct fault *fault)
{
	bool once = arguments_have(call->arguments, OPTION_ONCE);

	/* Good policies are served although others are bad: health data hangs on each. */
	if (problems_total(&call->problems) > 0) {
		call_tell_problems(call);
		call_worsen(call, once ? EXITSTATUS_DATA : EXITSTATUS_DONE);
	}
	if (call->policies.count == 0)
		return fault_set(fault, problems_total(&call->problems) > 0 ? FAULT_DATA : FAULT_SETTINGS,
		    "There are no good policies in %s", call->world.policies);
	signals_catch();
	return daemon_run(&call->world.engine, &call->policies, once, fault);
}
