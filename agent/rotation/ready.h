#ifndef READY_H
#define READY_H

#include "facts.h"

/*
 * The first step: everything that must hold before anything is made, on facts.  It only looks.
 */

/**
 * ready_look(facts, findings, ret_ready, fault):
 * Add a finding for each thing looked at, good ones too. ${*ret_ready}: nothing stands against starting a rotation.
 * A foreign version is an alarm but does not stand against it: the rotation is the remedy.
 */
bool ready_look(const struct facts *facts, struct findings *findings, bool *ret_ready,
    struct fault *fault) __attribute__((warn_unused_result));

/** The first reason against starting, with its advice, as one sentence for a fault. */
void ready_reason(const struct findings *findings, char *text, size_t room);

#endif
