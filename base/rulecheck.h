#ifndef RULECHECK_H
#define RULECHECK_H

#include "rules.h"

#include <jansson.h>

/*
 * One value against its row: what rules.c and its kinds of values share.  Nobody else needs it.
 */

/* Where a value is: in which document, at which pointer, under which row, into which struct. */
struct rule_spot {
	struct document *document;
	const char *pointer;
	const struct rule *rule;
	char *target;
};

/** The value is not what its row wants: say what was found and what would be right. */
void rulecheck_report(const struct rule_spot *spot, const json_t *value);

/** Whether a string fits the row; what does not is reported. */
bool rulecheck_text(const struct rule_spot *spot, const json_t *value);

#endif
