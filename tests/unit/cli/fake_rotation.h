#ifndef FAKE_ROTATION_H
#define FAKE_ROTATION_H

/*
 * The rotation room as the command line sees it, played: each command answers with the document, or the fault, that the test put
 * here, and counts how often it was asked.
 */

#include "commands.h"
#include "policy.h"

#include <string.h>

static struct {
	const char *document;		/* JSON; NULL: none */
	enum fault_code code;		/* 0: it succeeds */
	const char *bad_policy;		/* only this one fails; NULL: all do, if code is set */
	int asked;
	char enrolled[80];		/* the fingerprint that was to be enrolled */
	bool recorded;
} fake;

static bool
answer(const struct policy *policy, json_t **ret_document, struct fault *fault)
{
	fake.asked++;
	if (fake.document != NULL)
		*ret_document = json_loads(fake.document, 0, NULL);
	if (policy != NULL && *ret_document != NULL && json_is_object(*ret_document))
		json_object_set_new(*ret_document, "policy", json_string(policy->name));
	if (fake.code == 0 || (fake.bad_policy != NULL && strcmp(policy->name, fake.bad_policy) != 0))
		return true;
	return fault_set(fault, fake.code, "The vault said no");
}

/* Commands that differ in their names only. */
#define FAKE(name)                                                                                               \
	bool name(struct engine *engine, const struct policy *policy, json_t **ret_document, struct fault *fault) \
	{                                                                                                        \
		(void)engine;                                                                                    \
		return answer(policy, ret_document, fault);                                                      \
	}

FAKE(check_policy)
FAKE(plan_policy)
FAKE(versions_policy)
FAKE(adopt_policy)
FAKE(revalidate_policy)
FAKE(anchors_policy)

bool
status_policy(struct engine *engine, const struct policy *policy, bool recorded, json_t **ret_document,
    struct fault *fault)
{
	(void)engine;
	fake.recorded = recorded;
	return answer(policy, ret_document, fault);
}

bool
rotate_policy(struct engine *engine, const struct policy *policy, bool only_if_due, json_t **ret_document,
    struct fault *fault)
{
	(void)engine;
	(void)only_if_due;
	return answer(policy, ret_document, fault);
}

bool
rotate_once(struct engine *engine, const struct policy *policy, int64_t *ret_next_ms, struct fault *fault)
{
	json_t *unused = NULL;
	bool fine = answer(policy, &unused, fault);

	json_decref(unused);
	*ret_next_ms = clock_wall_ms(engine->clock) + 3600 * 1000;
	return fine;
}

bool
rollback_policy(struct engine *engine, const struct policy *policy, const char *version, json_t **ret_document,
    struct fault *fault)
{
	(void)engine;
	(void)version;
	return answer(policy, ret_document, fault);
}

bool
enroll_policy(struct engine *engine, const struct policy *policy, bool may_create, const char *fingerprint,
    json_t **ret_document, struct fault *fault)
{
	(void)engine;
	(void)may_create;
	if (fingerprint != NULL)
		snprintf(fake.enrolled, sizeof fake.enrolled, "%s", fingerprint);
	bool fine = answer(policy, ret_document, fault);
	if (fingerprint != NULL && *ret_document != NULL)
		json_object_set_new(*ret_document, "enrolled", json_true());
	return fine;
}

bool
hsm_check_token(struct engine *engine, const char *token_uri, json_t **ret_document, struct fault *fault)
{
	(void)engine;
	(void)token_uri;
	return answer(NULL, ret_document, fault);
}

bool
hsm_list_token(struct engine *engine, const char *token_uri, json_t **ret_document, struct fault *fault)
{
	(void)engine;
	(void)token_uri;
	return answer(NULL, ret_document, fault);
}

bool
byok_create(struct engine *engine, const struct byok_request *request, json_t **ret_document, struct fault *fault)
{
	(void)engine;
	(void)request;
	return answer(NULL, ret_document, fault);
}

bool
byok_inspect(const char *file, json_t **ret_document, struct fault *fault)
{
	(void)file;
	return answer(NULL, ret_document, fault);
}

bool
byok_import(struct engine *engine, const struct policy *policy, const char *file, const char *public_key_file,
    json_t **ret_document, struct fault *fault)
{
	(void)engine;
	(void)file;
	(void)public_key_file;
	return answer(policy, ret_document, fault);
}

#endif
