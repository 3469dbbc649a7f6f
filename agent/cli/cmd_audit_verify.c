#include "call.h"
#include "commands.h"
#include "member.h"
#include "notice.h"
#include "scope.h"
#include "timetext.h"
#include "verify.h"

#include <string.h>

/* Heads noted outside this machine, and the policies whose vaults would not tell. */
struct anchors {
	struct journal_anchor *list;
	size_t count;
	uint64_t outside;		/* records that a matching one covers */
	json_t *asked, *not_asked;	/* of the document, borrowed */
};

/* Take in what one policy's vault told. */
static bool
add_anchors(struct anchors *anchors, const json_t *document, struct fault *fault)
{
	size_t index, more = json_array_size(document);
	json_t *row;
	struct journal_anchor *list = reallocarray(anchors->list, anchors->count + more + 1, sizeof *list);

	if (list == NULL)
		return fault_system(fault, "Memory for the heads in the vault");
	anchors->list = list;
	json_array_foreach(document, index, row) {
		struct journal_anchor *anchor = &list[anchors->count];
		int64_t size;
		const char *root;

		if (!member_integer(row, "/size", &size, fault) || !member_string(row, "/root", &root, fault))
			return false;
		*anchor = (struct journal_anchor){ .size = (uint64_t)size };
		snprintf(anchor->root, sizeof anchor->root, "%s", root);
		snprintf(anchor->source, sizeof anchor->source, "the tag of version %.40s of policy %.80s",
		    member_text(row, "/version", "?"), member_text(row, "/policy", "?"));
		anchors->count++;
	}
	return true;
}

/* A vault that does not answer leaves the end of the journal unproven: said, and never a pass. */
static void
miss(struct call *call, struct anchors *anchors, const struct policy *policy, const struct fault *fault)
{
	json_array_append_new(anchors->not_asked, json_pack("{s:s, s:o}", "policy", policy->name,
	    "error", call_error(fault)));
	call_tell(call, policy->name, fault);
	call_worsen(call, exitstatus_of(fault->code));
}

static bool
collect(struct call *call, struct anchors *anchors, struct fault *fault)
{
	bool named = call->arguments->count > 0;
	size_t count = named ? call->arguments->count : call->policies.count;

	for (size_t i = 0; i < count; i++) {
		const struct policy *policy = named ? NULL : call->policies.list[i];
		SCOPE(json) json_t *document = NULL;

		if (policy == NULL && !call_policy(call, call->arguments->list[i], &policy, fault))
			return false;
		if (!anchors_policy(&call->world.engine, policy, &document, fault) ||
		    !add_anchors(anchors, document, fault))
			miss(call, anchors, policy, fault);
		else
			json_array_append_new(anchors->asked, json_string(policy->name));
	}

	/* A policy that cannot be read names a vault that was not asked. */
	if (!named && problems_total(&call->problems) > 0) {
		call_tell_problems(call);
		call_worsen(call, EXITSTATUS_DATA);
	}
	return true;
}

static json_t *
anchors_document(const struct anchors *anchors)
{
	json_t *list = json_array();

	for (size_t i = 0; i < anchors->count; i++)
		json_array_append_new(list, json_pack("{s:I, s:s, s:s, s:b}", "size", (json_int_t)anchors->list[i].size,
		    "root", anchors->list[i].root, "source", anchors->list[i].source,
		    "matches", anchors->list[i].matches));
	return list;
}

/* Everything that was found out, as --json prints it. */
static void
describe(json_t *document, const struct journal_verdict *verdict, const struct anchors *anchors)
{
	char first[TIMETEXT_SIZE], last[TIMETEXT_SIZE];
	json_t *problems = json_array();

	for (size_t i = 0; i < verdict->problem_count; i++)
		json_array_append_new(problems, json_pack("{s:I, s:I, s:s?}", "n", (json_int_t)verdict->problems[i].n,
		    "offset", (json_int_t)verdict->problems[i].offset, "text", verdict->problems[i].text));
	json_object_set_new(document, "good", json_boolean(verdict->problem_count == 0));
	json_object_set_new(document, "records", json_integer((json_int_t)verdict->records));
	json_object_set_new(document, "bytes", json_integer((json_int_t)verdict->bytes));
	json_object_set_new(document, "root", json_string(verdict->root));
	json_object_set_new(document, "rehearsal", json_boolean(verdict->rehearsal));
	json_object_set_new(document, "torn_bytes", json_integer((json_int_t)verdict->torn_bytes));
	json_object_set_new(document, "first", verdict->records > 0 ?
	    json_string(timetext_print_ms(verdict->first_ms, first)) : json_null());
	json_object_set_new(document, "last", verdict->records > 0 ?
	    json_string(timetext_print_ms(verdict->last_ms, last)) : json_null());
	json_object_set_new(document, "head", verdict->head_found ? json_pack("{s:I, s:s, s:b}", "size",
	    (json_int_t)verdict->head.size, "root", verdict->head.root, "matches", verdict->head_matches) : json_null());
	json_object_set_new(document, "anchors", anchors_document(anchors));
	json_object_set_new(document, "unanchored_from", verdict->unanchored_from < verdict->records ?
	    json_integer((json_int_t)verdict->unanchored_from) : json_null());
	json_object_set_new(document, "anchored_outside", json_integer((json_int_t)anchors->outside));
	json_object_set_new(document, "problems", problems);
	json_object_set_new(document, "problems_left_out", json_integer((json_int_t)verdict->problems_left_out));
}

/* Since when whole lines could be missing or changed without anybody noticing: the sentence that an auditor must not miss. */
static void
show_tail(struct call *call, const struct journal_verdict *verdict, const struct anchors *anchors)
{
	const struct terminal *out = &call->out;
	unsigned long long records = verdict->records, outside = anchors->outside, beside = verdict->unanchored_from;

	if (records == 0)
		terminal_paragraph(out, 2, "There are no records, so there is nothing to anchor.");
	else if (outside >= records)
		terminal_paragraph(out, 2, "Every record is anchored outside this machine.");
	else
		terminal_paragraph(out, 2, "%s From record %llu on (%llu of %llu) nothing outside this machine anchors the "
		    "journal: only the head beside it vouches for them, and whoever can write here can rewrite both.",
		    terminal_sign(out, SIGN_WARNING), outside, records - outside, records);
	if (beside < records && beside > outside)
		terminal_paragraph(out, 2, "%s From record %llu on not even the head beside it does.",
		    terminal_sign(out, SIGN_WARNING), beside);
}

static void
show_anchors(struct call *call, const struct journal_verdict *verdict, const struct anchors *anchors)
{
	const struct terminal *out = &call->out;
	bool offline = arguments_have(call->arguments, OPTION_OFFLINE);

	terminal_paragraph(out, 2, "%s", !verdict->head_found ? "There is no head beside it." :
	    verdict->head_matches ? "The head beside it matches." : "The head beside it does NOT match.");
	if (offline)
		terminal_paragraph(out, 2, "The vaults were not asked for the heads in their tags (--offline).");
	else
		terminal_paragraph(out, 2, "Heads in the vaults' tags: %zu found, %zu match%s; %zu polic%s asked, %zu not "
		    "reached.", anchors->count, verdict->anchors_matched, verdict->anchors_matched == 1 ? "es" : "",
		    json_array_size(anchors->asked), json_array_size(anchors->asked) == 1 ? "y" : "ies",
		    json_array_size(anchors->not_asked));
	show_tail(call, verdict, anchors);
}

static void
show(struct call *call, const char *directory, const struct journal_verdict *verdict, const struct anchors *anchors)
{
	const struct terminal *out = &call->out;
	char first[TIMETEXT_SIZE], last[TIMETEXT_SIZE];

	terminal_line(out, STYLE_STRONG, "%s%s", directory, verdict->rehearsal ? " (a rehearsal's journal)" : "");
	if (verdict->records > 0)
		terminal_paragraph(out, 2, "%llu records, %llu bytes, from %s to %s.", (unsigned long long)verdict->records,
		    (unsigned long long)verdict->bytes, timetext_print_s(verdict->first_ms / 1000, first),
		    timetext_print_s(verdict->last_ms / 1000, last));
	terminal_paragraph(out, 2, "Checked: each line's form, number and hash of the line before; the Merkle tree over "
	    "the exact bytes, root %s.", verdict->root);
	if (verdict->torn_bytes > 0)
		terminal_paragraph(out, 2, "Behind the last whole line stand %llu bytes, as a crash or a writer at work "
		    "leaves them; the next writer records and cuts them.", (unsigned long long)verdict->torn_bytes);
	show_anchors(call, verdict, anchors);

	/* The verdict comes last, where the eye ends. */
	for (size_t i = 0; i < verdict->problem_count; i++)
		terminal_paragraph(out, 2, "%s record %llu, byte %llu: %s", terminal_sign(out, SIGN_BAD),
		    (unsigned long long)verdict->problems[i].n, (unsigned long long)verdict->problems[i].offset,
		    verdict->problems[i].text);
	if (verdict->problems_left_out > 0)
		terminal_paragraph(out, 2, "and %llu more.", (unsigned long long)verdict->problems_left_out);
	bool whole = json_array_size(anchors->not_asked) == 0 && call->status == EXITSTATUS_DONE;
	if (verdict->problem_count > 0)
		terminal_line(out, STYLE_BAD, "%s The journal does NOT verify.", terminal_sign(out, SIGN_BAD));
	else if (!whole)
		terminal_line(out, STYLE_WARNING, "%s What could be checked verifies; not everything could be checked.",
		    terminal_sign(out, SIGN_WARNING));
	else
		terminal_line(out, STYLE_GOOD, "%s The journal verifies.", terminal_sign(out, SIGN_GOOD));
}

/* A journal that is not there, although a vault holds its heads, did not just never begin. */
static bool
explain_absence(const char *directory, const struct anchors *anchors, struct fault *fault)
{
	if (fault->code != FAULT_NOT_FOUND)
		return false;
	if (anchors->count > 0)
		return fault_set(fault, FAULT_DATA, "There is no journal in %s, yet the vault's versions carry %zu of its "
		    "heads: it was moved or removed", directory, anchors->count);
	return fault_set(fault, FAULT_NOT_FOUND, "There is no journal in %s: nothing was recorded there yet, or it was "
	    "removed", directory);
}

static bool
verify(struct call *call, struct anchors *anchors, struct fault *fault)
{
	const char *directory = call->arguments->value[OPTION_JOURNAL];
	SCOPE(verdict) struct journal_verdict verdict = { .records = 0 };

	if (directory == NULL)
		directory = call->world.engine.state;
	json_object_set_new(call->document, "journal", json_string(directory));
	if (!arguments_have(call->arguments, OPTION_OFFLINE) && !collect(call, anchors, fault))
		return false;
	if (!verify_folder(directory, anchors->list, anchors->count, &verdict, fault))
		return explain_absence(directory, anchors, fault);
	for (size_t i = 0; i < anchors->count; i++)
		if (anchors->list[i].matches && anchors->list[i].size > anchors->outside)
			anchors->outside = anchors->list[i].size;
	describe(call->document, &verdict, anchors);

	/* Damage outweighs a vault that did not answer. */
	if (verdict.problem_count > 0)
		call->status = EXITSTATUS_DATA;
	if (!call->json)
		show(call, directory, &verdict, anchors);
	return true;
}

bool
cmd_audit_verify(struct call *call, struct fault *fault)
{
	struct anchors anchors = { .list = NULL };

	if (arguments_have(call->arguments, OPTION_OFFLINE) && call->arguments->count > 0)
		return fault_set(fault, FAULT_USAGE, "With --offline no vault is asked, so naming a policy makes no sense");
	call->document = json_pack("{s:[], s:[]}", "asked", "not_asked");
	if (call->document == NULL)
		return fault_set(fault, FAULT_SYSTEM, "Memory for the result");
	anchors.asked = json_object_get(call->document, "asked");
	anchors.not_asked = json_object_get(call->document, "not_asked");
	bool fine = verify(call, &anchors, fault);
	free(anchors.list);
	return fine;
}
