#include "tokens.h"

#include "call.h"
#include "scope.h"

bool
tokens_each(struct call *call,
    bool (*ask)(struct call *call, const char *token, json_t **ret_document, struct fault *fault),
    void (*show)(struct call *call, const json_t *document), struct fault *fault)
{
	const struct arguments *arguments = call->arguments;
	bool named = arguments->count > 0;
	const char *const *list = call->world.tokens;
	size_t count = named ? arguments->count : call->world.token_count;
	SCOPE(json) json_t *documents = json_array();

	if (named)
		list = arguments->list;
	if (count == 0)
		return fault_set(fault, FAULT_SETTINGS, "The settings list no token; name one there or on the command line");
	for (size_t i = 0; i < count; i++) {
		json_t *document = NULL;
		bool fine = ask(call, list[i], &document, fault);

		if (document == NULL)
			document = json_object();
		json_object_set_new(document, "uri", json_string(list[i]));
		if (!fine) {
			json_object_set_new(document, "error", call_error(fault));
			call_tell(call, list[i], fault);
			call_worsen(call, exitstatus_of(fault->code));
		} else {
			call_worsen(call, call_judge(call, document));
		}
		if (!call->json)
			show(call, document);
		json_array_append_new(documents, document);
	}
	call->document = named && count == 1 ? json_incref(json_array_get(documents, 0)) :
	    json_pack("{s:O}", "tokens", documents);
	return true;
}
