#include "token.h"

#include "login.h"
#include "scope.h"
#include "session.h"
#include "tokenuri.h"
#include "utf8.h"
#include "verbs.h"

#include <string.h>

/* What module_open gathers on its way. */
struct opening {
	const struct token_options *options;
	P11KitUri *uri;
	struct session *session;
	CK_TOKEN_INFO info;
	const char *pin_file;
};

static const struct hsm_verbs verbs = {
	.token = verb_token,
	.list = verb_list,
	.find = verb_find,
	.generate = verb_generate,
	.transfer = verb_transfer,
	.seal = verb_seal,
	.sign = verb_sign,
	.destroy = verb_destroy,
	.sweep = verb_sweep,
	.check = verb_check,
	.enrolled = verb_enrolled,
	.enroll = verb_enroll,
	.close = verb_close,
};

/* What settings and URI both name must be the same: neither may quietly win. */
static bool
choose(const char *setting, const char *in_uri, const char *what, const char **ret_text,
    struct fault *fault)
{
	if (setting != NULL && in_uri != NULL && strcmp(setting, in_uri) != 0)
		return fault_set(fault, FAULT_SETTINGS, "The token URI names '%s' as %s, but the "
		    "settings name '%s'; leave it out of the URI", in_uri, what, setting);
	*ret_text = setting != NULL ? setting : in_uri;
	return true;
}

/*
 * Blank-padded text of PKCS #11 as a string; control characters and bytes that
 * are not UTF-8, which PKCS #11 asks for, become '?'.
 */
static void
copy_blank_padded(char *text, const unsigned char *padded, size_t size)
{
	while (size > 0 && (padded[size - 1] == ' ' || padded[size - 1] == 0))
		size--;
	for (size_t i = 0, step; i < size; i += step) {
		step = utf8_size(padded + i, size - i);
		if (step == 0 || padded[i] < 0x20 || padded[i] == 0x7f) {
			text[i] = '?';
			step = 1;
		} else {
			memcpy(text + i, padded + i, step);
		}
	}
	text[size] = 0;
}

/* The admin's view of CK_TOKEN_INFO (PKCS #11 v2.40 base, 3.2). */
static void
describe_token(const CK_TOKEN_INFO *info, const char *module, struct hsm_token *token)
{
	struct hsm_token described = { .module = "" };

	snprintf(described.module, sizeof described.module, "%s", module);
	*token = described;
	copy_blank_padded(token->label, info->label, sizeof info->label);
	copy_blank_padded(token->manufacturer, info->manufacturerID,
	    sizeof info->manufacturerID);
	copy_blank_padded(token->model, info->model, sizeof info->model);
	copy_blank_padded(token->serial, info->serialNumber, sizeof info->serialNumber);
	snprintf(token->firmware, sizeof token->firmware, "%u.%u",
	    (unsigned)info->firmwareVersion.major, (unsigned)info->firmwareVersion.minor);
}

/* Take the module, and note its path at once: errors about tokens name it. */
static bool
load(struct opening *opening, struct fault *fault)
{
	const struct token_options *options = opening->options;
	const char *path;

	if (!choose(options->module_path, p11_kit_uri_get_module_path(opening->uri),
	    "the module", &path, fault))
		return false;
	if (path == NULL)
		return fault_set(fault, FAULT_SETTINGS, "No PKCS #11 module is named for '%s': "
		    "name it in the settings, or in the URI as module-path=PATH",
		    options->token_uri);
	if (!library_take(path, options->module_arguments, &opening->session->library, fault))
		return false;
	opening->session->f = library_functions(opening->session->library);
	snprintf(opening->session->token.module, sizeof opening->session->token.module, "%s",
	    path);
	return true;
}

/*
 * Look into every slot; note in ${others} the labels of tokens that the URI
 * does not mean.
 */
static bool
count_matches(struct opening *opening, size_t *ret_matches, char *others, size_t room,
    struct fault *fault)
{
	SCOPE(free) CK_SLOT_ID *slots = NULL;
	struct session *session = opening->session;
	struct hsm_token token;
	size_t count, matches = 0, used = 0;
	CK_TOKEN_INFO info;

	if (!library_slots(session->library, &slots, &count, fault))
		return false;
	others[0] = 0;
	for (size_t i = 0; i < count; i++) {
		if (session->f->C_GetTokenInfo(slots[i], &info) != CKR_OK ||
		    (info.flags & CKF_TOKEN_INITIALIZED) == 0)
			continue;
		if (tokenuri_matches(opening->uri, slots[i], &info)) {
			session->slot = slots[i];
			opening->info = info;
			matches++;
		}
		describe_token(&info, "", &token);
		if (used < room)
			used += (size_t)snprintf(others + used, room - used, "%s'%s' (serial %s)",
			    used == 0 ? "" : ", ", token.label, token.serial);
	}
	*ret_matches = matches;
	return true;
}

/* Exactly one: an operator who named none or several has to say which. */
static bool
find_token(struct opening *opening, struct fault *fault)
{
	char others[512];
	size_t matches;

	if (!count_matches(opening, &matches, others, sizeof others, fault))
		return false;
	if (matches == 0)
		return fault_set(fault, FAULT_UNAVAILABLE, "No token answers to '%s'; the module "
		    "%s shows %s%s. Is the HSM connected, and the name right?",
		    opening->options->token_uri, opening->session->token.module,
		    others[0] == 0 ? "none" : "", others);
	if (matches > 1)
		return fault_set(fault, FAULT_SETTINGS, "%zu tokens answer to '%s': %s; add a "
		    "serial to the URI", matches, opening->options->token_uri, others);
	describe_token(&opening->info, opening->session->token.module,
	    &opening->session->token);
	return true;
}

/* Log in by libp11, then open the raw session, which shares the login. */
static bool
enter(struct opening *opening, struct fault *fault)
{
	struct session *session = opening->session;
	const char *uri_pin_file;
	CK_RV rv;

	if (!tokenuri_pin_file(opening->uri, &uri_pin_file, fault) ||
	    !choose(opening->options->pin_file, uri_pin_file, "the PIN file",
	    &opening->pin_file, fault))
		return false;
	struct login login = {
		.library = session->library,
		.slot = session->slot,
		.info = &opening->info,
		.label = session->token.label,
		.serial = session->token.serial,
		.pin_file = opening->pin_file,
	};
	if (!login_user(&login, fault))
		return false;

	/* Read-write, since a read-only session makes no token keys and seals none. */
	rv = session->f->C_OpenSession(session->slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL,
	    NULL, &session->handle);
	if (rv != CKR_OK) {
		library_logout(session->library, session->slot);
		return ckr_fault(fault, rv, session_place(session, "C_OpenSession"),
		    "Open a read-write session");
	}
	session->hsm.verbs = &verbs;
	return true;
}

/* The caller's strings may go after module_open. */
static bool
keep_text(const char *text, char **ret_copy, struct fault *fault)
{
	if (text != NULL && (*ret_copy = strdup(text)) == NULL)
		return fault_system(fault, "Memory for the settings of a token");
	return true;
}

bool
module_open(const struct token_options *options, const struct disk *disk,
    struct hsm **ret_hsm, struct fault *fault)
{
	struct opening opening = { .options = options };
	struct session *session = calloc(1, sizeof *session);

	if (session == NULL)
		return fault_system(fault, "Memory for a session");
	opening.session = session;
	session->disk = disk;
	session->accept_zero_padded = options->accept_zero_padded;
	if (!keep_text(options->enrolled_file, &session->enrolled_file, fault) ||
	    !keep_text(options->allowed_kek, &session->allowed_kek, fault) ||
	    !tokenuri_parse(options->token_uri, &opening.uri, fault))
		goto failed;
	if (!load(&opening, fault) || !find_token(&opening, fault) || !enter(&opening, fault))
		goto failed;
	p11_kit_uri_free(opening.uri);
	*ret_hsm = &session->hsm;
	return true;

failed:
	if (opening.uri != NULL)
		p11_kit_uri_free(opening.uri);
	verb_close(&session->hsm);
	return false;
}

/* The raw work ends first, the login next, the module last. */
void
verb_close(struct hsm *hsm)
{
	struct session *session = session_of(hsm);

	/* The verbs are set once the session is open. */
	if (session->hsm.verbs != NULL) {
		session->f->C_CloseSession(session->handle);
		library_logout(session->library, session->slot);
	}
	library_give(session->library);
	free(session->enrolled_file);
	free(session->allowed_kek);
	free(session);
}

bool
verb_token(struct hsm *hsm, struct hsm_token *ret_token, struct fault *fault)
{
	struct session *session = session_of(hsm);
	CK_TOKEN_INFO info;
	CK_RV rv = session->f->C_GetTokenInfo(session->slot, &info);

	if (rv != CKR_OK)
		return ckr_fault(fault, rv, session_place(session, "C_GetTokenInfo"),
		    "Look at the token");
	describe_token(&info, session->token.module, ret_token);
	return true;
}
