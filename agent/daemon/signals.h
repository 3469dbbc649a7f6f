#ifndef SIGNALS_H
#define SIGNALS_H

/**
 * From now on the first SIGTERM or SIGINT asks for a stop (clock_stop), so that the step at hand is finished and recorded; the next
 * one has its default effect.
 */
void signals_catch(void);

#endif
