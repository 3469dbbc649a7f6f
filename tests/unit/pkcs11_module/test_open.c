/*
 * Opening a token: which one, with which PIN, and gently.
 */
#include "tokens.h"

/* What the stand-ins below saw and do. */
static unsigned logins;
static CK_FLAGS extra_flags;
static CK_FUNCTION_LIST *list;
static CK_FUNCTION_LIST real;

static CK_RV
counting_login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG size)
{
	logins++;
	return real.C_Login(session, user, pin, size);
}

static CK_RV
flagged_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	CK_RV rv = real.C_GetTokenInfo(slot, info);

	info->flags |= extra_flags;
	return rv;
}

static int
patch_module(void **state)
{
	(void)state;
	list = module_functions(SOFTHSM_MODULE);
	real = *list;
	list->C_Login = counting_login;
	list->C_GetTokenInfo = flagged_token_info;
	return 0;
}

static int
restore_module(void **state)
{
	(void)state;
	*list = real;
	return 0;
}

static int
make_token(void **state)
{
	static struct test_token token;

	softhsm_make(&token);
	logins = 0;
	extra_flags = 0;
	*state = &token;
	return 0;
}

static int
remove_token(void **state)
{
	test_token_remove(*state);
	return 0;
}

static bool
open_fails(const struct test_token *token, struct fault *fault)
{
	struct hsm *hsm = NULL;
	bool opened = module_open(&token->options, disk_system(), &hsm, fault);

	hsm_close(hsm);
	return !opened;
}

static void
a_token_describes_itself(void **state)
{
	struct hsm *hsm = test_token_open(*state);
	struct hsm_token token;
	struct fault fault;

	assert_done(hsm_token(hsm, &token, &fault), fault);
	assert_string_equal(token.label, "t1");
	assert_string_equal(token.manufacturer, "SoftHSM project");
	assert_string_equal(token.model, "SoftHSM v2");
	assert_int_equal(strlen(token.serial), 16);
	assert_string_equal(token.firmware, "2.6");
	assert_string_equal(token.module, SOFTHSM_MODULE);
	assert_int_equal(logins, 1);
	hsm_close(hsm);
}

static void
a_wrong_pin_is_tried_once(void **state)
{
	struct test_token *token = *state;
	struct fault fault;

	write_text(token->pin_file, "9999\n", 0600);
	assert_true(open_fails(token, &fault));
	assert_int_equal(fault.code, FAULT_PERMISSION);
	assert_says(fault, "CKR_PIN_INCORRECT");
	assert_says(fault, "C_Login");
	assert_says(fault, "'t1'");
	assert_says(fault, token->pin_file);
	assert_int_equal(logins, 1);

	/*
	 * The token now says that its PIN count is low: neither this PIN nor
	 * the right one is sent.
	 */
	assert_true(open_fails(token, &fault));
	assert_int_equal(fault.code, FAULT_PERMISSION);
	assert_says(fault, "wrong PIN");
	write_text(token->pin_file, TOKEN_PIN, 0600);
	assert_true(open_fails(token, &fault));
	assert_int_equal(logins, 1);
}

static CK_RV
cleared_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	CK_RV rv = real.C_GetTokenInfo(slot, info);

	info->flags &= ~(CK_FLAGS)CKF_USER_PIN_COUNT_LOW;
	return rv;
}

static void
a_refused_pin_is_not_sent_again_even_if_the_token_says_nothing(void **state)
{
	struct test_token *token = *state;
	struct fault fault;

	list->C_GetTokenInfo = cleared_token_info;
	write_text(token->pin_file, "9998", 0600);
	assert_true(open_fails(token, &fault));
	assert_int_equal(logins, 1);
	assert_true(open_fails(token, &fault));
	assert_int_equal(fault.code, FAULT_PERMISSION);
	assert_says(fault, "refused this PIN before");
	assert_int_equal(logins, 1);

	/* Another PIN is another matter. */
	write_text(token->pin_file, TOKEN_PIN, 0600);
	hsm_close(test_token_open(token));
	assert_int_equal(logins, 2);
	list->C_GetTokenInfo = flagged_token_info;
}

static void
no_pin_is_sent_near_or_after_a_lockout(void **state)
{
	static const struct { CK_FLAGS flag; const char *word; } rows[] = {
		{ CKF_USER_PIN_COUNT_LOW, "wrong PIN" },
		{ CKF_USER_PIN_FINAL_TRY, "one more wrong PIN would lock it" },
		{ CKF_USER_PIN_LOCKED, "locked" },
		{ CKF_USER_PIN_TO_BE_CHANGED, "changed" },
	};
	struct fault fault;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		extra_flags = rows[i].flag;
		assert_true(open_fails(*state, &fault));
		assert_int_equal(fault.code, FAULT_PERMISSION);
		assert_says(fault, rows[i].word);
	}
	assert_int_equal(logins, 0);
}

static void
a_missing_token_is_named_beside_those_that_are_there(void **state)
{
	struct test_token *token = *state;
	struct fault fault;

	strcpy(token->uri, "pkcs11:token=hospital");
	assert_true(open_fails(token, &fault));
	assert_int_equal(fault.code, FAULT_UNAVAILABLE);
	assert_says(fault, "pkcs11:token=hospital");
	assert_says(fault, "'t1'");
	assert_int_equal(logins, 0);
}

static void
two_tokens_that_match_are_not_guessed_between(void **state)
{
	struct test_token *token = *state;
	struct fault fault;
	struct hsm_token described;

	softhsm_init_token("t2");
	strcpy(token->uri, "pkcs11:model=SoftHSM%20v2");
	assert_true(open_fails(token, &fault));
	assert_says(fault, "2 tokens");
	assert_int_equal(logins, 0);

	/* The serial number decides. */
	strcpy(token->uri, "pkcs11:token=t2");
	struct hsm *hsm = test_token_open(token);
	assert_done(hsm_token(hsm, &described, &fault), fault);
	hsm_close(hsm);
	snprintf(token->uri, sizeof token->uri, "pkcs11:serial=%s", described.serial);
	hsm = test_token_open(token);
	assert_done(hsm_token(hsm, &described, &fault), fault);
	assert_string_equal(described.label, "t2");
	hsm_close(hsm);
}

static void
module_and_pin_can_come_from_the_uri(void **state)
{
	struct test_token *token = *state;
	char uri[512];
	struct fault fault;

	snprintf(uri, sizeof uri, "pkcs11:token=t1;object=x?module-path=%s&pin-source=file:%s",
	    SOFTHSM_MODULE, token->pin_file);
	token->options.token_uri = uri;
	token->options.module_path = NULL;
	token->options.pin_file = NULL;
	hsm_close(test_token_open(token));

	/* But neither may contradict the settings. */
	token->options.pin_file = "/etc/keyturn/other.pin";
	assert_true(open_fails(token, &fault));
	assert_int_equal(fault.code, FAULT_SETTINGS);
	assert_says(fault, "/etc/keyturn/other.pin");
}

static void
uris_that_could_surprise_are_refused(void **state)
{
	static const struct { const char *uri, *word; } rows[] = {
		{ "pkcs11:token=t1?pin-value=1234", "pin-value" },
		{ "pkcs11:tokn=t1", "tokn" },
		{ "https://t1", "not a PKCS #11 URI" },
		{ "pkcs11:token=t1?pin-source=|pinentry", "not a file" },
	};
	struct test_token *token = *state;
	struct fault fault;

	token->options.pin_file = NULL;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		token->options.token_uri = rows[i].uri;
		assert_true(open_fails(token, &fault));
		assert_int_equal(fault.code, FAULT_SETTINGS);
		assert_says(fault, rows[i].word);
		assert_null(strstr(fault.text, "1234"));
	}
}

static void
what_is_missing_is_said(void **state)
{
	struct test_token *token = *state;
	struct fault fault;

	assert_int_equal(chmod(token->pin_file, 0644), 0);
	assert_true(open_fails(token, &fault));
	assert_int_equal(fault.code, FAULT_PERMISSION);
	token->options.pin_file = NULL;
	assert_true(open_fails(token, &fault));
	assert_int_equal(fault.code, FAULT_SETTINGS);
	assert_says(fault, "No PIN");
	token->options.module_path = NULL;
	assert_true(open_fails(token, &fault));
	assert_int_equal(fault.code, FAULT_SETTINGS);
	assert_says(fault, "No PKCS #11 module");
	token->options.module_path = "/nonexistent/module.so";
	assert_true(open_fails(token, &fault));
	assert_int_equal(fault.code, FAULT_UNAVAILABLE);
	assert_says(fault, "/nonexistent/module.so");
	assert_int_equal(logins, 0);
}

/*
 * C_Finalize and C_Logout are the process's: closing one must not pull the rug
 * from under the others.
 */
static void
several_may_be_open_at_once(void **state)
{
	struct test_token *token = *state;
	struct hsm_name name = test_name(1, "shared");
	struct hsm_key key;
	struct fault fault;
	bool found;

	softhsm_init_token("t2");
	struct hsm *one = test_token_open(token), *two = test_token_open(token);
	strcpy(token->uri, "pkcs11:token=t2");
	struct hsm *other = test_token_open(token);
	assert_int_equal(logins, 2);
	assert_done(hsm_generate(one, &name, (struct key_shape){ KEY_EC, 256 }, &key, &fault),
	    fault);
	hsm_close(one);
	assert_done(hsm_find(two, &name, &key, &found, &fault), fault);
	assert_true(found && key.has_private);
	assert_done(hsm_find(other, &name, &key, &found, &fault), fault);
	assert_false(found);
	hsm_close(other);
	assert_done(hsm_find(two, &name, &key, &found, &fault), fault);
	assert_true(found && key.has_private);
	hsm_close(two);
}

static void
a_key_is_named_by_a_uri(void **state)
{
	struct hsm_name name;
	struct fault fault;

	(void)state;
	assert_done(module_key_name("pkcs11:token=t1;object=my%20key;id=%01%ff", &name, &fault),
	    fault);
	assert_string_equal(name.label, "my key");
	assert_int_equal(name.id_size, 2);
	assert_int_equal(name.id[1], 0xff);
	assert_false(module_key_name("pkcs11:token=t1", &name, &fault));
	assert_int_equal(fault.code, FAULT_USAGE);
}

#define TOKEN_TEST(test) cmocka_unit_test_setup_teardown(test, make_token, remove_token)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TOKEN_TEST(a_token_describes_itself),
		TOKEN_TEST(a_wrong_pin_is_tried_once),
		TOKEN_TEST(a_refused_pin_is_not_sent_again_even_if_the_token_says_nothing),
		TOKEN_TEST(no_pin_is_sent_near_or_after_a_lockout),
		TOKEN_TEST(a_missing_token_is_named_beside_those_that_are_there),
		TOKEN_TEST(two_tokens_that_match_are_not_guessed_between),
		TOKEN_TEST(module_and_pin_can_come_from_the_uri),
		TOKEN_TEST(uris_that_could_surprise_are_refused),
		TOKEN_TEST(what_is_missing_is_said),
		TOKEN_TEST(several_may_be_open_at_once),
		cmocka_unit_test(a_key_is_named_by_a_uri),
	};

	return cmocka_run_group_tests(tests, patch_module, restore_module);
}
