#include "stepname.h"

#include <assert.h>
#include <string.h>

static const char *const names[] = {
	[STEP_READY] = "ready",
	[STEP_KEK] = "kek",
	[STEP_GENERATE] = "generate",
	[STEP_WRAP] = "wrap",
	[STEP_IMPORT] = "import",
	[STEP_PROVE] = "prove",
	[STEP_RECOVER] = "recover",
	[STEP_SEAL] = "seal",
	[STEP_REPOINT] = "repoint",
	[STEP_CONFIRM] = "confirm",
	[STEP_GUARD] = "guard",
	[STEP_UNDO] = "undo",
};
static_assert(sizeof names / sizeof names[0] == STEP_COUNT, "every step has a name");

const char *
stepname_print(enum step_id step)
{
	return step < STEP_COUNT ? names[step] : "";
}

enum step_id
stepname_parse(const char *name)
{
	for (enum step_id step = 0; step < STEP_COUNT; step++)
		if (strcmp(names[step], name) == 0)
			return step;
	return STEP_COUNT;
}
