#include "login.h"

#include "encode.h"
#include "scope.h"

#include <pthread.h>
#include <string.h>

/* Flags with which no PIN is sent, gravest first. */
static const struct {
	CK_FLAGS flag;
	const char *text;
} stops[] = {
	{ CKF_USER_PIN_LOCKED, "its PIN is locked; the security officer has to unlock it" },
	{ CKF_USER_PIN_FINAL_TRY, "one more wrong PIN would lock it, so none is sent; log in once "
	    "by hand with the right PIN (the vendor's tool, or pkcs11-tool --login "
	    "--list-objects), then correct the PIN file" },
	{ CKF_USER_PIN_COUNT_LOW, "somebody has given it a wrong PIN since the last good login, "
	    "so none is sent; look at the PIN file, then log in once by hand with the right "
	    "PIN (the vendor's tool, or pkcs11-tool --login --list-objects)" },
	{ CKF_USER_PIN_TO_BE_CHANGED, "its first PIN has to be changed before use; change it with "
	    "the vendor's tool" },
};

enum { PIN_MAX = 255, REFUSED_MAX = 32 };

/*
 * PINs refused in this process, as SHA-256 over the token's serial number and
 * the PIN.
 */
static uint8_t refused[REFUSED_MAX][DIGEST_SIZE];
static size_t refused_count;
static pthread_mutex_t refused_lock = PTHREAD_MUTEX_INITIALIZER;

/* Only the digest is kept: the PIN itself is wiped as soon as it was sent. */
static bool
digest_pin(const struct login *login, const struct secret *pin,
    uint8_t ret_digest[static DIGEST_SIZE], struct fault *fault)
{
	uint8_t text[sizeof login->info->serialNumber + PIN_MAX + 1];
	size_t serial = strlen(login->serial), size = secret_size(pin);

	memcpy(text, login->serial, serial);
	memcpy(text + serial, secret_bytes(pin), size);
	bool done = digest_sha256(text, serial + size, ret_digest, fault);
	explicit_bzero(text, sizeof text);
	return done;
}

static bool
was_refused(const uint8_t digest[static DIGEST_SIZE])
{
	bool found = false;

	pthread_mutex_lock(&refused_lock);
	for (size_t i = 0; i < refused_count; i++)
		found |= memcmp(refused[i], digest, DIGEST_SIZE) == 0;
	pthread_mutex_unlock(&refused_lock);
	return found;
}

static void
remember_refused(const uint8_t digest[static DIGEST_SIZE])
{
	pthread_mutex_lock(&refused_lock);
	if (refused_count < REFUSED_MAX)
		memcpy(refused[refused_count++], digest, DIGEST_SIZE);
	pthread_mutex_unlock(&refused_lock);
}

/* Ask the token before the PIN is even read. */
static bool
check_flags(const struct login *login, struct fault *fault)
{
	for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++)
		if ((login->info->flags & stops[i].flag) != 0)
			return fault_set(fault, FAULT_PERMISSION, "Log in to token '%s': %s",
			    login->label, stops[i].text);
	if ((login->info->flags & CKF_USER_PIN_INITIALIZED) == 0)
		return fault_set(fault, FAULT_PERMISSION, "Log in to token '%s': it has no user "
		    "PIN yet; the security officer has to set one", login->label);
	return true;
}

/* libp11 takes the PIN as a string, so a zero byte would shorten it. */
static bool
read_pin(const struct login *login, struct secret **ret_pin, struct fault *fault)
{
	SCOPE(secret) struct secret *pin = NULL;
	char what[96];

	snprintf(what, sizeof what, "the PIN of token '%s'", login->label);
	if (!secret_read(login->pin_file, what, &pin, fault))
		return false;
	if (secret_size(pin) > PIN_MAX || strlen(secret_text(pin)) != secret_size(pin))
		return fault_set(fault, FAULT_SETTINGS, "%s, which should hold %s, has more than "
		    "%d bytes or a zero byte in it", login->pin_file, what, PIN_MAX);
	*ret_pin = scope_move(pin);
	return true;
}

/* One try: what the token refuses is remembered and not sent again. */
static bool
login_with_file(const struct login *login, struct fault *fault)
{
	SCOPE(secret) struct secret *pin = NULL;
	uint8_t digest[DIGEST_SIZE];
	struct fault why;

	if (!read_pin(login, &pin, fault) || !digest_pin(login, pin, digest, fault))
		return false;
	if (was_refused(digest))
		return fault_set(fault, FAULT_PERMISSION, "Log in to token '%s': it refused this "
		    "PIN before, so it is not sent again; correct %s", login->label,
		    login->pin_file);
	if (library_login(login->library, login->slot, login->label, pin, &why))
		return true;
	if (why.code == FAULT_PERMISSION)
		remember_refused(digest);
	return fault_set(fault, why.code, "%s (PIN file: %s)", why.text, login->pin_file);
}

bool
login_user(const struct login *login, struct fault *fault)
{
	/*
	 * Whoever shares a login sends no PIN, and a token without one wants
	 * none.
	 */
	if (library_is_logged_in(login->library, login->slot))
		return library_login(login->library, login->slot, login->label, NULL, fault);
	if (!check_flags(login, fault))
		return false;
	if (login->pin_file != NULL)
		return login_with_file(login, fault);
	if ((login->info->flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0)
		return library_login(login->library, login->slot, login->label, NULL, fault);
	return fault_set(fault, FAULT_SETTINGS, "No PIN for token '%s': name its file in the "
	    "settings, or in the URI as pin-source=file:PATH", login->label);
}
