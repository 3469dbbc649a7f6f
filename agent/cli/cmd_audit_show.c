#include "cmd.h"

#include "journal.h"
#include "scope.h"
#include "show.h"
#include "timetext.h"

#include <string.h>

/* Where the records go: into the document, or to a person. */
struct reader {
	struct call *call;
	json_t *records;		/* with --json, borrowed */
	unsigned long long shown;
};

/* "2026-11-22" is its first moment (UTC); anything longer is a full time. */
static bool
read_since(const char *text, int64_t *ret_ms, struct fault *fault)
{
	bool date = strchr(text, 'T') == NULL && strchr(text, 't') == NULL && strchr(text, ' ') == NULL;

	if (date ? timetext_parse_date(text, ret_ms, fault) : timetext_parse(text, ret_ms, fault))
		return true;
	fault->code = FAULT_USAGE;
	return fault_prefix(fault, "--since");
}

/* A terminal gets a heading and the sentence below it, wrapped; a file gets one line a record, for grep. */
static bool
print_record(const struct terminal *out, const struct journal_record *record, struct fault *fault)
{
	SCOPE(free) char *text = NULL;
	char time[TIMETEXT_SIZE];

	if (!(out->interactive ? show_sentence : show_line)(record, &text, fault))
		return false;
	if (!out->interactive) {
		terminal_line(out, STYLE_PLAIN, "%s", text);
		return true;
	}
	terminal_line(out, record->phase == JOURNAL_FAILED ? STYLE_BAD : STYLE_STRONG, "%5llu  %s  %s  %.8s  %s %s",
	    (unsigned long long)record->n, timetext_print_s(record->wall_ms / 1000, time),
	    record->policy[0] != '\0' ? record->policy : "-", record->rotation[0] != '\0' ? record->rotation : "-",
	    record->step, journal_phase_name(record->phase));
	terminal_paragraph(out, 7, "%s", text);
	return true;
}

static bool
take(void *context, const struct journal_record *record, struct fault *fault)
{
	struct reader *reader = context;

	reader->shown++;
	if (reader->records == NULL)
		return print_record(&reader->call->out, record, fault);
	if (json_array_append_new(reader->records, show_json(record)) != 0)
		return fault_set(fault, FAULT_SYSTEM, "Memory for the journal's records");
	return true;
}

bool
cmd_audit_show(struct call *call, struct fault *fault)
{
	const char *const *value = call->arguments->value;
	struct show_filter filter = { .policy = value[OPTION_POLICY], .rotation = value[OPTION_ROTATION] };
	struct reader reader = { .call = call };

	if (value[OPTION_SINCE] != NULL && !read_since(value[OPTION_SINCE], &filter.since_ms, fault))
		return false;
	if (call->json) {
		call->document = json_pack("{s:[]}", "records");
		reader.records = json_object_get(call->document, "records");
		if (reader.records == NULL)
			return fault_set(fault, FAULT_SYSTEM, "Memory for the journal's records");
	}

	/* Without a journal there is nothing to show, which was said already. */
	struct journal *journal = call->world.engine.journal;
	if (journal == NULL)
		return true;
	if (!show_read(journal, &filter, take, &reader, fault))
		return false;
	if (reader.shown == 0 && !call->json)
		terminal_line(&call->err, STYLE_PLAIN, "keyturn: no record matches");
	return true;
}
