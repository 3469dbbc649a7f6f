/*
 * The preflight against modules that have the native route, lie, fail or
 * forbid: real modules with one function of theirs replaced.
 */
#include "tokens.h"

#include "preflight.h"
#include "session.h"
#include "wrap.h"

static CK_FUNCTION_LIST *list;
static CK_FUNCTION_LIST real;
static CK_RV refusal;
static unsigned wraps;

static void
patch(const char *module)
{
	list = module_functions(module);
	real = *list;
	wraps = 0;
}

static void
restore(void)
{
	*list = real;
}

/*
 * CKM_RSA_AES_KEY_WRAP as its definition reads, built from the module's own
 * OAEP and a key wrap.
 */
static CK_MECHANISM_TYPE inner_wrap;

static CK_RV
native_wrap(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE kek,
    CK_OBJECT_HANDLE key, CK_BYTE *output, CK_ULONG *size)
{
	if (mechanism->mechanism != CKM_RSA_AES_KEY_WRAP)
		return real.C_WrapKey(session, mechanism, kek, key, output, size);
	CK_RSA_AES_KEY_WRAP_PARAMS *params = mechanism->pParameter;
	CK_MECHANISM make = { CKM_AES_KEY_GEN, NULL, 0 }, inner = { inner_wrap, NULL, 0 };
	CK_MECHANISM oaep = { CKM_RSA_PKCS_OAEP, params->pOAEPParams,
		sizeof *params->pOAEPParams };
	CK_ULONG aes_size = params->ulAESKeyBits / 8, first = *size, second;
	CK_BBOOL yes = CK_TRUE;
	CK_OBJECT_HANDLE aes;
	CK_ATTRIBUTE template[] = { ATTRIBUTE_OF(CKA_VALUE_LEN, aes_size),
		ATTRIBUTE_OF(CKA_EXTRACTABLE, yes), ATTRIBUTE_OF(CKA_WRAP, yes) };
	CK_RV rv = real.C_GenerateKey(session, &make, template, 3, &aes);

	assert_int_equal(params->ulAESKeyBits, 256);
	if (rv != CKR_OK)
		return rv;
	rv = real.C_WrapKey(session, &oaep, kek, aes, output, &first);
	second = *size - first;
	if (rv == CKR_OK)
		rv = real.C_WrapKey(session, &inner, aes, key, output + first, &second);
	real.C_DestroyObject(session, aes);
	*size = first + second;
	return rv;
}

static struct preflight
run_all(struct hsm *hsm)
{
	struct preflight preflight;
	struct fault fault;

	assert_done(preflight_run_all(session_of(hsm), &preflight, &fault), fault);
	return preflight;
}

static size_t
count_objects(struct hsm *hsm)
{
	struct handles all;
	struct fault fault;

	assert_done(object_search(session_of(hsm), NULL, 0, &all, &fault), fault);
	free(all.list);
	return all.count;
}

static void
the_native_route_is_preferred_where_it_is_exact(void **state)
{
	struct hsm_name name = test_name(1, "native");
	struct hsm_transfer transfer;
	struct test_token token;
	struct public_key kek;
	struct hsm_key key;
	struct fault fault;

	(void)state;
	if (!nss_is_there())
		skip();
	SCOPE(evp_pkey) EVP_PKEY *private_kek = test_kek(2048, &kek);
	assert_non_null(private_kek);
	nss_make(&token);
	patch(NSS_MODULE);
	inner_wrap = CKM_AES_KEY_WRAP_KWP;
	list->C_WrapKey = native_wrap;
	struct hsm *hsm = test_token_open(&token);
	struct preflight preflight = run_all(hsm);
	assert_int_equal(preflight.routes[HSM_ROUTE_RSA_AES_KEY_WRAP].verdict, HSM_WRAP_EXACT);
	assert_int_equal(preflight.chosen, HSM_ROUTE_RSA_AES_KEY_WRAP);
	assert_false(preflight.zero_padded);
	assert_done(hsm_enroll(hsm, &kek, "test", &fault), fault);
	assert_done(hsm_generate(hsm, &name, (struct key_shape){ KEY_RSA, 2048 }, &key, &fault),
	    fault);
	assert_done(hsm_transfer(hsm, &name, &kek, &transfer, &fault), fault);
	assert_int_equal(transfer.route, HSM_ROUTE_RSA_AES_KEY_WRAP);
	hsm_close(hsm);
	restore();
	test_token_remove(&token);
}

static void
a_native_route_that_zero_pads_needs_the_setting_too_and_seals(void **state)
{
	struct hsm_name name = test_name(1, "native");
	struct test_token token;
	struct hsm_key key;
	struct fault fault;

	(void)state;
	softhsm_make(&token);
	patch(SOFTHSM_MODULE);
	inner_wrap = CKM_AES_KEY_WRAP_PAD;
	list->C_WrapKey = native_wrap;
	struct hsm *hsm = test_token_open(&token);
	struct preflight preflight = run_all(hsm);
	assert_int_equal(preflight.routes[HSM_ROUTE_RSA_AES_KEY_WRAP].verdict,
	    HSM_WRAP_ZERO_PADDED);
	assert_int_equal(preflight.chosen, HSM_ROUTE_NONE);
	session_of(hsm)->accept_zero_padded = true;
	preflight = run_all(hsm);
	assert_int_equal(preflight.chosen, HSM_ROUTE_RSA_AES_KEY_WRAP);
	assert_true(preflight.zero_padded);
	assert_done(hsm_generate(hsm, &name, (struct key_shape){ KEY_EC, 256 }, &key, &fault),
	    fault);
	assert_done(hsm_seal(hsm, &name, &fault), fault);
	assert_int_equal(count_objects(hsm), 2);
	hsm_close(hsm);
	restore();
	test_token_remove(&token);
}

static CK_RV
refusing_wrap(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE kek,
    CK_OBJECT_HANDLE key, CK_BYTE *output, CK_ULONG *size)
{
	(void)session;
	(void)mechanism;
	(void)kek;
	(void)key;
	(void)output;
	(void)size;
	wraps++;
	return refusal;
}

static void
a_policy_or_a_fault_ends_the_search_for_a_route(void **state)
{
	static const struct { CK_RV rv; bool stops; enum fault_code code; } rows[] = {
		{ CKR_MECHANISM_INVALID, false, 0 },
		{ CKR_KEY_TYPE_INCONSISTENT, false, 0 },
		{ CKR_DATA_LEN_RANGE, false, 0 },
		{ CKR_KEY_UNEXTRACTABLE, true, FAULT_REFUSED },
		{ CKR_KEY_NOT_WRAPPABLE, true, FAULT_REFUSED },
		{ CKR_KEY_FUNCTION_NOT_PERMITTED, true, FAULT_REFUSED },
		{ CKR_DEVICE_ERROR, true, FAULT_UNAVAILABLE },
		{ CKR_USER_NOT_LOGGED_IN, true, FAULT_UNAVAILABLE },
		{ CKR_VENDOR_DEFINED + 5, true, FAULT_UNAVAILABLE },
	};
	struct preflight preflight;
	struct test_token token;
	struct fault fault;
	char name[CKR_TEXT];

	(void)state;
	softhsm_make(&token);
	patch(SOFTHSM_MODULE);
	list->C_WrapKey = refusing_wrap;
	struct hsm *hsm = test_token_open(&token);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		refusal = rows[i].rv;
		wraps = 0;
		bool done = preflight_run(session_of(hsm), &preflight, &fault);
		assert_int_equal(done, !rows[i].stops);
		assert_int_equal(wraps, rows[i].stops ? 1 : 3);
		if (done)
			assert_int_equal(preflight.chosen, HSM_ROUTE_NONE);
		else {
			assert_int_equal(fault.code, rows[i].code);
			assert_says(fault, ckr_name(rows[i].rv, name));
			assert_says(fault, "C_WrapKey");
		}

		/* Whatever happened, no session object stays behind. */
		assert_int_equal(count_objects(hsm), 0);
	}
	hsm_close(hsm);
	restore();
	test_token_remove(&token);
}

/* A module that claims success and gives other bytes than a wrap. */
static CK_ULONG lie_size;

static CK_RV
lying_wrap(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE kek,
    CK_OBJECT_HANDLE key, CK_BYTE *output, CK_ULONG *size)
{
	CK_RV rv = real.C_WrapKey(session, mechanism, kek, key, output, size);

	if (rv == CKR_OK && mechanism->mechanism == CKM_AES_KEY_WRAP_PAD) {
		output[0] ^= 1;
		*size = lie_size != 0 ? lie_size : *size;
	}
	return rv;
}

static void
a_module_that_lies_is_not_believed(void **state)
{
	static const CK_ULONG sizes[] = { 0, 8, 81, 16384, 1UL << 40 };
	struct test_token token;

	(void)state;
	softhsm_make(&token);
	token.options.accept_zero_padded = true;
	patch(SOFTHSM_MODULE);
	list->C_WrapKey = lying_wrap;
	struct hsm *hsm = test_token_open(&token);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		lie_size = sizes[i];
		struct preflight preflight = run_all(hsm);
		assert_int_equal(preflight.routes[HSM_ROUTE_PAD].verdict, HSM_WRAP_WRONG);
		assert_int_equal(preflight.chosen, HSM_ROUTE_NONE);
		assert_string_not_equal(preflight.routes[HSM_ROUTE_PAD].reason, "");
	}
	hsm_close(hsm);
	restore();
	test_token_remove(&token);
}

/* A module that needs more room than it says, or more than keyturn first gives. */
static CK_RV
greedy_wrap(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE kek,
    CK_OBJECT_HANDLE key, CK_BYTE *output, CK_ULONG *size)
{
	if (*size < 40000)
		return CKR_BUFFER_TOO_SMALL;
	return real.C_WrapKey(session, mechanism, kek, key, output, size);
}

static void
a_module_that_wants_more_room_gets_it(void **state)
{
	struct test_token token;

	(void)state;
	softhsm_make(&token);
	token.options.accept_zero_padded = true;
	patch(SOFTHSM_MODULE);
	list->C_WrapKey = greedy_wrap;
	struct hsm *hsm = test_token_open(&token);
	assert_int_equal(run_all(hsm).chosen, HSM_ROUTE_PAD);
	hsm_close(hsm);
	restore();
	test_token_remove(&token);
}

static CK_RV
no_ec_generation(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *public,
    CK_ULONG public_count, CK_ATTRIBUTE *private, CK_ULONG private_count,
    CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key)
{
	if (mechanism->mechanism == CKM_EC_KEY_PAIR_GEN)
		return CKR_MECHANISM_INVALID;
	return real.C_GenerateKeyPair(session, mechanism, public, public_count, private,
	    private_count, public_key, private_key);
}

static void
a_token_without_curves_is_probed_with_rsa(void **state)
{
	struct test_token token;

	(void)state;
	softhsm_make(&token);
	token.options.accept_zero_padded = true;
	patch(SOFTHSM_MODULE);
	list->C_GenerateKeyPair = no_ec_generation;
	struct hsm *hsm = test_token_open(&token);
	struct preflight preflight = run_all(hsm);
	assert_int_equal(preflight.chosen, HSM_ROUTE_PAD);
	assert_true(preflight.zero_padded);
	hsm_close(hsm);
	restore();
	test_token_remove(&token);
}

/* Generates what was not asked for: a key that could be read in the clear. */
static CK_RV
careless_generation(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *public,
    CK_ULONG public_count, CK_ATTRIBUTE *private, CK_ULONG private_count,
    CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key)
{
	CK_BBOOL no = CK_FALSE;

	for (CK_ULONG i = 0; i < private_count; i++)
		if (private[i].type == CKA_SENSITIVE)
			private[i].pValue = &no;
	return real.C_GenerateKeyPair(session, mechanism, public, public_count, private,
	    private_count, public_key, private_key);
}

static void
a_key_made_otherwise_than_asked_is_not_used(void **state)
{
	struct hsm_name name = test_name(1, "careless");
	struct test_token token;
	struct hsm_key key;
	struct hsm_report report;
	struct fault fault;

	(void)state;
	softhsm_make(&token);
	patch(SOFTHSM_MODULE);
	list->C_GenerateKeyPair = careless_generation;
	struct hsm *hsm = test_token_open(&token);
	assert_false(hsm_generate(hsm, &name, (struct key_shape){ KEY_EC, 256 }, &key, &fault));
	assert_int_equal(fault.code, FAULT_REFUSED);
	assert_says(fault, "CKA_SENSITIVE");
	assert_done(hsm_check(hsm, &report, &fault), fault);
	assert_false(report.attributes_kept);
	assert_non_null(strstr(report.attributes_reason, "CKA_SENSITIVE"));
	assert_int_equal(report.chosen, HSM_ROUTE_NONE);
	hsm_close(hsm);
	restore();
	test_token_remove(&token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_native_route_is_preferred_where_it_is_exact),
		cmocka_unit_test(a_native_route_that_zero_pads_needs_the_setting_too_and_seals),
		cmocka_unit_test(a_policy_or_a_fault_ends_the_search_for_a_route),
		cmocka_unit_test(a_module_that_lies_is_not_believed),
		cmocka_unit_test(a_module_that_wants_more_room_gets_it),
		cmocka_unit_test(a_token_without_curves_is_probed_with_rsa),
		cmocka_unit_test(a_key_made_otherwise_than_asked_is_not_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
