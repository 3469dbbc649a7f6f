#ifndef EXITSTATUS_H
#define EXITSTATUS_H

#include "fault.h"

/*
 * What the shell gets to know. The numbers above 63 are those of sysexits.h, which schedulers and systemd's
 * RestartPreventExitStatus know.
 */
enum {
	EXITSTATUS_DONE = 0,
	EXITSTATUS_FAILED = 1,		/* it failed, was refused, or a look found a problem */
	EXITSTATUS_DUE = 2,		/* plan --exit-code: something is due */
	EXITSTATUS_USAGE = 64,
	EXITSTATUS_DATA = 65,
	EXITSTATUS_UNAVAILABLE = 69,
	EXITSTATUS_INTERNAL = 70,
	EXITSTATUS_SYSTEM = 71,
	EXITSTATUS_RETRY = 75,
	EXITSTATUS_PROTOCOL = 76,
	EXITSTATUS_PERMISSION = 77,
	EXITSTATUS_SETTINGS = 78
};

/** The status that tells of a fault; never 0. */
int exitstatus_of(enum fault_code code);

/** The more telling of two: a fault before a finding, a finding before "due", anything before "done"; of two faults the first. */
int exitstatus_worse(int first, int second);

/** For the help: status ${index} of the table and its meaning; false after the last. */
bool exitstatus_at(unsigned index, int *ret_status, const char **ret_meaning);

#endif
