#ifndef TOKENS_H
#define TOKENS_H

#include "cmd.h"

/**
 * tokens_each(call, ask, show, fault):
 * Ask about the tokens named on the command line, or about all of the settings. One that fails does not stop the others, is told and kept
 * as "error" beside its "uri". ${call->document} becomes the document itself where one token is named, else {"tokens": [...]}.
 * Errors: FAULT_SETTINGS, the settings list no token.
 */
bool tokens_each(struct call *call,
    bool (*ask)(struct call *call, const char *token, json_t **ret_document, struct fault *fault),
    void (*show)(struct call *call, const json_t *document), struct fault *fault) __attribute__((warn_unused_result));

#endif
