#include "enrolled.h"

#include "kek.h"
#include "kekobject.h"
#include "scope.h"
#include "verbs.h"

#include <strings.h>

bool
enrolled_has(const struct session *session, const struct public_key *kek, bool *ret_has,
    struct fault *fault)
{
	SCOPE(kek_list) struct kek_list *list = NULL;
	char fingerprint[DIGEST_HEX_SIZE];

	if (!publickey_fingerprint(kek, fingerprint, fault))
		return false;

	/* The caller's own word, given on a command line, counts like the file's. */
	if (session->allowed_kek != NULL && strcasecmp(session->allowed_kek, fingerprint) == 0) {
		*ret_has = true;
		return true;
	}
	if (session->enrolled_file == NULL) {
		*ret_has = false;
		return true;
	}

	/* Read each time, so that what an admin strikes out is out at once. */
	if (!kek_list_read(session->enrolled_file, &list, fault))
		return false;
	*ret_has = kek_list_has(list, fingerprint);
	return true;
}

bool
enrolled_count(const struct session *session, unsigned *ret_count, struct fault *fault)
{
	SCOPE(kek_list) struct kek_list *list = NULL;
	unsigned count = session->allowed_kek != NULL ? 1 : 0;

	if (session->enrolled_file != NULL) {
		if (!kek_list_read(session->enrolled_file, &list, fault))
			return false;
		count += (unsigned)kek_list_count(list);
	}
	*ret_count = count;
	return true;
}

bool
verb_enrolled(struct hsm *hsm, const struct public_key *kek, bool *ret_enrolled,
    struct fault *fault)
{
	return enrolled_has(session_of(hsm), kek, ret_enrolled, fault);
}

bool
verb_enroll(struct hsm *hsm, const struct public_key *kek, const char *comment,
    struct fault *fault)
{
	struct session *session = session_of(hsm);
	char fingerprint[DIGEST_HEX_SIZE];

	/* What could never be wrapped under has no place on the list. */
	if (!kek_check(kek, fault) || !publickey_fingerprint(kek, fingerprint, fault))
		return false;
	if (session->enrolled_file == NULL)
		return fault_set(fault, FAULT_SETTINGS, "Token '%s' has no file of enrolled KEKs in "
		    "the settings, so none can be enrolled", session->token.label);
	return kek_list_add(session->disk, session->enrolled_file, fingerprint, comment, fault);
}
