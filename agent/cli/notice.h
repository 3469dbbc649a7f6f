#ifndef NOTICE_H
#define NOTICE_H

#include "terminal.h"

#include <jansson.h>

/* Findings of documents, as people read them. */

/** One finding: {"level", "subject", "text", "advice"}. */
void notice_print(const struct terminal *terminal, const json_t *finding);

/** All of an array, problems first, those that say "ok" last; NULL is an empty one. */
void notice_print_all(const struct terminal *terminal, const json_t *findings);

/** The same without those that say "ok". */
void notice_print_open(const struct terminal *terminal, const json_t *findings);

/** How a level looks: "ok", "note", "warning", "problem". */
enum terminal_style notice_style(const char *level);

/** "2026-11-22 01:45" of an RFC 3339 text, or only its date; "-" for none. Returns ${text}. */
const char *notice_time(const char *time, bool with_time, char text[static 32]);

#endif
