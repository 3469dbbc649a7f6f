#include "commands.h"
#include "hsm.h"
#include "hsmreport.h"
#include "journal.h"
#include "scope.h"

#include <string.h>

static bool
open_token(struct engine *engine, const char *token_uri, struct hsm **ret_hsm,
    struct fault *fault)
{
	return engine->hsms->open(engine->hsms->context, token_uri, ret_hsm, fault);
}

bool
hsm_check_token(struct engine *engine, const char *token_uri, json_t **ret_document,
    struct fault *fault)
{
	SCOPE(hsm) struct hsm *hsm = NULL;
	SCOPE(free) struct hsm_report *report = calloc(1, sizeof *report);

	*ret_document = NULL;
	if (report == NULL)
		return fault_system(fault, "Memory for the HSM's report");
	if (!open_token(engine, token_uri, &hsm, fault) || !hsm_check(hsm, report, fault))
		return false;
	*ret_document = hsmreport_document(report);
	return *ret_document != NULL || fault_system(fault, "Memory for the answer");
}

/* Which policy and rotation a CKA_ID belongs to, by the journal. */
struct explanation {
	const char *id;
	char policy[128];
	bool found;
};

static bool
explain_record(void *context, const struct journal_record *record, struct fault *fault)
{
	struct explanation *explanation = context;

	(void)fault;
	if (strcmp(record->rotation, explanation->id) != 0)
		return true;
	explanation->found = true;
	snprintf(explanation->policy, sizeof explanation->policy, "%s", record->policy);
	return true;
}

static const char *
key_text(const struct hsm_key *key, bool explained)
{
	if (key->shell)
		return "debris of an interrupted generation: no id, no label, no material";
	if (!key->has_private)
		return "public half only";
	if (!key->has_public)
		return "private half only";
	if (!explained)
		return "no record of the journal explains this key";
	return key->extractable == HSM_YES ? "can still be wrapped" : "";
}

static json_t *
sealed_of(const struct hsm_key *key)
{
	if (!key->has_private || key->extractable == HSM_CANNOT_TELL)
		return json_null();
	return json_boolean(key->extractable == HSM_NO);
}

static bool
key_document(struct engine *engine, const struct hsm_key *key, json_t *keys,
    struct fault *fault)
{
	char id[2 * HSM_ID_MAX + 1], fingerprint[DIGEST_HEX_SIZE], shape[KEY_SHAPE_TEXT] = "";
	struct explanation explanation = { .id = id };

	encode_hex(key->name.id, key->name.id_size, id);
	if (engine->journal != NULL && key->name.id_size > 0 &&
	    !journal_read(engine->journal, 0, explain_record, &explanation, fault))
		return false;
	if (key->has_public_key && !publickey_fingerprint(&key->public_key, fingerprint, fault))
		return false;
	if (!key->shell)
		keyshape_print(key->shape, shape);
	json_t *document = json_pack("{s:s,s:s,s:s,s:s?,s:b,s:b,s:o,s:s?,s:s?,s:b,s:s}", "id", id,
	    "label", key->name.label, "key", shape, "fingerprint",
	    key->has_public_key ? fingerprint : NULL, "private", key->has_private, "public",
	    key->has_public, "sealed", sealed_of(key), "policy",
	    explanation.found ? explanation.policy : NULL, "rotation",
	    explanation.found ? id : NULL, "explained", explanation.found, "text",
	    key_text(key, explanation.found));
	if (document == NULL)
		return fault_set(fault, FAULT_DATA, "A key in the token has a label that is not "
		    "UTF-8 (CKA_ID %s)", id);
	return json_array_append_new(keys, document) == 0 ||
	    fault_system(fault, "Memory for the answer");
}

bool
hsm_list_token(struct engine *engine, const char *token_uri, json_t **ret_document,
    struct fault *fault)
{
	SCOPE(hsm) struct hsm *hsm = NULL;
	SCOPE(free) struct hsm_key *keys = NULL;
	SCOPE(json) json_t *list = json_array();
	size_t count = 0;

	*ret_document = NULL;
	if (!open_token(engine, token_uri, &hsm, fault) || !hsm_list(hsm, &keys, &count, fault))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!key_document(engine, &keys[i], list, fault))
			return false;
	*ret_document = json_pack("{s:s,s:O}", "token", token_uri, "keys", list);
	return *ret_document != NULL || fault_system(fault, "Memory for the answer");
}
