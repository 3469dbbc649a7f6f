#ifndef PUBLICSTATE_H
#define PUBLICSTATE_H

/*
 * What GET /state of the control interface shows: everything but private keys, tokens and
 * secrets.
 */

#include <jansson.h>

struct world;

/**
 * publicstate_show(w):
 * Return the public state, a new reference.
 */
json_t *publicstate_show(struct world *w);

#endif
