#ifndef CONTROL_H
#define CONTROL_H

/*
 * The control interface: what a test may do to the emulated Azure from behind the scenes.
 * README.md describes each request.
 */

#include <stdbool.h>

struct exchange;

/**
 * control_handle(x):
 * Answer a request to the control host.
 */
void control_handle(struct exchange *x);

/**
 * control_stop_asked():
 * Return whether POST /stop was asked.
 */
bool control_stop_asked(void);

#endif
