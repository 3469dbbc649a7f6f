#include "step.h"

#include "step_key.h"
#include "step_service.h"
#include "step_vault.h"

static const struct step rows[] = {
	[STEP_READY] = { NULL, NULL, step_ready_outcome },
	[STEP_KEK] = { step_kek_act, step_kek_intent, step_kek_outcome },
	[STEP_GENERATE] = { step_generate_act, step_generate_intent, step_generate_outcome },
	[STEP_WRAP] = { step_wrap_act, step_wrap_intent, step_wrap_outcome },
	[STEP_IMPORT] = { step_import_act, step_import_intent, step_import_outcome },
	[STEP_PROVE] = { step_prove_act, step_prove_intent, step_prove_outcome },
	[STEP_RECOVER] = { NULL, NULL, step_recover_outcome },
	[STEP_SEAL] = { step_seal_act, step_seal_intent, step_seal_outcome },
	[STEP_REPOINT] = { step_repoint_act, step_repoint_intent, step_repoint_outcome },
	[STEP_CONFIRM] = { NULL, NULL, step_confirm_outcome },
	[STEP_GUARD] = { step_guard_act, step_guard_intent, step_guard_outcome },
	[STEP_UNDO] = { step_undo_act, step_undo_intent, step_undo_outcome },
};
_Static_assert(sizeof rows / sizeof rows[0] == STEP_COUNT, "every step has a row");

const struct step *
step_row(enum step_id step)
{
	return &rows[step];
}

const char *
step_service_name(const struct stage *stage, enum step_id step)
{
	if (step != STEP_REPOINT && step != STEP_CONFIRM && step != STEP_UNDO)
		return "";
	return stage->facts->services[stage->service].name;
}
