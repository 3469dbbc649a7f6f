#ifndef STEP_VAULT_H
#define STEP_VAULT_H

#include "step.h"

/* The rows that work in the vault: ready, kek, import, prove, recover, guard. See step.h. */
json_t *step_ready_outcome(const struct stage *stage);
bool step_kek_act(struct stage *stage, struct fault *fault);
json_t *step_kek_intent(const struct stage *stage);
json_t *step_kek_outcome(const struct stage *stage);
bool step_import_act(struct stage *stage, struct fault *fault);
json_t *step_import_intent(const struct stage *stage);
json_t *step_import_outcome(const struct stage *stage);
bool step_prove_act(struct stage *stage, struct fault *fault);
json_t *step_prove_intent(const struct stage *stage);
json_t *step_prove_outcome(const struct stage *stage);
json_t *step_recover_outcome(const struct stage *stage);
bool step_guard_act(struct stage *stage, struct fault *fault);
json_t *step_guard_intent(const struct stage *stage);
json_t *step_guard_outcome(const struct stage *stage);

#endif
