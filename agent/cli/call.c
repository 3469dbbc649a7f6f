#include "call.h"

#include "clock.h"
#include "member.h"
#include "nearest.h"
#include "scope.h"

#include <string.h>

void
call_worsen(struct call *call, int status)
{
	call->status = exitstatus_worse(call->status, status);
}

void
call_tell(struct call *call, const char *subject, const struct fault *fault)
{
	if (call->json)
		return;
	progress_pause(call->progress);
	fflush(call->out.file);

	/* In a log a fault is one line; on a terminal it is wrapped. */
	const char *colon = subject != NULL ? ": " : "";
	if (call->err.interactive) {
		terminal_put(&call->err, STYLE_BAD, "keyturn");
		SCOPE(free) char *text = NULL;
		if (asprintf(&text, ": %s%s%s", subject != NULL ? subject : "", colon, fault->text) < 0)
			text = NULL;
		terminal_flow(&call->err, 7, 2, text != NULL ? text : fault->text);
	} else {
		terminal_line(&call->err, STYLE_PLAIN, "keyturn: %s%s%s", subject != NULL ? subject : "", colon,
		    fault->text);
	}
}

json_t *
call_error(const struct fault *fault)
{
	json_t *error = json_pack("{s:s, s:s}", "code", fault_code_name(fault->code), "text", fault->text);

	/* A sentence that quotes bytes from outside may not be UTF-8; the code always is. */
	return error != NULL ? error : json_pack("{s:s, s:s}", "code", fault_code_name(fault->code), "text", "");
}

void
call_tell_problems(struct call *call)
{
	if (call->json)
		return;
	for (size_t i = 0; i < call->problems.count; i++) {
		SCOPE(free) char *text = problem_print(&call->problems.list[i]);

		terminal_line(&call->err, STYLE_PLAIN, "%s", text != NULL ? text : call->problems.list[i].text);
	}
}

json_t *
call_problems(const struct call *call)
{
	json_t *list = json_array();

	for (size_t i = 0; i < call->problems.count; i++) {
		const struct problem *problem = &call->problems.list[i];

		json_array_append_new(list, json_pack("{s:s?, s:i, s:i, s:s?, s:s?}", "file", problem->file,
		    "line", (int)problem->line, "column", (int)problem->column, "pointer", problem->pointer,
		    "text", problem->text));
	}
	return list;
}

bool
call_policy(struct call *call, const char *name, const struct policy **ret_policy, struct fault *fault)
{
	const struct policy *policy = policy_find(&call->policies, name);
	struct nearest nearest = { .word = name };
	char text[NEAREST_TEXT];

	if (policy != NULL) {
		*ret_policy = policy;
		return true;
	}
	for (size_t i = 0; i < call->policies.count; i++)
		nearest_offer(&nearest, call->policies.list[i]->name);

	/* The one that was meant may stand in a file that could not be read. */
	if (problems_total(&call->problems) > 0) {
		call_tell_problems(call);
		return fault_set(fault, FAULT_DATA, "There is no good policy '%s' in %s%s; mend the files there: "
		    "'keyturn check' shows what is wrong with them", name, call->world.policies,
		    nearest_print(&nearest, "", text));
	}
	return fault_set(fault, FAULT_USAGE, "There is no policy '%s' in %s%s", name, call->world.policies,
	    nearest_print(&nearest, "", text));
}

/* The policies to ask about, in a list that the caller frees. */
static bool
choose(struct call *call, const struct policy ***ret_list, size_t *ret_count, struct fault *fault)
{
	const struct arguments *arguments = call->arguments;
	size_t count = arguments->count > 0 ? arguments->count : call->policies.count;
	SCOPE(free) const struct policy **list = calloc(count + 1, sizeof *list);

	if (list == NULL)
		return fault_system(fault, "Memory for the list of policies");
	for (size_t i = 0; i < count; i++) {
		list[i] = arguments->count > 0 ? NULL : call->policies.list[i];
		if (list[i] == NULL && !call_policy(call, arguments->list[i], &list[i], fault))
			return false;
	}
	if (count == 0 && problems_total(&call->problems) == 0)
		return fault_set(fault, FAULT_SETTINGS, "There are no policies in %s; put one there (NAME.json)",
		    call->world.policies);
	*ret_list = scope_move(list);
	*ret_count = count;
	return true;
}

/* Ask about one policy. Always gives a document, so that nothing is missing from the list. */
static bool
ask(struct call *call, const struct call_each *each, const struct policy *policy, json_t **ret_document,
    struct fault *fault)
{
	json_t *document = NULL;
	bool fine = each->ask(call, policy, &document, fault);

	progress_pause(call->progress);
	if (document == NULL)
		document = json_object();
	if (json_object_get(document, "policy") == NULL)
		json_object_set_new(document, "policy", json_string(policy->name));
	if (!fine)
		json_object_set_new(document, "error", call_error(fault));
	*ret_document = document;
	return fine;
}

/* What was collected becomes what --json prints. */
static void
settle(struct call *call, json_t *documents, bool single)
{
	json_decref(call->document);
	if (single) {
		call->document = json_incref(json_array_get(documents, 0));
		return;
	}
	call->document = json_pack("{s:O}", "policies", documents);
	if (call->document == NULL || problems_total(&call->problems) == 0)
		return;

	/* Problems of files belong to no policy, hence beside them. */
	json_object_set_new(call->document, "problems", call_problems(call));
}

bool
call_each(struct call *call, const struct call_each *each, struct fault *fault)
{
	SCOPE(free) const struct policy **list = NULL;
	SCOPE(json) json_t *documents = json_array();
	size_t count = 0;
	bool stopped = false;

	if (!choose(call, &list, &count, fault))
		return false;
	for (size_t i = 0; i < count && !stopped; i++) {
		json_t *document;
		bool fine = ask(call, each, list[i], &document, fault);

		/* What there is to see comes before the reason why there is no more. */
		if (each->show != NULL && !call->json)
			each->show(call, document);
		if (!fine) {
			call_tell(call, list[i]->name, fault);
			call_worsen(call, exitstatus_of(fault->code));
			stopped = fault->code == FAULT_STOPPED;
		} else if (each->judge != NULL) {
			call_worsen(call, each->judge(call, document));
		}
		json_array_append_new(documents, document);
	}
	if (each->show_all != NULL && !call->json)
		each->show_all(call, documents);

	/* Bad files matter to whoever asked about all policies. */
	if (call->arguments->count == 0 && problems_total(&call->problems) > 0) {
		call_tell_problems(call);
		call_worsen(call, EXITSTATUS_DATA);
	}
	settle(call, documents, call->arguments->count == 1);
	return true;
}

int
call_judge(struct call *call, const json_t *document)
{
	static const char *const lists[] = { "findings", "checks" }, *const claims[] = { "healthy", "usable" };
	size_t index;
	json_t *row;

	(void)call;
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		json_array_foreach(json_object_get(document, lists[i]), index, row)
			if (strcmp(member_text(row, "/level", ""), "problem") == 0)
				return EXITSTATUS_FAILED;
	for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++)
		if (json_is_false(json_object_get(document, claims[i])))
			return EXITSTATUS_FAILED;
	return EXITSTATUS_DONE;
}
