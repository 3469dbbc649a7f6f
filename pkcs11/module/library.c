#include "library.h"

#include "ckr.h"

#include <dlfcn.h>
#include <errno.h>
#include <libp11.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SEATS_MAX = 16 };		/* tokens of one module that are logged in at once */

struct library {
	struct library *next;
	unsigned users;
	char *path, *arguments;
	void *handle;			/* the dynamic linker's, the same object that libp11 has */
	PKCS11_CTX *context;
	PKCS11_SLOT *slots;
	unsigned slot_count;
	CK_FUNCTION_LIST *functions;
	struct { CK_SLOT_ID slot; unsigned users; } seats[SEATS_MAX];
};

/*
 * What is loaded, and the gate before it: load, login, logout and unload happen
 * one at a time.
 */
static struct library *loaded;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

/*
 * The return value behind the last failure of libp11, which leaves it on
 * OpenSSL's error queue.
 */
static CK_RV
last_rv(void)
{
	int reason = ERR_GET_REASON(ERR_peek_last_error());

	return reason == 0 ? CKR_GENERAL_ERROR : (CK_RV)reason;
}

static bool
library_fault(const struct library *library, const char *function, struct fault *fault)
{
	char name[CKR_TEXT];
	CK_RV rv = last_rv();

	return fault_set(fault, FAULT_UNAVAILABLE, "Start the PKCS #11 module %s: %s answered "
	    "%s. %s", library->path, function, ckr_name(rv, name), ckr_advice(rv));
}

/*
 * Take down in reverse order; any part may be missing. C_Finalize is in
 * PKCS11_CTX_unload, always.
 */
static void
library_free(struct library *library)
{
	if (library == NULL)
		return;
	if (library->slots != NULL)
		PKCS11_release_all_slots(library->context, library->slots,
		    library->slot_count);
	if (library->functions != NULL)
		PKCS11_CTX_unload(library->context);
	if (library->context != NULL)
		PKCS11_CTX_free(library->context);
	if (library->handle != NULL)
		dlclose(library->handle);
	free(library->path);
	free(library->arguments);
	free(library);
}

/*
 * The dynamic linker's own words name what is wrong with the file, so ask it
 * before libp11 does. The code stays mapped for good: modules leave threads and
 * exit handlers behind that would otherwise run into nothing.
 */
static bool
find_functions(struct library *library, CK_C_GetFunctionList *ret_get, struct fault *fault)
{
	library->handle = dlopen(library->path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (library->handle == NULL)
		return fault_set(fault, FAULT_UNAVAILABLE, "Load the PKCS #11 module: %s; look "
		    "at the module's path in the settings", dlerror());

	/*
	 * POSIX lets a data pointer become a function pointer; ISO C wants it
	 * copied.
	 */
	void *symbol = dlsym(library->handle, "C_GetFunctionList");
	if (symbol == NULL)
		return fault_set(fault, FAULT_UNAVAILABLE, "%s is no PKCS #11 module: it has no "
		    "C_GetFunctionList", library->path);
	memcpy(ret_get, &symbol, sizeof symbol);
	return true;
}

/* libp11 initializes; the raw side only asks the same module for its functions. */
static bool
library_load(struct library *library, struct fault *fault)
{
	CK_C_GetFunctionList get;

	if (!find_functions(library, &get, fault))
		return false;
	if ((library->context = PKCS11_CTX_new()) == NULL)
		return fault_set(fault, FAULT_SYSTEM, "Memory for libp11");
	if (library->arguments != NULL)
		PKCS11_CTX_init_args(library->context, library->arguments);

	/* SoftHSM2 shares libcrypto with us and leaves noise on the queue. */
	ERR_clear_error();
	if (PKCS11_CTX_load(library->context, library->path) != 0)
		return library_fault(library, "C_Initialize", fault);
	if (get(&library->functions) != CKR_OK || library->functions == NULL) {
		PKCS11_CTX_unload(library->context);
		return fault_set(fault, FAULT_UNAVAILABLE, "%s gives no list of its functions "
		    "(C_GetFunctionList)", library->path);
	}
	return true;
}

static bool
library_new(const char *path, const char *arguments, struct library **ret_library,
    struct fault *fault)
{
	struct library *library = calloc(1, sizeof *library);

	if (library == NULL)
		goto no_memory;
	if ((library->path = strdup(path)) == NULL)
		goto no_memory;
	if (arguments != NULL && (library->arguments = strdup(arguments)) == NULL)
		goto no_memory;
	if (!library_load(library, fault))
		goto failed;
	*ret_library = library;
	return true;

no_memory:
	fault_system(fault, "Memory for the PKCS #11 module %s", path);
failed:
	library_free(library);
	return false;
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* The gate is held. */
static bool
library_share(const char *path, const char *arguments, struct library **ret_library,
    struct fault *fault)
{
	struct library *library = loaded;

	while (library != NULL && strcmp(library->path, path) != 0)
		library = library->next;
	if (library != NULL && !same_text(library->arguments, arguments))
		return fault_set(fault, FAULT_SETTINGS, "The PKCS #11 module %s is in use with "
		    "other module arguments; tokens of one module must agree on them", path);
	if (library == NULL) {
		if (!library_new(path, arguments, &library, fault))
			return false;
		library->next = loaded;
		loaded = library;
	}
	library->users++;
	*ret_library = library;
	return true;
}

bool
library_take(const char *path, const char *arguments, struct library **ret_library,
    struct fault *fault)
{
	bool done;

	pthread_mutex_lock(&gate);
	done = library_share(path, arguments, ret_library, fault);
	pthread_mutex_unlock(&gate);
	return done;
}

void
library_give(struct library *library)
{
	struct library **link = &loaded;

	if (library == NULL)
		return;
	pthread_mutex_lock(&gate);
	if (--library->users == 0) {
		while (*link != library)
			link = &(*link)->next;
		*link = library->next;
		library_free(library);
	}
	pthread_mutex_unlock(&gate);
}

CK_FUNCTION_LIST *
library_functions(const struct library *library)
{
	return library->functions;
}

/*
 * Ask anew only while nobody is logged in: libp11's slots carry its sessions,
 * and 0.4.12 cannot update them in use.
 */
static bool
refresh_slots(struct library *library, struct fault *fault)
{
	for (size_t i = 0; i < SEATS_MAX; i++)
		if (library->seats[i].users > 0)
			return true;
	if (library->slots != NULL)
		PKCS11_release_all_slots(library->context, library->slots,
		    library->slot_count);
	library->slots = NULL;
	library->slot_count = 0;
	ERR_clear_error();
	if (PKCS11_enumerate_slots(library->context, &library->slots,
	    &library->slot_count) != 0)
		return library_fault(library, "C_GetSlotList", fault);
	return true;
}

bool
library_slots(struct library *library, CK_SLOT_ID **ret_slots, size_t *ret_count,
    struct fault *fault)
{
	CK_SLOT_ID *slots = NULL;
	size_t count = 0;

	pthread_mutex_lock(&gate);
	bool done = refresh_slots(library, fault);
	if (done && (slots = calloc(library->slot_count + 1, sizeof *slots)) == NULL)
		done = fault_system(fault, "Memory for %u slots", library->slot_count);
	for (unsigned i = 0; done && i < library->slot_count; i++)
		if (library->slots[i].token != NULL)
			slots[count++] = PKCS11_get_slotid_from_slot(&library->slots[i]);
	pthread_mutex_unlock(&gate);
	if (!done)
		return false;
	*ret_slots = slots;
	*ret_count = count;
	return true;
}

static PKCS11_SLOT *
find_slot(struct library *library, CK_SLOT_ID slot)
{
	for (unsigned i = 0; i < library->slot_count; i++)
		if (PKCS11_get_slotid_from_slot(&library->slots[i]) == slot)
			return &library->slots[i];
	return NULL;
}

/* The seat of that slot, or a free one. */
static unsigned *
find_seat(struct library *library, CK_SLOT_ID slot)
{
	size_t free_seat = SEATS_MAX;

	for (size_t i = 0; i < SEATS_MAX; i++) {
		if (library->seats[i].users > 0 && library->seats[i].slot == slot)
			return &library->seats[i].users;
		if (library->seats[i].users == 0)
			free_seat = i;
	}
	if (free_seat == SEATS_MAX)
		return NULL;
	library->seats[free_seat].slot = slot;
	return &library->seats[free_seat].users;
}

/*
 * The session first: libp11's first one closes all sessions, which after the
 * login would undo it.
 */
static bool
login_slot(PKCS11_SLOT *slot, const char *token_label, const struct secret *pin,
    struct fault *fault)
{
	ERR_clear_error();
	if (PKCS11_open_session(slot, 1) != 0)
		return ckr_fault(fault, last_rv(),
		    (struct ckr_place){ "C_OpenSession", token_label }, "Log in");
	ERR_clear_error();
	if (PKCS11_login(slot, 0, pin == NULL ? NULL : secret_text(pin)) != 0)
		return ckr_fault(fault, last_rv(),
		    (struct ckr_place){ "C_Login", token_label }, "Log in");
	return true;
}

bool
library_login(struct library *library, CK_SLOT_ID slot_id, const char *token_label,
    const struct secret *pin, struct fault *fault)
{
	bool done = false;

	pthread_mutex_lock(&gate);
	PKCS11_SLOT *slot = find_slot(library, slot_id);
	unsigned *users = find_seat(library, slot_id);
	if (slot == NULL || users == NULL)
		fault_set(fault, FAULT_UNAVAILABLE, "Log in to token '%s': its slot is gone, or "
		    "more than %d tokens are in use at once", token_label, SEATS_MAX);
	else if (*users > 0 || login_slot(slot, token_label, pin, fault))
		done = true;
	if (done)
		++*users;
	pthread_mutex_unlock(&gate);
	return done;
}

bool
library_is_logged_in(struct library *library, CK_SLOT_ID slot)
{
	pthread_mutex_lock(&gate);
	const unsigned *users = find_seat(library, slot);
	bool logged_in = users != NULL && *users > 0;
	pthread_mutex_unlock(&gate);
	return logged_in;
}

void
library_logout(struct library *library, CK_SLOT_ID slot_id)
{
	pthread_mutex_lock(&gate);
	unsigned *users = find_seat(library, slot_id);
	PKCS11_SLOT *slot = find_slot(library, slot_id);
	if (users != NULL && *users > 0 && --*users == 0 && slot != NULL)
		PKCS11_logout(slot);
	pthread_mutex_unlock(&gate);
}
