#include "sample.h"

#include "policy.h"

/* Read ${text}, which must be bad, and compare all of its problems. */
static void
expect_problems(const char *text, const char *expected)
{
	SCOPE(problems) struct problems problems = { 0 };
	struct policy *policy = NULL;
	struct fault fault = { 0 };

	assert_false(policy_parse("p.json", text, strlen(text), &policy, &problems, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	assert_null(policy);
	SCOPE(free) char *all = print_all(&problems);
	assert_string_equal(all, expected);
}

static struct policy *
expect_good(const char *text)
{
	SCOPE(problems) struct problems problems = { 0 };
	struct policy *policy = NULL;
	struct fault fault = { 0 };

	if (!policy_parse("p.json", text, strlen(text), &policy, &problems, &fault))
		fail_msg("%s", fault.text);
	assert_int_equal(problems.count, 0);
	return policy;
}

static void
every_member_arrives(void **state)
{
	SCOPE(policy) struct policy *policy = expect_good(sample);

	(void)state;
	assert_string_equal(policy->file, "p.json");
	assert_string_equal(policy->name, "radiology-cmk");
	assert_string_equal(policy->description, "R\u00f6ntgen");
	assert_int_equal(policy->key.shape.family, KEY_RSA);
	assert_int_equal(policy->key.shape.bits, 3072);
	assert_string_equal(policy->key.token, "pkcs11:token=hospital");
	assert_int_equal(policy->key.after_import, POLICY_SEAL);
	assert_int_equal(policy->key.recovery, POLICY_RECOVERY_NONE);
	assert_string_equal(policy->vault.url, "https://hospital.vault.azure.net");
	assert_string_equal(policy->vault.key_name, "radiology");
	assert_string_equal(policy->vault.kek.name, "keyturn-kek");
	assert_true(policy->rotate.scheduled);
	assert_string_equal(policy->rotate.every_text, "P90D");
	assert_int_equal(policy->rotate.every.ms, INT64_C(90) * 24 * 3600 * 1000);
	assert_int_equal(policy->service_count, 2);
	assert_string_equal(policy->services[1].kind, "dicom");
	assert_string_equal(policy->services[1].id, SAMPLE_WORKSPACE "dicomservices/pacs");
	assert_true(policy->services[1].enable_cmk);
	assert_false(policy->services[1].probe);
}

static void
what_is_left_out_has_its_default(void **state)
{
	SCOPE(free) char *by_hand = edit(sample, "  \"rotate\": { \"every\": \"P90D\" },\n", "");
	SCOPE(free) char *kept = edit(by_hand, "\"seal\",\n           \"recovery\": \"none\"", "\"keep\"");
	SCOPE(policy) struct policy *policy = expect_good(kept);

	(void)state;
	assert_false(policy->rotate.scheduled);
	assert_int_equal(policy->key.recovery, POLICY_RECOVERY_NONE);
	assert_int_equal(policy->vault.kek.bits, 4096);
	assert_false(policy->vault.kek.create);
	assert_false(policy->repair_previous);
	assert_false(policy->services[0].enable_cmk);
	assert_true(policy->services[0].probe);
}

static void
what_is_given_beats_the_default(void **state)
{
	SCOPE(free) char *kek = edit(sample, "\"keyturn-kek\"", "\"keyturn-kek\", \"bits\": 2048, \"create\": true");
	SCOPE(free) char *repair = edit(kek, "\"enabled\"", "\"enabled\", \"repair\": true");
	SCOPE(policy) struct policy *policy = expect_good(repair);

	(void)state;
	assert_int_equal(policy->vault.kek.bits, 2048);
	assert_true(policy->vault.kek.create);
	assert_true(policy->repair_previous);
}

static void
curves_become_their_bits(void **state)
{
	static const struct { const char *name; unsigned bits; } curves[] = {
		{ "\"P-256\"", 256 }, { "\"P-384\"", 384 }, { "\"P-521\"", 521 },
	};
	const char *services = strstr(sample, ",\n  \"services\"");
	SCOPE(free) char *without = edit(sample, services, "\n}\n");

	(void)state;
	for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
		SCOPE(free) char *shape = NULL;
		assert_true(asprintf(&shape, "\"EC\", \"curve\": %s", curves[i].name) > 0);
		SCOPE(free) char *text = edit(without, "\"RSA\", \"bits\": 3072", shape);
		SCOPE(policy) struct policy *policy = expect_good(text);
		assert_int_equal(policy->key.shape.family, KEY_EC);
		assert_int_equal(policy->key.shape.bits, curves[i].bits);
	}
}

static void
the_hash_is_that_of_the_bytes(void **state)
{
	SCOPE(free) char *longer = edit(sample, "\n}\n", "\n}\n\n");
	SCOPE(policy) struct policy *a = expect_good(sample), *b = expect_good(longer);
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	char hex[DIGEST_HEX_SIZE];

	(void)state;
	assert_int_equal(EVP_Digest(sample, strlen(sample), digest, &size, EVP_sha256(), NULL), 1);
	for (unsigned i = 0; i < size; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	assert_string_equal(a->sha256, hex);
	assert_string_not_equal(a->sha256, b->sha256);
}

/* One edit of the sample and all that must be said of it. */
static const struct {
	const char *old, *new, *problems;
} cases[] = {
	/* Syntax: line and column, and never the text that was stumbled over. */
	{ "\"P90D\" },", "\"P90D\" }", "p.json:9:21: this is not JSON: '}' expected; look for a missing or needless quote, comma or "
	    "bracket at or before this place\n" },
	{ "\"bits\": 3072", "\"bits\": hunter2", "p.json:4:40: this is not JSON: invalid token; look for a missing or needless quote, "
	    "comma or bracket at or before this place\n" },
	{ "\n  ]\n}\n", "\n  ]\n", "p.json:14:1: this is not JSON: '}' expected near end of file; look for a missing or needless quote, "
	    "comma or bracket at or before this place\n" },
	{ "R\u00f6ntgen", "R\xff", "p.json:3:19: this is not JSON: unable to decode byte 0xff; look for a missing or needless quote, "
	    "comma or bracket at or before this place\n" },

	/* Members that stand twice, or that nobody knows. */
	{ "\"bits\": 3072", "\"bits\": 2048, \"bits\": 3072",
	    "p.json:4:41: /key/bits: \"bits\" stands more than once in its object; keep one of them\n" },
	{ "\"bits\": 3072", "\"b\\u0069ts\": 2048, \"bits\": 3072",
	    "p.json:4:46: /key/bits: \"bits\" stands more than once in its object; keep one of them\n" },
	{ "\"recovery\"", "\"recovry\": 1, \"recovery\"", "p.json:5:12: /key/recovry: unknown member; did you mean \"recovery\"?\n" },
	{ "\"P90D\"", "\"P90D\", \"zone/~1\": \"UTC\"",
	    "p.json:8:32: /rotate/zone~1~01: unknown member; what may stand here: every\n" },
	{ "\"fhir\",", "\"fhir\", \"subscription\": 1,",
	    "p.json:11:23: /services/0/subscription: unknown member; what may stand here: kind, id, enable_cmk, probe\n" },

	/* What this version does not do must not look as if it did. */
	{ "\"P90D\"", "\"P90D\", \"window\": {}", "p.json:8:32: /rotate/window: \"window\" is not taken: keyturn has no windows "
	    "yet, and a policy that has must not be taken as obeyed; remove it\n" },
	{ "\"P90D\"", "\"P90D\", \"jitter\": \"P2D\"", "p.json:8:32: /rotate/jitter: \"jitter\" is not taken: keyturn has no jitter "
	    "yet, and a policy that has must not be taken as obeyed; remove it\n" },
	{ "\"P90D\"", "\"P90D\", \"blackouts\": []", "p.json:8:32: /rotate/blackouts: \"blackouts\" is not taken: keyturn has no "
	    "blackouts yet, and a policy that has must not be taken as obeyed; remove it\n" },
	{ "\"P90D\"", "\"P90D\", \"not_before\": \"x\"", "p.json:8:32: /rotate/not_before: \"not_before\" is not taken: keyturn has no "
	    "earliest date yet, and a policy that has must not be taken as obeyed; remove it\n" },
	{ "\"none\"", "\"vault-backup\"", "p.json:5:12: /key/recovery: \"recovery\" is \"vault-backup\"; this version takes no recovery copies and "
	    "must not be believed to: write \"none\", and know that the vault then holds the only usable copy\n" },
	{ "\"none\"", "\"hsm-backup\"", "p.json:5:12: /key/recovery: \"recovery\" is \"hsm-backup\"; this version takes no recovery copies and "
	    "must not be believed to: write \"none\", and know that the vault then holds the only usable copy\n" },

	/* Missing members: the place is their object's. */
	{ "  \"name\": \"radiology-cmk\",\n", "", "p.json:1:1: \"name\" is missing; it must be 1 to 63 lower-case letters, digits and hyphens, such "
	    "as \"radiology-cmk\", and not start with a hyphen\n" },
	{ "\"after_import\": \"seal\",", "", "p.json:4:3: /key: \"after_import\" is missing; it must be \"seal\", \"keep\" or \"destroy\"; there is no "
	    "default, because none is safe: a key that is sealed or destroyed can never be taken to a second vault, one that "
	    "is kept stays extractable\n" },
	{ ",\n           \"recovery\": \"none\"", "", "p.json:4:3: /key: \"recovery\" is missing; with \"after_import\": \"seal\" the policy must say "
	    "what helps if the vault loses the key: \"none\" is all that this version can do\n" },
	{ ", \"bits\": 3072", "", "p.json:4:3: /key: \"bits\" is missing; an RSA key needs it: 2048, 3072 or 4096\n" },
	{ "\"every\": \"P90D\"", "", "p.json:8:3: /rotate: \"every\" is missing; it must be an ISO 8601 duration longer than nothing, such as \"P90D\", "
	    "\"P6M\" or \"P1Y\"; to rotate by hand only, leave out \"rotate\"\n" },
	{ "\"kind\": \"fhir\", ", "", "p.json:11:5: /services/0: \"kind\" is missing; it must be \"fhir\" or \"dicom\"\n" },

	/* Wrong types, wrong words, wrong numbers. */
	{ "\"name\": \"radiology-cmk\"", "\"name\": 5", "p.json:2:3: /name: \"name\" is 5; it must be 1 to 63 lower-case letters, digits and hyphens, such "
	    "as \"radiology-cmk\", and not start with a hyphen\n" },
	{ "\"bits\": 3072", "\"bits\": 1024", "p.json:4:27: /key/bits: \"bits\" is 1024; it must be 2048, 3072 or 4096\n" },
	{ "\"bits\": 3072", "\"bits\": \"3072\"", "p.json:4:27: /key/bits: \"bits\" is \"3072\"; it must be 2048, 3072 or 4096\n" },
	{ "\"seal\"", "\"shred\"", "p.json:4:75: /key/after_import: \"after_import\" is \"shred\"; it must be \"seal\", \"keep\" or \"destroy\"; there is no "
	    "default, because none is safe: a key that is sealed or destroyed can never be taken to a second vault, one that "
	    "is kept stays extractable\n" },
	{ "\"enable_cmk\": true", "\"enable_cmk\": \"yes\"", "p.json:12:177: /services/1/enable_cmk: \"enable_cmk\" is \"yes\"; it must be true or "
	    "false: whether a service without a customer-managed key is given its first\n" },
	{ "{ \"keep\": \"enabled\" }", "[]", "p.json:9:3: /previous_versions: \"previous_versions\" is a list; it must be an object such as "
	    "{ \"keep\": \"enabled\" }\n" },
	{ "\"enabled\"", "\"disabled\"", "p.json:9:26: /previous_versions/keep: \"keep\" is \"disabled\"; it must be \"enabled\": data written under an earlier "
	    "version can only be read while that version is enabled\n" },
	{ "    { \"kind\": \"fhir\"", "    7, { \"kind\": \"fhir\"", "p.json:11:5: /services/0: this element of \"services\" is 7; it must be an object such as { \"kind\": "
	    "\"fhir\", \"id\": \"/subscriptions/...\" }\n" },

	/* Patterns. The token may hold a PIN, so it is never repeated; control characters are shown as escapes. */
	{ "pkcs11:token=hospital", "pkcs11:token=h?pin-value=1234", "p.json:4:41: /key/token: \"token\" is not right (it is not repeated here, since it may hold "
	    "a secret); it must be a PKCS #11 URI that names a token, such as \"pkcs11:token=hospital\", by token, manufacturer, "
	    "serial, model or slot-id, and nothing else: module and PIN belong into the settings\n" },
	{ "R\u00f6ntgen", "\\u001b[2J\u00f6", "p.json:3:3: /description: \"description\" is \"\\u001B[2J\\u00F6\"; it must be a text of at most 1000 "
	    "characters on one line\n" },
	{ "https://hospital", "https://Hospital", "p.json:6:14: /vault/url: \"url\" is \"https://Hospital.vault.azure.net\"; it must be https://NAME.vault.SUFFIX "
	    "or https://NAME.managedhsm.SUFFIX in lower case, with nothing after the host, such as \"https://hospital.vault.azure.net\"; NAME has "
	    "3 to 24 letters, digits and single hyphens and starts with a letter\n" },
	{ "\"fhir\"", "\"redis\"", "p.json:11:7: /services/0/kind: \"kind\" is \"redis\"; it must be \"fhir\" or \"dicom\"\n" },

	/* What ties members together. */
	{ "\"bits\": 3072", "\"bits\": 3072, \"curve\": \"P-256\"",
	    "p.json:4:41: /key/curve: an RSA key has no \"curve\"; remove it, or change \"type\"\n" },
	{ "\"bits\": 3072", "\"bits\": 4096", "p.json:4:27: /key/bits: the key is RSA 4096, but FHIR and DICOM services take only RSA keys of 2048 or 3072 bits, "
	    "since the store below them does; change the key, or give it a policy without services\n" },
	{ "\"RSA\", \"bits\": 3072", "\"EC\", \"curve\": \"P-256\"", "p.json:4:12: /key/type: the key is EC P-256, but FHIR and DICOM services take only RSA keys of 2048 or "
	    "3072 bits, since the store below them does; change the key, or give it a policy without services\n" },
	{ "\"keyturn-kek\"", "\"Radiology\"", "p.json:7:23: /vault/kek/name: \"Radiology\" is also the \"key_name\" (vaults do not tell upper from lower case); the key "
	    "exchange key must be a key of its own, since it may do nothing but import\n" },
	{ "\"P90D\"", "\"P0D\"", "p.json:8:15: /rotate/every: \"every\" is \"P0D\"; it must be longer than nothing, such as \"P90D\"; to rotate by hand only, leave "
	    "out \"rotate\"\n" },
	{ "fhirservices/main", "fhirservices/ma_in", "p.json:11:23: /services/0/id: \"id\" is \"" SAMPLE_WORKSPACE "fhirservices/ma_in\"; for the kind \"fhir\" it must be "
	    "/subscriptions/GUID/resourceGroups/GROUP/providers/Microsoft.HealthcareApis/workspaces/WORKSPACE/fhirservices/NAME; the name of a "
	    "service has 3 to 24 letters, digits and hyphens\n" },
	{ "workspaces/rad/fhirservices/main", "workspaces/ra/fhirservices/main", "p.json:11:23: /services/0/id: \"id\" is \"" SAMPLE_GROUP
	    "providers/Microsoft.HealthcareApis/workspaces/ra/fhirservices/main\"; for the kind \"fhir\" it must be /subscriptions/GUID/"
	    "resourceGroups/GROUP/providers/Microsoft.HealthcareApis/workspaces/WORKSPACE/fhirservices/NAME; the name of a workspace has 3 to "
	    "24 letters, digits and hyphens\n" },
	{ "\"kind\": \"dicom\", \"id\": \"" SAMPLE_WORKSPACE "dicomservices/pacs\"", "\"kind\": \"fhir\", \"id\": \"" SAMPLE_WORKSPACE "FhirServices/MAIN\"",
	    "p.json:12:23: /services/1/id: the same service as /services/0; name each once\n" },
};

static void
each_problem_has_its_place_and_says_what_would_be_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		SCOPE(free) char *text = edit(sample, cases[i].old, cases[i].new);
		expect_problems(text, cases[i].problems);
	}
}

static void
all_problems_are_told_at_once_in_the_order_of_the_text(void **state)
{
	SCOPE(free) char *one = edit(sample, "\"bits\": 3072", "\"bits\": 1, \"bitz\": 2");
	SCOPE(free) char *two = edit(one, "\"P90D\"", "90");
	SCOPE(free) char *three = edit(two, "\"key_name\": \"radiology\",", "");

	(void)state;
	expect_problems(three,
	    "p.json:4:27: /key/bits: \"bits\" is 1; it must be 2048, 3072 or 4096\n"
	    "p.json:4:38: /key/bitz: unknown member; did you mean \"bits\"?\n"
	    "p.json:6:3: /vault: \"key_name\" is missing; it must be 1 to 127 letters, digits and hyphens: the key's name in the vault\n"
	    "p.json:8:15: /rotate/every: \"every\" is 90; it must be an ISO 8601 duration longer than nothing, such as \"P90D\", \"P6M\" or "
	    "\"P1Y\"; to rotate by hand only, leave out \"rotate\"\n");
}

static void
the_fault_counts_the_problems_and_quotes_the_first(void **state)
{
	SCOPE(problems) struct problems problems = { 0 };
	SCOPE(free) char *one = edit(sample, "\"bits\": 3072", "\"bits\": 1");
	SCOPE(free) char *two = edit(one, "\"fhir\"", "\"x\"");
	struct policy *policy = NULL;
	struct fault fault = { 0 };

	(void)state;
	assert_false(policy_parse("p.json", two, strlen(two), &policy, &problems, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	assert_string_equal(fault.text, "2 problems; the first: p.json:4:27: /key/bits: \"bits\" is 1; it must be 2048, 3072 or 4096");
	assert_int_equal(problems.count, 2);
	assert_int_equal(problems.list[1].line, 11);
	assert_int_equal(problems.list[1].column, 7);
	assert_string_equal(problems.list[1].pointer, "/services/0/kind");

	/* A second file adds to the list, and its fault speaks of its own alone. */
	assert_false(policy_parse("q.json", one, strlen(one), &policy, &problems, &fault));
	assert_string_equal(fault.text, "q.json:4:27: /key/bits: \"bits\" is 1; it must be 2048, 3072 or 4096");
	assert_int_equal(problems.count, 3);
}

static void
names_too_long_for_fhir_are_told_with_the_arithmetic(void **state)
{
	char name[90];

	(void)state;
	memset(name, 'k', sizeof name);
	name[0] = name[88] = '"';
	name[89] = '\0';
	SCOPE(free) char *text = edit(sample, "\"radiology\"", name);
	expect_problems(text, "p.json:6:57: /vault/key_name: vault name (8) and key name (87) have 95 characters; a FHIR service takes at most 94: "
	    "shorten the key name to 86\n");
}

static void
words_have_names(void **state)
{
	(void)state;
	assert_string_equal(policy_after_import_name(POLICY_SEAL), "seal");
	assert_string_equal(policy_after_import_name(POLICY_KEEP), "keep");
	assert_string_equal(policy_after_import_name(POLICY_DESTROY), "destroy");
	assert_string_equal(policy_recovery_name(POLICY_RECOVERY_NONE), "none");
	assert_string_equal(policy_recovery_name(POLICY_RECOVERY_VAULT_BACKUP), "vault-backup");
	assert_string_equal(policy_recovery_name(POLICY_RECOVERY_HSM_BACKUP), "hsm-backup");
}

/* A small generator of our own, so that a failure comes back with the same texts everywhere (Knuth's MMIX constants). */
static uint32_t
next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33);
}

static void
no_text_is_both_refused_and_unexplained(void **state)
{
	static const char pieces[] = "{}[]\",:\\u019eE-+.~/\n\x7f\xc2\xff ";
	uint64_t seed = 20261122;
	unsigned good = 0;

	(void)state;
	for (unsigned round = 0; round < 3000; round++) {
		SCOPE(problems) struct problems problems = { 0 };
		SCOPE(policy) struct policy *policy = NULL;
		struct fault fault = { 0 };

		/* The sample in memory of its exact size, with some bytes changed, or its end cut off. */
		size_t size = round % 4 == 0 ? next_random(&seed) % strlen(sample) : strlen(sample);
		SCOPE(free) char *text = malloc(size + 1);
		memcpy(text, sample, size);
		for (uint32_t i = next_random(&seed) % 3; size > 0 && i > 0; i--)
			text[next_random(&seed) % size] = pieces[next_random(&seed) % (sizeof pieces - 1)];
		text = realloc(text, size > 0 ? size : 1);
		assert_non_null(text);

		if (policy_parse("p.json", text, size, &policy, &problems, &fault)) {
			good++;
			assert_int_equal(problems_total(&problems), 0);
			continue;
		}
		assert_int_equal(fault.code, FAULT_DATA);
		assert_true(problems.count > 0);
		for (size_t i = 0; i < problems.count; i++)
			assert_true(problems.list[i].line > 0 && problems.list[i].column > 0 && problems.list[i].text[0] != '\0');
	}
	assert_true(good > 100 && good < 2900);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_arrives),
		cmocka_unit_test(what_is_left_out_has_its_default),
		cmocka_unit_test(what_is_given_beats_the_default),
		cmocka_unit_test(curves_become_their_bits),
		cmocka_unit_test(the_hash_is_that_of_the_bytes),
		cmocka_unit_test(each_problem_has_its_place_and_says_what_would_be_right),
		cmocka_unit_test(all_problems_are_told_at_once_in_the_order_of_the_text),
		cmocka_unit_test(the_fault_counts_the_problems_and_quotes_the_first),
		cmocka_unit_test(names_too_long_for_fhir_are_told_with_the_arithmetic),
		cmocka_unit_test(words_have_names),
		cmocka_unit_test(no_text_is_both_refused_and_unexplained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
