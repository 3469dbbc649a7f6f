#include "list.h"

#include "scope.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

/*
 * SoftHSM2 lists objects that tell nothing, not even their class; another token
 * may have a reason to show one so.
 */
static bool
is_shell_class(const struct session *session, CK_ULONG class)
{
	if (class == CK_UNAVAILABLE_INFORMATION)
		return strcmp(session->token.manufacturer, "SoftHSM project") == 0;
	return class == CKO_PUBLIC_KEY || class == CKO_PRIVATE_KEY;
}

/* Whatever names a key or is part of one; a shell has none of these. */
static const CK_ATTRIBUTE_TYPE substance[] = {
	CKA_ID, CKA_LABEL, CKA_MODULUS, CKA_EC_PARAMS, CKA_EC_POINT, CKA_PRIME, CKA_SUBJECT,
};

bool
list_is_shell(const struct session *session, CK_OBJECT_HANDLE handle, bool *ret_is,
    struct fault *fault)
{
	enum hsm_answer token, local;
	CK_ULONG class;
	uint8_t byte;

	*ret_is = false;
	if (!object_number(session, handle, CKA_CLASS, &class, fault) ||
	    !object_answer(session, handle, CKA_TOKEN, &token, fault) ||
	    !object_answer(session, handle, CKA_LOCAL, &local, fault))
		return false;
	if (!is_shell_class(session, class) || token == HSM_YES || local == HSM_YES)
		return true;
	for (size_t i = 0; i < sizeof substance / sizeof substance[0]; i++) {
		CK_ATTRIBUTE attribute = ATTRIBUTE_OF(substance[i], byte);

		if (!object_read(session, handle, &attribute, fault))
			return false;
		if (attribute.ulValueLen != 0)
			return true;
	}
	*ret_is = true;
	return true;
}

/*
 * Keys of the token and shells; certificates, secrets and session objects are
 * passed over.
 */
static bool
read_object(const struct session *session, CK_OBJECT_HANDLE handle, struct pair *pair,
    bool *ret_is_key, struct fault *fault)
{
	enum hsm_answer token;
	CK_ULONG class;
	bool shell;

	*ret_is_key = false;
	if (!object_number(session, handle, CKA_CLASS, &class, fault))
		return false;
	if (class != CKO_PUBLIC_KEY && class != CKO_PRIVATE_KEY &&
	    class != CK_UNAVAILABLE_INFORMATION)
		return true;
	if (!list_is_shell(session, handle, &shell, fault) ||
	    !object_answer(session, handle, CKA_TOKEN, &token, fault) ||
	    !pair_read(session, handle, class, pair, fault))
		return false;
	pair->key.shell = shell;
	*ret_is_key = shell || (token != HSM_NO && class != CK_UNAVAILABLE_INFORMATION);
	return true;
}

/* Halves belong together if they share an id and do not contradict each other. */
static bool
belong_together(const struct pair *a, const struct pair *b)
{
	const struct hsm_key *x = &a->key, *y = &b->key;

	if (x->shell || y->shell || x->name.id_size == 0 ||
	    x->name.id_size != y->name.id_size ||
	    memcmp(x->name.id, y->name.id, x->name.id_size) != 0)
		return false;
	if (x->has_public == y->has_public || x->has_private == y->has_private)
		return false;
	return !x->has_public_key || !y->has_public_key ||
	    publickey_equal(&x->public_key, &y->public_key);
}

static void
add_half(struct pairs *pairs, const struct pair *half)
{
	for (size_t i = 0; i < pairs->count; i++) {
		struct pair *other = &pairs->list[i];
		struct pair joined = half->key.has_private ? *half : *other;

		if (!belong_together(other, half))
			continue;
		pair_join(&joined, half->key.has_private ? other : half);
		*other = joined;
		return;
	}
	pairs->list[pairs->count++] = *half;
}

bool
list_pairs(const struct session *session, struct pairs *ret_pairs, struct fault *fault)
{
	struct handles found;
	struct pairs pairs = { NULL, 0 };
	struct pair half;
	bool done, is_key;

	/*
	 * Without a template: a shell may lack whatever a template could ask
	 * for.
	 */
	if (!object_search(session, NULL, 0, &found, fault))
		return false;
	pairs.list = calloc(found.count + 1, sizeof *pairs.list);
	done = pairs.list != NULL || fault_system(fault, "Memory for %zu objects", found.count);
	for (size_t i = 0; done && i < found.count; i++) {
		done = read_object(session, found.list[i], &half, &is_key, fault);
		if (done && is_key)
			add_half(&pairs, &half);
	}
	free(found.list);
	if (!done) {
		free(pairs.list);
		return false;
	}
	*ret_pairs = pairs;
	return true;
}

bool
verb_list(struct hsm *hsm, struct hsm_key **ret_keys, size_t *ret_count, struct fault *fault)
{
	struct pairs pairs;
	struct hsm_key *keys;

	if (!list_pairs(session_of(hsm), &pairs, fault))
		return false;
	if ((keys = calloc(pairs.count + 1, sizeof *keys)) == NULL) {
		free(pairs.list);
		return fault_system(fault, "Memory for %zu keys", pairs.count);
	}
	for (size_t i = 0; i < pairs.count; i++)
		keys[i] = pairs.list[i].key;
	*ret_count = pairs.count;
	*ret_keys = keys;
	free(pairs.list);
	return true;
}
