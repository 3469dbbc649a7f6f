#include "signals.h"

#include "clock.h"

#include <signal.h>
#include <stddef.h>

static void
stop(int number)
{
	(void)number;
	clock_stop();
}

void
signals_catch(void)
{
	static const int numbers[] = { SIGTERM, SIGINT };
	struct sigaction action = { .sa_handler = stop, .sa_flags = (int)SA_RESETHAND };

	/* No SA_RESTART: a wait or a read ends at once. */
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		sigaction(numbers[i], &action, NULL);
}
