#ifndef ACTOR_H
#define ACTOR_H

#include "fault.h"

#include <jansson.h>

/*
 * Who acts, as each record names it: uid, user, host, boot id, pid, program version and, once known, the Azure object id. The same
 * for all records of a process, but for the pid, which a fork changes.
 */
struct actor;

/** Ask the machine who we are. ${program}: "keyturn 0.1.0". Release by actor_free. Errors: FAULT_SYSTEM. */
bool actor_new(const char *program, struct actor **ret_actor, struct fault *fault)
    __attribute__((warn_unused_result));

/** NULL is allowed. */
void actor_free(struct actor *actor);

/** Name the Azure object id under which this process acts from now on; NULL: none. Errors: FAULT_SYSTEM, no memory. */
bool actor_set_object_id(struct actor *actor, const char *object_id, struct fault *fault)
    __attribute__((warn_unused_result));

/** The member "actor" of a record, which the caller releases; NULL without memory. */
json_t *actor_print(const struct actor *actor);

/** The machine's name; borrowed. */
const char *actor_host(const struct actor *actor);

/** The program; borrowed. */
const char *actor_program(const struct actor *actor);

static inline void
scope_actor(struct actor **actor)
{
	actor_free(*actor);
}

#endif
