#include "enrolled.h"
#include "generate.h"
#include "kekobject.h"
#include "preflight.h"
#include "prove.h"
#include "verbs.h"
#include "wrap.h"

#include <stdio.h>
#include <string.h>

/* Only a KEK that an HSM admin vouched for, on this side of the wall. */
static bool
check_kek(const struct session *session, const struct public_key *kek, struct fault *fault)
{
	char fingerprint[DIGEST_HEX_SIZE];
	bool enrolled;

	/* Soundness first: no enrolment makes an exponent of 1 good. */
	if (!kek_check(kek, fault) || !publickey_fingerprint(kek, fingerprint, fault) ||
	    !enrolled_has(session, kek, &enrolled, fault))
		return false;
	if (!enrolled)
		return fault_set(fault, FAULT_PERMISSION, "The KEK with SHA-256 %s is not enrolled "
		    "for token '%s', so nothing is wrapped under it; an HSM admin enrolls it "
		    "with keyturn kek enroll, after comparing the fingerprint", fingerprint,
		    session->token.label);
	return true;
}

static bool
choose_route(const struct session *session, struct preflight *ret_preflight,
    struct fault *fault)
{
	struct preflight preflight = { .chosen = HSM_ROUTE_NONE };
	char text[FAULT_TEXT_MAX / 2];
	size_t used = 0;

	if (!preflight_run(session, &preflight, fault))
		return false;
	if (preflight.chosen != HSM_ROUTE_NONE) {
		*ret_preflight = preflight;
		return true;
	}

	/*
	 * Say for every route why not, since the remedy is at the HSM or in the
	 * settings.
	 */
	text[0] = 0;
	for (unsigned route = HSM_ROUTE_NONE + 1; route < HSM_ROUTE_COUNT; route++)
		if (used < sizeof text)
			used += (size_t)snprintf(text + used, sizeof text - used, "; %s: %s%s",
			    hsm_route_name(route), preflight.routes[route].reason,
			    preflight.routes[route].verdict == HSM_WRAP_ZERO_PADDED
			    ? " (accept_zero_padded in the token's settings, or byok create "
			    "--accept-zero-padded, would allow it)" : "");
	return fault_set(fault, FAULT_REFUSED, "Token '%s' has no wrap route that the preflight "
	    "proved%s", session->token.label, text);
}

/* The key must be whole, still allowed out, and never have been readable. */
static bool
find_target(const struct session *session, const struct hsm_name *name, struct pair *ret_pair,
    struct fault *fault)
{
	enum prove_result result;
	char text[PAIR_TEXT];
	bool found;

	pair_text(name, text);
	if (!pair_find(session, name, ret_pair, &found, fault))
		return false;
	if (!found || !ret_pair->key.has_private)
		return fault_set(fault, FAULT_NOT_FOUND, "Wrap %s: token '%s' holds no such private "
		    "key", text, session->token.label);
	if (!prove_pair(session, ret_pair, &result, fault))
		return false;
	if (result != PROVE_WORKS)
		return fault_set(fault, FAULT_REFUSED, "Wrap %s: its signature does not verify under "
		    "its public key, so it is not a whole key", text);
	if (ret_pair->key.extractable == HSM_NO)
		return fault_set(fault, FAULT_REFUSED, "Wrap %s: it is sealed (CKA_EXTRACTABLE is "
		    "false) and cannot leave token '%s' any more", text, session->token.label);
	if (ret_pair->key.sensitive == HSM_NO)
		return fault_set(fault, FAULT_REFUSED, "Wrap %s: token '%s' shows its value in the "
		    "clear (CKA_SENSITIVE is false); keyturn carries no such key", text,
		    session->token.label);
	return true;
}

bool
verb_transfer(struct hsm *hsm, const struct hsm_name *name, const struct public_key *kek,
    struct hsm_transfer *ret_transfer, struct fault *fault)
{
	struct session *session = session_of(hsm);
	struct preflight preflight = { .chosen = HSM_ROUTE_NONE };
	struct pair pair;
	char text[PAIR_TEXT];
	CK_RV rv;

	if (!check_kek(session, kek, fault) || !find_target(session, name, &pair, fault) ||
	    !choose_route(session, &preflight, fault))
		return false;

	/* From here on it is the code that the preflight has just watched. */
	struct wrapping wrapping = { preflight.chosen, pair.private_half, kek };
	if (!wrap_blob(session, &wrapping, ret_transfer, &rv, fault))
		return fault_prefix(fault, "Wrap %s", pair_text(name, text));
	ret_transfer->zero_padded = preflight.zero_padded;
	return true;
}
