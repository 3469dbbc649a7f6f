#ifndef LOOK_SERVICE_H
#define LOOK_SERVICE_H

#include "look.h"

/* The looks at one service; see look.h. */
void look_at_repoint(const struct facts *facts, size_t service, struct look *look);
void look_at_confirm(const struct facts *facts, size_t service, struct look *look);
void look_at_undo(const struct facts *facts, size_t service, struct look *look);

/** Whether ARM is at work on the resource. */
bool look_busy(const char *provisioning_state);

/** Whether ARM is at rest with it: Succeeded, Failed or Canceled. */
bool look_terminal(const char *provisioning_state);

#endif
