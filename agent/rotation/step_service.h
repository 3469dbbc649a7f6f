#ifndef STEP_SERVICE_H
#define STEP_SERVICE_H

#include "step.h"

/* The rows that work on one service: repoint, confirm, undo. See step.h. */
bool step_repoint_act(struct stage *stage, struct fault *fault);
json_t *step_repoint_intent(const struct stage *stage);
json_t *step_repoint_outcome(const struct stage *stage);
json_t *step_confirm_outcome(const struct stage *stage);
bool step_undo_act(struct stage *stage, struct fault *fault);
json_t *step_undo_intent(const struct stage *stage);
json_t *step_undo_outcome(const struct stage *stage);

#endif
