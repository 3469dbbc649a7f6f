#include "replay_note.h"

#include "member.h"
#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void
replay_note_text(char *to, size_t room, const json_t *detail, const char *pointer)
{
	snprintf(to, room, "%s", member_text(detail, pointer, ""));
	utf8_trim(to);
}

bool
replay_note_true(const json_t *detail, const char *pointer)
{
	return json_is_true(member_find(detail, pointer));
}

struct history_version *
replay_note_version(struct history *history, const char *kid)
{
	struct history_version *more;

	for (size_t i = 0; i < history->version_count; i++)
		if (vault_same_kid(history->versions[i].kid, kid))
			return &history->versions[i];
	more = reallocarray(history->versions, history->version_count + 1, sizeof *more);
	if (more == NULL)
		return NULL;
	history->versions = more;
	more += history->version_count++;
	*more = (struct history_version){ 0 };
	snprintf(more->kid, sizeof more->kid, "%s", kid);
	return more;
}

struct history_service *
replay_note_service(struct history *history, const char *id)
{
	struct history_service *more;

	for (size_t i = 0; i < history->service_count; i++)
		if (strcasecmp(history->services[i].id, id) == 0)
			return &history->services[i];
	more = reallocarray(history->services, history->service_count + 1, sizeof *more);
	if (more == NULL)
		return NULL;
	history->services = more;
	more += history->service_count++;
	*more = (struct history_service){ 0 };
	snprintf(more->id, sizeof more->id, "%s", id);
	return more;
}

bool
replay_note_no_memory(struct fault *fault)
{
	return fault_system(fault, "Memory for the journal's history");
}

bool
replay_note_reference(struct history *history, const char *kid, struct fault *fault)
{
	struct history_version *version;

	if (kid[0] == '\0')
		return true;
	if ((version = replay_note_version(history, kid)) == NULL)
		return replay_note_no_memory(fault);
	version->named = true;
	return true;
}

void
replay_note_failure(struct history_rotation *rotation, const struct journal_record *record)
{
	rotation->failures++;
	rotation->failed_ms = record->wall_ms;
	/* What made an undo necessary is the cause; that the undo had trouble too is not. */
	if (strcmp(record->step, "undo") == 0 && rotation->failure[0] != '\0')
		return;
	replay_note_text(rotation->failure, sizeof rotation->failure, record->detail, "/text");
	snprintf(rotation->failed_step, sizeof rotation->failed_step, "%s", record->step);
}
