#include "lock.h"

#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

/* First and longest pause between two tries, in milliseconds; each is twice the one before. */
enum { PAUSE_FIRST = 5, PAUSE_LONGEST = 200 };

enum { HOLDER_MAX = 200 };

struct lock {
	int fd;
};

/* Ask the kernel for the lock without waiting; false with ${*ret_busy} when somebody has it. */
static bool
try_once(int fd, bool *ret_busy)
{
	int result;

	do
		result = flock(fd, LOCK_EX | LOCK_NB);
	while (result != 0 && errno == EINTR);
	*ret_busy = result != 0 && errno == EWOULDBLOCK;
	return result == 0;
}

/* Say who holds it, as far as the file tells; between taking and writing it tells nothing. */
static bool
fault_busy(struct fault *fault, int fd, const char *path, int64_t patience_ms)
{
	char holder[HOLDER_MAX + 1];
	ssize_t size = pread(fd, holder, HOLDER_MAX, 0);

	/* It goes to a terminal or a log: no control characters, whoever wrote it. */
	holder[size < 0 ? 0 : size] = 0;
	holder[strcspn(holder, "\n")] = 0;
	for (char *place = holder; *place != 0; place++)
		if ((unsigned char)*place < 0x20 || *place == 0x7f)
			*place = '?';
	if (*holder == 0)
		return fault_set(fault, FAULT_RETRY, "Take the lock %s: another process holds it, "
		    "after %lld ms of waiting; try again later", path, (long long)patience_ms);

	/* "1234 rotate x" becomes "process 1234 (rotate x)". */
	int digits = (int)strcspn(holder, " ");
	return fault_set(fault, FAULT_RETRY, "Take the lock %s: process %.*s (%s) holds it, after "
	    "%lld ms of waiting; try again when it has finished", path, digits, holder,
	    holder[digits] == 0 ? "for what, it does not say" : holder + digits + 1,
	    (long long)patience_ms);
}

static bool
wait_for(int fd, const char *path, const struct clock *clock, int64_t patience_ms,
    struct fault *fault)
{
	int64_t end = clock_monotonic_ms(clock) + patience_ms;
	int64_t pause = PAUSE_FIRST;
	bool busy;

	/* Try, wait a little, try again; the last try comes at the very end of the patience. */
	while (!try_once(fd, &busy)) {
		int64_t left = end - clock_monotonic_ms(clock);

		if (!busy)
			return fault_system(fault, "Take the lock %s", path);
		if (left <= 0)
			return fault_busy(fault, fd, path, patience_ms);
		if (!clock_wait_ms(clock, pause < left ? pause : left))
			return fault_set(fault, FAULT_STOPPED,
			    "Asked to stop while waiting for the lock %s", path);
		pause = pause < PAUSE_LONGEST / 2 ? pause * 2 : PAUSE_LONGEST;
	}
	return true;
}

/* A full disk must not take the lock from us: the text is for people only. */
static void
write_holder(int fd, const char *purpose)
{
	if (ftruncate(fd, 0) != 0)
		return;
	dprintf(fd, "%ld %.*s\n", (long)getpid(), HOLDER_MAX - 32, purpose);
}

bool
lock_take(const char *path, const char *purpose, const struct clock *clock,
    int64_t patience_ms, struct lock **ret_lock, struct fault *fault)
{
	SCOPE(fd) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
	    S_IRUSR | S_IWUSR);
	struct lock *lock;

	/* The lock belongs to this open file, so it also keeps threads of one process apart. */
	if (fd < 0)
		return fault_system(fault, "Open the lock file %s", path);
	if (!wait_for(fd, path, clock, patience_ms, fault))
		return false;
	if ((lock = malloc(sizeof *lock)) == NULL)
		return fault_system(fault, "Memory for the lock %s", path);
	write_holder(fd, purpose);
	lock->fd = fd;
	fd = -1;
	*ret_lock = lock;
	return true;
}

void
lock_free(struct lock *lock)
{
	if (lock == NULL)
		return;

	/* Take our name off while the lock is still ours; if that fails the text is merely stale. */
	if (ftruncate(lock->fd, 0) != 0)
		errno = 0;
	close(lock->fd);
	free(lock);
}
