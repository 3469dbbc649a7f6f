#ifndef HELP_H
#define HELP_H

#include "cmdtable.h"
#include "terminal.h"

#include <jansson.h>

/* Everything here is printed from the tables of commands, options and exit statuses. */

/** All commands, the options of every command, and the exit statuses. */
void help_print(const struct terminal *terminal, const char *version);

/** One command. */
void help_print_command(const struct terminal *terminal, const struct cmd *cmd);

/** {"commands": [{"name", "arguments", "summary", "details", "changes": bool, "options": [{"name", "value": name|null, "help", "required": bool}]}]}; NULL without memory. */
json_t *help_document(void);

#endif
