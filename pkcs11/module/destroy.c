#include "list.h"
#include "pair.h"
#include "preflight.h"
#include "prove.h"
#include "verbs.h"

#include <stdlib.h>

bool
verb_destroy(struct hsm *hsm, const struct hsm_name *name, struct fault *fault)
{
	struct session *session = session_of(hsm);
	struct pair pair;
	char text[PAIR_TEXT];
	bool found;

	pair_text(name, text);
	if (!pair_find(session, name, &pair, &found, fault))
		return false;
	if (!found || !pair.key.has_private)
		return true;
	if (!object_destroy(session, pair.private_half, text, fault) ||
	    !pair_find(session, name, &pair, &found, fault))
		return false;

	/* A disk that refuses can make SoftHSM2 say yes and mean no. */
	if (found && pair.key.has_private)
		return fault_set(fault, FAULT_UNAVAILABLE, "Remove the private half of %s: token "
		    "'%s' said it did, but it is still there", text, session->token.label);
	return true;
}

/* What a sweep has removed and what it found before. */
struct sweep {
	const struct session *session;
	struct handles before;
	CK_OBJECT_HANDLE *removed;
	unsigned count;
};

static bool
remove_object(struct sweep *sweep, CK_OBJECT_HANDLE handle, const char *what,
    struct fault *fault)
{
	if (!object_destroy(sweep->session, handle, what, fault))
		return false;
	sweep->removed[sweep->count++] = handle;
	return true;
}

/*
 * A private half counts as debris only if it fails while a fresh key on the
 * same token works.
 */
static bool
is_debris(const struct session *session, const struct pair *pair, bool *ret_is,
    struct fault *fault)
{
	enum prove_result result;
	struct probe *probe;

	*ret_is = !pair->key.has_private;
	if (*ret_is)
		return true;
	if (!prove_pair(session, pair, &result, fault))
		return false;
	if (result != PROVE_FAILS)
		return true;
	if (!preflight_probe(session, &probe, fault))
		return fault_prefix(fault, "A private key does not sign, but neither does a fresh "
		    "one, so it is left alone");
	preflight_probe_free(probe);
	*ret_is = true;
	return true;
}

/*
 * The private half first: a crash between the two leaves half a pair, which the
 * next sweep takes.
 */
static bool
sweep_pair(struct sweep *sweep, const struct hsm_name *name, struct fault *fault)
{
	struct pair pair;
	char text[PAIR_TEXT];
	bool found, debris;

	if (!pair_find(sweep->session, name, &pair, &found, fault))
		return false;
	if (!found)
		return true;
	if (!is_debris(sweep->session, &pair, &debris, fault))
		return false;
	if (!debris)
		return true;
	pair_text(&pair.key.name, text);
	if (pair.key.has_private && !remove_object(sweep, pair.private_half, text, fault))
		return false;
	return !pair.key.has_public || remove_object(sweep, pair.public_half, text, fault);
}

static bool
sweep_shells(struct sweep *sweep, struct fault *fault)
{
	struct pairs pairs;
	bool done = true;

	if (!list_pairs(sweep->session, &pairs, fault))
		return false;
	for (size_t i = 0; done && i < pairs.count; i++) {
		const struct pair *pair = &pairs.list[i];

		if (pair->key.shell)
			done = remove_object(sweep, pair->private_half != CK_INVALID_HANDLE
			    ? pair->private_half : pair->public_half,
			    "an empty shell of a key", fault);
	}
	free(pairs.list);
	return done;
}

static bool
contains(const CK_OBJECT_HANDLE *list, size_t count, CK_OBJECT_HANDLE handle)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == handle)
			return true;
	return false;
}

/* The list of objects before, less what was removed, must be there after. */
static bool
compare_after(const struct sweep *sweep, struct fault *fault)
{
	struct handles after;
	const struct handles *before = &sweep->before;
	bool good = true;

	if (!object_search(sweep->session, NULL, 0, &after, fault))
		return false;
	for (size_t i = 0; good && i < before->count; i++) {
		bool is_there = contains(after.list, after.count, before->list[i]);

		if (is_there == contains(sweep->removed, sweep->count, before->list[i]))
			good = fault_set(fault, FAULT_UNAVAILABLE, "Sweep token '%s': an object that "
			    "should %s after it was swept; look at the token before going on",
			    sweep->session->token.label,
			    is_there ? "be gone is still there" : "have stayed is gone");
	}
	free(after.list);
	return good;
}

bool
verb_sweep(struct hsm *hsm, const struct hsm_name *name, unsigned *ret_removed,
    struct fault *fault)
{
	struct sweep sweep = { .session = session_of(hsm) };
	bool done;

	if (!object_search(sweep.session, NULL, 0, &sweep.before, fault))
		return false;
	sweep.removed = calloc(sweep.before.count + 2, sizeof *sweep.removed);
	done = sweep.removed != NULL || fault_system(fault, "Memory for a sweep");
	done = done && sweep_pair(&sweep, name, fault) && sweep_shells(&sweep, fault) &&
	    compare_after(&sweep, fault);
	if (done)
		*ret_removed = sweep.count;
	free(sweep.before.list);
	free(sweep.removed);
	return done;
}
