#include "pair.h"

#include "prove.h"
#include "scope.h"
#include "verbs.h"

#include <string.h>

/* The halves that a search turned up so far. */
struct search {
	const struct session *session;
	const struct hsm_name *name;
	struct pair halves[2];		/* private, public; key.has_… says whether found */
	size_t counts[2];
};

static const CK_OBJECT_CLASS classes[2] = { CKO_PRIVATE_KEY, CKO_PUBLIC_KEY };

/*
 * Session objects are nobody's keys; debris says of itself that it is no token
 * object.
 */
static bool
is_token_object(const struct session *session, CK_OBJECT_HANDLE handle, bool *ret_is,
    struct fault *fault)
{
	enum hsm_answer token;

	if (!object_answer(session, handle, CKA_TOKEN, &token, fault))
		return false;
	*ret_is = token != HSM_NO;
	return true;
}

/* Objects of one class that carry the id or, without an id, the label. */
static bool
search_class(struct search *search, size_t which, struct fault *fault)
{
	CK_OBJECT_CLASS class = classes[which];
	const struct hsm_name *name = search->name;
	CK_ATTRIBUTE template[] = {
		ATTRIBUTE_OF(CKA_CLASS, class),
		ATTRIBUTE(CKA_ID, name->id, name->id_size),
	};
	CK_ATTRIBUTE by_label = ATTRIBUTE(CKA_LABEL, name->label, strlen(name->label));
	struct handles found;
	bool is_token, done = true;

	if (name->id_size == 0)
		template[1] = by_label;
	if (!object_search(search->session, template, ATTRIBUTE_COUNT(template), &found, fault))
		return false;
	search->counts[which] = 0;
	for (size_t i = 0; done && i < found.count; i++) {
		done = is_token_object(search->session, found.list[i], &is_token, fault);
		if (!done || !is_token)
			continue;
		search->counts[which]++;
		done = pair_read(search->session, found.list[i], class,
		    &search->halves[which], fault);
	}
	free(found.list);
	return done;
}

static bool
check_single(const struct search *search, struct fault *fault)
{
	char text[PAIR_TEXT];

	if (search->counts[0] <= 1 && search->counts[1] <= 1)
		return true;
	return fault_set(fault, FAULT_DATA, "Token '%s' holds %zu private and %zu public objects "
	    "that answer to %s; keyturn does not guess which is meant. Give the key an id of "
	    "its own, or name it by id and label", search->session->token.label,
	    search->counts[0], search->counts[1], pair_text(search->name, text));
}

static bool
search_both(struct search *search, struct fault *fault)
{
	return search_class(search, 0, fault) && search_class(search, 1, fault) &&
	    check_single(search, fault);
}

static bool
same_id(const struct hsm_name *a, const struct hsm_name *b)
{
	return a->id_size == b->id_size && memcmp(a->id, b->id, a->id_size) == 0;
}

/* From a label to the id behind it, which both halves must share. */
static bool
find_id(const struct session *session, const struct hsm_name *name, struct hsm_name *ret_name,
    bool *ret_found, struct fault *fault)
{
	struct search search = { .session = session, .name = name };
	const struct hsm_name *found;
	char text[PAIR_TEXT];

	if (!search_both(&search, fault))
		return false;
	*ret_found = search.counts[0] + search.counts[1] > 0;
	if (!*ret_found)
		return true;
	found = &search.halves[search.counts[0] > 0 ? 0 : 1].key.name;
	if (found->id_size == 0)
		return fault_set(fault, FAULT_DATA, "%s on token '%s' has no CKA_ID, or one of "
		    "more than %d bytes; keyturn needs one to tell keys apart",
		    pair_text(name, text), session->token.label, HSM_ID_MAX);
	if (search.counts[0] + search.counts[1] == 2 &&
	    !same_id(found, &search.halves[1].key.name))
		return fault_set(fault, FAULT_DATA, "The private and the public object that "
		    "answer to %s on token '%s' have different ids: they are not a pair",
		    pair_text(name, text), session->token.label);
	memcpy(ret_name->id, found->id, ret_name->id_size = found->id_size);
	return true;
}

static bool
has_label(const struct search *search, size_t which)
{
	return search->name->label[0] == 0 || search->counts[which] == 0 ||
	    strcmp(search->halves[which].key.name.label, search->name->label) == 0;
}

/*
 * Two halves under one id that are no pair: whatever made them, nothing may be
 * built on it.
 */
static bool
join_halves(struct search *search, struct pair *ret_pair, struct fault *fault)
{
	struct pair *private_half = &search->halves[0], *public_half = &search->halves[1];
	char text[PAIR_TEXT];

	if (search->counts[0] == 0) {
		*ret_pair = *public_half;
		return true;
	}
	if (search->counts[1] != 0 && private_half->key.has_public_key &&
	    public_half->key.has_public_key &&
	    !publickey_equal(&private_half->key.public_key, &public_half->key.public_key))
		return fault_set(fault, FAULT_DATA, "The private and the public object of %s on "
		    "token '%s' belong to different keys", pair_text(search->name, text),
		    search->session->token.label);
	if (search->counts[1] != 0)
		pair_join(private_half, public_half);
	*ret_pair = *private_half;
	return true;
}

bool
pair_find(const struct session *session, const struct hsm_name *name, struct pair *ret_pair,
    bool *ret_found, struct fault *fault)
{
	struct hsm_name wanted = *name;
	struct search search = { .session = session, .name = &wanted };
	bool found = true;

	if (name->id_size > HSM_ID_MAX || (name->id_size == 0 && name->label[0] == 0))
		return fault_set(fault, FAULT_INTERNAL, "A key was looked for without a name");
	if (name->id_size == 0 && !find_id(session, name, &wanted, &found, fault))
		return false;

	/*
	 * Always by id in the end, so that a second key with the same id is
	 * seen.
	 */
	if (found && !search_both(&search, fault))
		return false;
	found = found && search.counts[0] + search.counts[1] > 0 && has_label(&search, 0) &&
	    has_label(&search, 1);
	if (found && !join_halves(&search, ret_pair, fault))
		return false;
	*ret_found = found;
	return true;
}

bool
verb_find(struct hsm *hsm, const struct hsm_name *name, struct hsm_key *ret_key,
    bool *ret_found, struct fault *fault)
{
	struct session *session = session_of(hsm);
	enum prove_result result;
	struct pair pair;
	bool found;

	if (!pair_find(session, name, &pair, &found, fault))
		return false;

	/* What cannot sign is debris of an interrupted generation, not a key. */
	if (found && pair.key.has_private) {
		if (!prove_pair(session, &pair, &result, fault))
			return false;
		pair.key.has_private = result == PROVE_WORKS;
	}
	if (found)
		*ret_key = pair.key;
	*ret_found = found;
	return true;
}
