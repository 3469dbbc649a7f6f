#ifndef STEP_KEY_H
#define STEP_KEY_H

#include "step.h"

/* The rows that work in the HSM: generate, wrap, seal. See step.h. */
bool step_generate_act(struct stage *stage, struct fault *fault);
json_t *step_generate_intent(const struct stage *stage);
json_t *step_generate_outcome(const struct stage *stage);
bool step_wrap_act(struct stage *stage, struct fault *fault);
json_t *step_wrap_intent(const struct stage *stage);
json_t *step_wrap_outcome(const struct stage *stage);
bool step_seal_act(struct stage *stage, struct fault *fault);
json_t *step_seal_intent(const struct stage *stage);
json_t *step_seal_outcome(const struct stage *stage);

#endif
