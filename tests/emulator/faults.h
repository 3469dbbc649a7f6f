#ifndef FAULTS_H
#define FAULTS_H

/*
 * Faults that were ordered through the control interface, in the world's member "faults": an array
 * of {"match": {"method", "host", "path"}, "skip", "times", "when": "before" | "after", "do":
 * {...}}; patterns are shell globs.
 */

#include <jansson.h>
#include <stdbool.h>

struct exchange;

/**
 * faults_check(order):
 * Return NULL if ${order} is a well-formed order, else a static sentence saying what is wrong with
 * it.
 */
const char *faults_check(const json_t *order);

/**
 * faults_take(x):
 * Return the fault for this request, a new reference, or NULL. The first order that matches and
 * has nothing left to skip is taken and counted down; orders before it that match count down their
 * skips.
 */
json_t *faults_take(struct exchange *x);

/* What to do with a fault, read out of its "do". */
struct faults_action {
	bool effect;		/* the request is carried out */
	bool close;		/* close the connection without an answer */
	bool replace;		/* the answer is replaced */
	int delay_before_ms;	/* wait this long before the effect */
	int delay_after_ms;	/* wait this long between the effect and the answer */
	int truncate;		/* send only so many bytes of the body, -1: all */
};

/**
 * faults_action(fault, ret_action):
 * Read what ${fault} (may be NULL) wants done.
 */
void faults_action(const json_t *fault, struct faults_action *ret_action);

/**
 * faults_replace(fault, x):
 * Put the ordered answer in place of the handler's.
 */
void faults_replace(const json_t *fault, struct exchange *x);

#endif
