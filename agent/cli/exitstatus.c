#include "exitstatus.h"

#include <stddef.h>

/* One row a fault; a test walks the codes to see that none is missing. */
static const int statuses[] = {
	[FAULT_FAILED] = EXITSTATUS_FAILED,
	[FAULT_USAGE] = EXITSTATUS_USAGE,
	[FAULT_DATA] = EXITSTATUS_DATA,
	[FAULT_UNAVAILABLE] = EXITSTATUS_UNAVAILABLE,
	[FAULT_INTERNAL] = EXITSTATUS_INTERNAL,
	[FAULT_SYSTEM] = EXITSTATUS_SYSTEM,
	[FAULT_RETRY] = EXITSTATUS_RETRY,
	[FAULT_PROTOCOL] = EXITSTATUS_PROTOCOL,
	[FAULT_PERMISSION] = EXITSTATUS_PERMISSION,
	[FAULT_SETTINGS] = EXITSTATUS_SETTINGS,
	[FAULT_REFUSED] = EXITSTATUS_FAILED,
	[FAULT_NOT_FOUND] = EXITSTATUS_FAILED,
	/* Sent, and no answer: the same command again looks before it acts. */
	[FAULT_UNKNOWN] = EXITSTATUS_RETRY,
	[FAULT_STOPPED] = EXITSTATUS_RETRY,
};

static const struct {
	int status;
	const char *meaning;
} meanings[] = {
	{ EXITSTATUS_DONE, "done" },
	{ EXITSTATUS_FAILED, "failed or refused; or what was looked at has a problem" },
	{ EXITSTATUS_DUE, "something is due (plan --exit-code)" },
	{ EXITSTATUS_USAGE, "the command line is wrong" },
	{ EXITSTATUS_DATA, "a policy, the journal, a blob or a key is bad" },
	{ EXITSTATUS_UNAVAILABLE, "the HSM or Azure is unavailable" },
	{ EXITSTATUS_INTERNAL, "a defect of keyturn itself" },
	{ EXITSTATUS_SYSTEM, "the operating system refused: disk, memory, files" },
	{ EXITSTATUS_RETRY, "try again later, or stopped on request" },
	{ EXITSTATUS_PROTOCOL, "an answer that the protocol does not allow" },
	{ EXITSTATUS_PERMISSION, "not permitted" },
	{ EXITSTATUS_SETTINGS, "the settings are bad" },
};

int
exitstatus_of(enum fault_code code)
{
	size_t index = (size_t)code;

	/* A code without a row is a defect; it must not look like success. */
	if (index >= sizeof statuses / sizeof statuses[0] || statuses[index] == EXITSTATUS_DONE)
		return EXITSTATUS_INTERNAL;
	return statuses[index];
}

/* How much a status tells: done, due, a finding, a fault. */
static int
weight(int status)
{
	switch (status) {
	case EXITSTATUS_DONE:
		return 0;
	case EXITSTATUS_DUE:
		return 1;
	case EXITSTATUS_FAILED:
		return 2;
	default:
		return 3;
	}
}

int
exitstatus_worse(int first, int second)
{
	return weight(second) > weight(first) ? second : first;
}

bool
exitstatus_at(unsigned index, int *ret_status, const char **ret_meaning)
{
	if (index >= sizeof meanings / sizeof meanings[0])
		return false;
	*ret_status = meanings[index].status;
	*ret_meaning = meanings[index].meaning;
	return true;
}
