#ifndef TOKENS_H
#define TOKENS_H

/*
 * Real tokens for the tests of the HSM room: SoftHSM2 (package softhsm2) and,
 * where certutil and the library are there, NSS softokn (packages libnss3,
 * libnss3-tools). Each test makes its own in a new directory. Header-only,
 * since every test here is one file.
 *
 * Quirks, so that a surprise in a test is none:
 *   SoftHSM2  CKM_AES_KEY_WRAP_PAD is RFC 5649 over a zero-padded PKCS #8; no
 *             KWP, no native route.
 *   NSS       KWP exact, PAD is something else; CKA_EXTRACTABLE false is stored
 *             and not enforced; wants module arguments.
 */

#include "token.h"

#include "cryptoki.h"
#include "disk.h"
#include "scope.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <ftw.h>
#include <openssl/rsa.h>
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define SOFTHSM_MODULE "/usr/lib/softhsm/libsofthsm2.so"
#define NSS_MODULE "/usr/lib/x86_64-linux-gnu/libsoftokn3.so"
#define TOKEN_PIN "1234"
#define NSS_PIN "Passw0rd1"

extern char **environ;

/* A directory with a token in it, and the settings to open it. */
struct test_token {
	char directory[64];
	char pin_file[96], enrolled_file[96], uri[64], arguments[256];
	struct token_options options;
};

/* A fault in a test is told in full. */
#define assert_done(expression, fault)                                       \
	do {                                                                 \
		if (!(expression))                                           \
			fail_msg("%s: %s", #expression, (fault).text);       \
	} while (0)

#define assert_says(fault, word)                                             \
	do {                                                                 \
		if (strstr((fault).text, (word)) == NULL)                    \
			fail_msg("'%s' does not say '%s'", (fault).text, (word)); \
	} while (0)

static inline void
write_text(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fputs(text, file) >= 0, 1);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static inline bool
run_program(char *const argv[])
{
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	int result = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return result == 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	    WEXITSTATUS(status) == 0;
}

static inline void
softhsm_init_token(const char *label)
{
	char text[64];

	snprintf(text, sizeof text, "%s", label);
	char *argv[] = { (char[]){ "softhsm2-util" }, (char[]){ "--init-token" },
		(char[]){ "--free" }, (char[]){ "--label" }, text, (char[]){ "--pin" },
		(char[]){ TOKEN_PIN }, (char[]){ "--so-pin" }, (char[]){ "12345678" }, NULL };
	assert_true(run_program(argv));
}

static inline void
test_token_common(struct test_token *token, const char *pin)
{
	memset(token, 0, sizeof *token);
	strcpy(token->directory, "/tmp/keyturn-test-XXXXXX");
	assert_non_null(mkdtemp(token->directory));
	snprintf(token->pin_file, sizeof token->pin_file, "%s/pin", token->directory);
	snprintf(token->enrolled_file, sizeof token->enrolled_file, "%s/keks", token->directory);
	write_text(token->pin_file, pin, 0600);
	token->options.pin_file = token->pin_file;
	token->options.enrolled_file = token->enrolled_file;
	token->options.token_uri = token->uri;
}

/* A SoftHSM2 store with one token, "t1". SOFTHSM2_CONF names it from here on. */
static inline void
softhsm_make(struct test_token *token)
{
	char path[96], text[256];

	test_token_common(token, TOKEN_PIN "\n");
	snprintf(path, sizeof path, "%s/tokens", token->directory);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/softhsm2.conf", token->directory);
	snprintf(text, sizeof text, "directories.tokendir = %s/tokens/\n"
	    "objectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n",
	    token->directory);
	write_text(path, text, 0600);
	assert_int_equal(setenv("SOFTHSM2_CONF", path, 1), 0);
	softhsm_init_token("t1");
	strcpy(token->uri, "pkcs11:token=t1");
	token->options.module_path = SOFTHSM_MODULE;
}

static inline bool
nss_is_there(void)
{
	return access(NSS_MODULE, R_OK) == 0 && access("/usr/bin/certutil", X_OK) == 0;
}

/* An NSS database as a token, "byoktok". */
static inline void
nss_make(struct test_token *token)
{
	char database[80], pin[96];

	test_token_common(token, NSS_PIN);
	snprintf(database, sizeof database, "sql:%s", token->directory);
	snprintf(pin, sizeof pin, "%s", token->pin_file);
	char *argv[] = { (char[]){ "certutil" }, (char[]){ "-N" }, (char[]){ "-d" }, database,
		(char[]){ "-f" }, pin, NULL };
	assert_true(run_program(argv));
	snprintf(token->arguments, sizeof token->arguments, "configdir='%s' certPrefix='' "
	    "keyPrefix='' secmod='secmod.db' flags= dbTokenDescription='byoktok'", database);
	strcpy(token->uri, "pkcs11:token=byoktok");
	token->options.module_path = NSS_MODULE;
	token->options.module_arguments = token->arguments;
}

static inline int
remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

static inline void
test_token_remove(struct test_token *token)
{
	nftw(token->directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static inline struct hsm *
test_token_open(const struct test_token *token)
{
	struct fault fault;
	struct hsm *hsm = NULL;

	assert_done(module_open(&token->options, disk_system(), &hsm, &fault), fault);
	return hsm;
}

/*
 * The function list of a loaded module: the very one that keyturn uses, so that
 * a test can put a function of its own into it and see how a failure or a lie
 * is met. The module stays loaded, so what is put in must be put back.
 */
static inline CK_FUNCTION_LIST *
module_functions(const char *path)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	CK_FUNCTION_LIST *functions = NULL;
	CK_C_GetFunctionList get;

	assert_non_null(handle);
	void *symbol = dlsym(handle, "C_GetFunctionList");
	memcpy(&get, &symbol, sizeof get);
	assert_int_equal(get(&functions), CKR_OK);
	dlclose(handle);
	return functions;
}

/* A name with a 16-byte id that starts with ${number}. */
static inline struct hsm_name
test_name(uint8_t number, const char *label)
{
	struct hsm_name name = { .id_size = 16 };

	for (size_t i = 0; i < name.id_size; i++)
		name.id[i] = (uint8_t)(0xa0 + i);
	name.id[0] = number;
	snprintf(name.label, sizeof name.label, "%s", label);
	return name;
}

/* A software KEK and its public half. */
static inline EVP_PKEY *
test_kek(unsigned bits, struct public_key *ret_public)
{
	EVP_PKEY *kek = EVP_RSA_gen(bits);
	struct fault fault;

	assert_non_null(kek);
	assert_done(publickey_from_evp(kek, ret_public, &fault), fault);
	return kek;
}

#endif
