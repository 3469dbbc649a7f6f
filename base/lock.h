#ifndef LOCK_H
#define LOCK_H

#include "clock.h"
#include "fault.h"

/*
 * A lock between processes: flock(2) on a file, which the kernel gives back when its
 * holder dies. The file says who holds it (pid and what for), for people only.
 */
struct lock;

/**
 * lock_take(path, purpose, clock, patience_ms, ret_lock, fault):
 * Take the lock at ${path} (created with mode 0600), waiting at most ${patience_ms}
 * milliseconds (0: do not wait); write "pid PURPOSE" into it.
 * Errors: FAULT_RETRY, somebody else holds it: the text names his pid and purpose;
 *         FAULT_STOPPED, the clock's wait ended early; FAULT_SYSTEM.
 */
bool lock_take(const char *path, const char *purpose, const struct clock *clock,
    int64_t patience_ms, struct lock **ret_lock, struct fault *fault)
    __attribute__((warn_unused_result));

/** Give it back; NULL is allowed. The file stays, since removing it would split the lock. */
void lock_free(struct lock *lock);

static inline void
scope_lock(struct lock **lock)
{
	lock_free(*lock);
}

#endif
