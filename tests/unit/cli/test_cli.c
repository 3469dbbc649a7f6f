#include "cli.h"

#include "clock.h"
#include "disk.h"
#include "fake_rotation.h"
#include "scope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { WORDS_MAX = 16 };

#define SERVICE "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/"                 \
    "Microsoft.HealthcareApis/workspaces/rad/fhirservices/main"
#define FINGERPRINT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* What main would open: counted, and what was asked for is kept. */
static struct {
	char folder[64];		/* of policies, and the state folder */
	unsigned needs;
	int opened, closed;
} world;

/* What the last run printed. */
static struct {
	char *out, *err;
} printed;

static bool
open_world(void *context, const struct cli_request *request, struct cli_world *ret_world,
    struct problems *problems, struct fault *fault)
{
	static const char *const tokens[] = { "pkcs11:token=one", "pkcs11:token=two" };

	(void)context;
	(void)problems;
	world.opened++;
	world.needs = request->needs;
	if (request->config != NULL)
		return fault_set(fault, FAULT_SETTINGS, "There is no file %s", request->config);
	*ret_world = (struct cli_world){
		.engine = { .clock = clock_system(), .disk = disk_system(), .state = world.folder },
		.policies = world.folder, .tokens = tokens, .token_count = 2,
	};
	return true;
}

static void
close_world(void *context)
{
	(void)context;
	world.closed++;
}

/* Run "keyturn LINE" without a terminal; gives the exit status. */
static int
run(const char *line)
{
	char text[512], *words[WORDS_MAX];
	size_t out_size, err_size;
	struct cli_wiring wiring = { NULL, open_world, close_world, clock_system(), "keyturn 9.9" };
	int count = 0;

	snprintf(text, sizeof text, "keyturn %s", line);
	for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " "))
		words[count++] = word;
	words[count] = NULL;
	free(printed.out);
	free(printed.err);
	struct cli_streams streams = { fopen("/dev/null", "r"), open_memstream(&printed.out, &out_size),
		open_memstream(&printed.err, &err_size) };
	int status = cli_run(count, words, &wiring, &streams);
	fclose(streams.in);
	fclose(streams.out);
	fclose(streams.err);
	assert_true(world.closed <= world.opened);
	return status;
}

/* What --json printed, which must be one document of version 1; borrowed until the next call. */
static json_t *
document(void)
{
	static json_t *last;

	json_decref(last);
	last = json_loads(printed.out, 0, NULL);
	assert_non_null(last);
	assert_int_equal(json_integer_value(json_object_get(last, "v")), 1);
	return last;
}

static void
write_policy(const char *name, const char *key)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s.json", world.folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "{\"name\":\"%s\",\"key\":{\"type\":\"RSA\",\"bits\":3072,\"token\":\"pkcs11:token=one\","
	    "\"after_import\":\"seal\",\"recovery\":\"none\"},\"vault\":{\"url\":\"https://hospital.vault.azure.net\","
	    "\"key_name\":\"%s\",\"kek\":{\"name\":\"kek\",\"bits\":4096}},\"rotate\":{\"every\":\"P90D\"},"
	    "\"services\":[{\"kind\":\"fhir\",\"id\":\"%s\"}]}\n", name, key, SERVICE);
	fclose(file);
}

static int
setup(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof fake);
	memset(&world, 0, sizeof world);
	snprintf(world.folder, sizeof world.folder, "/tmp/keyturn-cli-XXXXXX");
	assert_non_null(mkdtemp(world.folder));
	write_policy("rad", "rad-cmk");
	write_policy("lab", "lab-cmk");
	unsetenv("LC_ALL");
	setenv("LANG", "C.UTF-8", 1);
	return 0;
}

static int
teardown(void **state)
{
	static const char *const names[] = { "rad", "lab", "bad" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char path[128];

		snprintf(path, sizeof path, "%s/%s.json", world.folder, names[i]);
		unlink(path);
	}
	return rmdir(world.folder);
}

static void
nothing_is_opened_for_help_version_and_inspect(void **state)
{
	(void)state;
	fake.document = "{\"file\":\"x.byok\",\"kid\":\"https://v/keys/k/1\"}";
	assert_int_equal(run("help"), 0);
	assert_non_null(strstr(printed.out, "kek enroll"));
	assert_int_equal(run("help kek enroll"), 0);
	assert_non_null(strstr(printed.out, "--fingerprint HEX"));
	assert_int_equal(run("--version"), 0);
	assert_string_equal(printed.out, "keyturn 9.9\n");
	assert_int_equal(run("byok inspect x.byok"), 0);
	assert_non_null(strstr(printed.out, "https://v/keys/k/1"));
	assert_int_equal(world.opened, 0);
}

static void
a_wrong_command_line_never_exits_with_0(void **state)
{
	static const char *const lines[] = { "", "stauts", "--frobnicate", "status --once", "help nothing", "rotate",
		"status nobody", "hsm frob", "rotate rad rad", "status rad lab rad", "audit verify rad rad", "audit verify --offline rad" };

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		assert_int_equal(run(lines[i]), 64);
		assert_string_equal(printed.out, "");
		assert_non_null(strstr(printed.err, "Try 'keyturn help"));
	}
	assert_int_equal(run("--json stauts"), 64);
	json_t *error = json_object_get(document(), "error");
	assert_string_equal(json_string_value(json_object_get(error, "code")), "usage");
	assert_string_equal(printed.err, "");
	assert_int_equal(fake.asked, 0);
}

static void
bad_settings_exit_with_78(void **state)
{
	(void)state;
	assert_int_equal(run("status --config /nowhere"), 78);
	assert_string_equal(printed.err, "keyturn: There is no file /nowhere\n");
	assert_int_equal(world.closed, 0);
}

static void
one_policy_named_is_the_document_and_several_are_a_list(void **state)
{
	(void)state;
	fake.document = "{\"healthy\":true}";
	assert_int_equal(run("status rad --json"), 0);
	assert_string_equal(json_string_value(json_object_get(document(), "policy")), "rad");
	assert_int_equal(run("status --json"), 0);
	assert_int_equal(json_array_size(json_object_get(document(), "policies")), 2);
	assert_int_equal(fake.asked, 3);
	assert_int_equal(world.opened, world.closed);
}

static void
status_asks_azure_unless_told_not_to_and_never_the_hsm(void **state)
{
	(void)state;
	fake.document = "{\"healthy\":true}";
	assert_int_equal(run("status"), 0);
	assert_true((world.needs & CLI_AZURE) != 0 && (world.needs & CLI_HSM) == 0 && !fake.recorded);
	assert_int_equal(run("status --recorded"), 0);
	assert_true((world.needs & (CLI_AZURE | CLI_HSM | CLI_JOURNAL_WRITE)) == 0 && fake.recorded);
	assert_non_null(strstr(printed.err, "there is no journal in"));
}

static void
status_fits_80_columns_and_says_what_is_wrong(void **state)
{
	(void)state;
	fake.document = "{\"healthy\":false,\"version\":\"3f2a91c04b7e4d5aa1b2c3d4e5f60718\",\"age_days\":12.7,"
	    "\"next\":\"2027-02-20T01:00:00Z\",\"key\":\"EC P-521\",\"recovery\":\"vault-backup\",\"rotation\":null,"
	    "\"services\":[{\"kind\":\"dicom\",\"name\":\"hospital-radiology-west/dicom-pacs-production\","
	    "\"version\":\"00112233445566778899aabbccddeeff\",\"state\":\"Succeeded\",\"probe\":\"key-lost\"}],"
	    "\"findings\":[{\"level\":\"problem\",\"subject\":\"version 0011\",\"text\":\"It is disabled, and data "
	    "encrypted under it may be unreadable\",\"advice\":\"Enable it in the vault\"}]}";
	assert_int_equal(run("status"), 1);
	for (const char *line = printed.out; *line != '\0'; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 80 + 8);	/* bytes; the few characters that are not ASCII have 3 */
	assert_non_null(strstr(printed.out, "3f2a91c0"));
	assert_non_null(strstr(printed.out, "12 d"));
	assert_non_null(strstr(printed.out, "PROBLEM"));
	assert_non_null(strstr(printed.out, "key-lost"));
	assert_non_null(strstr(printed.out, "problem: version 0011: It is disabled"));
	assert_non_null(strstr(printed.out, "Enable it in the vault"));
}

static void
versions_fit_80_columns_whatever_they_are_called(void **state)
{
	(void)state;
	fake.document = "{\"versions\":[{\"version\":\"3f2a91c04b7e4d5aa1b2c3d4e5f60718\",\"created\":"
	    "\"2026-11-22T01:00:00Z\",\"enabled\":false,\"key\":\"EC P-521\",\"provenance\":\"adopted\",\"proven\":null,"
	    "\"hsm\":\"extractable\",\"services\":[\"hospital-radiology-west-fhir\",\"hospital-radiology-dicom\"]},"
	    "{\"version\":\"00112233445566778899aabbccddeeff\",\"created\":\"2026-08-22T01:00:00Z\",\"enabled\":true,"
	    "\"key\":\"RSA 4096\",\"provenance\":\"foreign\",\"proven\":\"2026-08-22T01:00:00Z\",\"hsm\":"
	    "\"public only\",\"services\":[]}],\"findings\":[]}";
	assert_int_equal(run("versions rad"), 0);
	for (const char *line = printed.out; *line != '\0'; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 80 + 2);	/* bytes; the sign of a cut has 3 */
	assert_non_null(strstr(printed.out, "3f2a91c0\u2026  2026-11-22  NO   EC P-521  adopted  no      extractable"));
}

static void
one_policy_that_fails_does_not_hide_the_others(void **state)
{
	(void)state;
	fake.code = FAULT_UNAVAILABLE;
	fake.bad_policy = "lab";
	fake.document = "{\"healthy\":true}";
	assert_int_equal(run("status --json"), 69);
	assert_int_equal(fake.asked, 2);
	json_t *list = json_object_get(document(), "policies");
	assert_int_equal(json_array_size(list), 2);
	for (size_t i = 0; i < 2; i++) {
		json_t *one = json_array_get(list, i);
		bool bad = strcmp(json_string_value(json_object_get(one, "policy")), "lab") == 0;

		assert_int_equal(json_object_get(one, "error") != NULL, bad);
	}
	assert_int_equal(run("status"), 69);
	assert_string_equal(strstr(printed.err, "keyturn: lab"), "keyturn: lab: The vault said no\n");
}

static void
a_bad_policy_file_is_told_in_full_and_the_good_ones_are_served(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof path, "%s/bad.json", world.folder);
	FILE *file = fopen(path, "w");
	fputs("{\"nmae\":\"bad\"}", file);
	fclose(file);
	fake.document = "{\"usable\":true,\"checks\":[]}";
	assert_int_equal(run("check"), 65);
	assert_int_equal(fake.asked, 2);
	assert_non_null(strstr(printed.err, "bad.json"));
	assert_int_equal(run("check --json"), 65);
	assert_true(json_array_size(json_object_get(document(), "problems")) > 0);
	assert_int_equal(run("check rad"), 0);
	assert_int_equal(run("rotate bad"), 65);
}

static void
plan_tells_what_is_due_by_its_exit_status_if_asked(void **state)
{
	(void)state;
	fake.document = "{\"due\":true,\"blocked\":false,\"reason\":\"P90D has passed\",\"steps\":[{\"step\":\"generate\","
	    "\"service\":null,\"state\":\"next\",\"text\":\"make a key\"}],\"findings\":[]}";
	assert_int_equal(run("plan rad"), 0);
	assert_non_null(strstr(printed.out, "P90D has passed"));
	assert_int_equal(run("plan rad --exit-code"), 2);
	fake.document = "{\"due\":true,\"findings\":[{\"level\":\"problem\",\"text\":\"x\"}]}";
	assert_int_equal(run("plan rad --exit-code"), 1);
	assert_true((world.needs & CLI_JOURNAL_WRITE) == 0);
}

static void
steps_are_listed_only_if_something_would_run_them(void **state)
{
	static const char steps[] = "\"steps\":[{\"step\":\"ready\",\"service\":null,\"state\":\"next\",\"text\":"
	    "\"look whether all is ready\"}],\"findings\":[]}";
	char text[512];

	(void)state;
	snprintf(text, sizeof text, "{\"due\":false,\"blocked\":false,\"reason\":\"P90D has not passed\",\"next\":"
	    "\"2027-02-20T01:00:00Z\",\"rotation\":null,%s", steps);
	fake.document = text;
	assert_int_equal(run("plan rad"), 0);
	assert_non_null(strstr(printed.out, "nothing is due"));
	assert_non_null(strstr(printed.out, "Nothing is due before: 2027-02-20 01:00 UTC."));
	assert_null(strstr(printed.out, "look whether"));
	assert_int_equal(run("plan rad --json"), 0);
	assert_int_equal(json_array_size(json_object_get(document(), "steps")), 1);

	/* A rotation under way goes on with its steps, due or not. */
	snprintf(text, sizeof text, "{\"due\":false,\"blocked\":false,\"reason\":\"waiting\",\"next\":null,"
	    "\"rotation\":\"r1\",%s", steps);
	assert_int_equal(run("plan rad"), 0);
	assert_non_null(strstr(printed.out, "look whether"));
}

static void
what_a_rollback_or_revalidation_found_is_told(void **state)
{
	static const char *const lines[] = { "rollback rad", "revalidate rad" };

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		fake.document = "{\"services\":[]}";
		assert_int_equal(run(lines[i]), 0);
		fake.document = "{\"services\":[],\"findings\":[{\"level\":\"warning\",\"text\":\"it is slow\"}]}";
		assert_int_equal(run(lines[i]), 0);
		assert_non_null(strstr(printed.out, "warning: it is slow"));
		fake.document = "{\"services\":[],\"findings\":[{\"level\":\"problem\",\"text\":\"it is closed\"}]}";
		assert_int_equal(run(lines[i]), 1);
		assert_non_null(strstr(printed.out, "problem: it is closed"));
	}
}

static void
without_a_terminal_a_kek_is_enrolled_by_its_fingerprint_only(void **state)
{
	(void)state;
	fake.document = "{\"kid\":\"https://v/keys/kek/1\",\"bits\":4096,\"fingerprint\":\"" FINGERPRINT "\","
	    "\"words\":\"able baker\",\"enrolled\":false,\"sound\":true,\"findings\":[]}";
	assert_int_equal(run("kek enroll rad --yes"), 64);
	assert_string_equal(fake.enrolled, "");
	assert_non_null(strstr(printed.out, "0011 2233"));
	assert_non_null(strstr(printed.out, "able baker"));
	assert_int_equal(run("kek enroll rad --fingerprint 0011"), 64);
	assert_string_equal(fake.enrolled, "");
	assert_int_equal(run("kek enroll rad --fingerprint "
	    "0011:2233:4455:6677:8899:AABB:CCDD:EEFF:0011:2233:4455:6677:8899:AABB:CCDD:EEFF"), 0);
	assert_string_equal(fake.enrolled, FINGERPRINT);
}

static void
an_unsound_kek_is_shown_but_never_enrolled(void **state)
{
	(void)state;
	fake.document = "{\"kid\":\"k\",\"fingerprint\":\"" FINGERPRINT "\",\"enrolled\":false,\"sound\":false,"
	    "\"findings\":[{\"level\":\"problem\",\"text\":\"it may do more than import\"}]}";
	assert_int_equal(run("kek enroll rad --fingerprint " FINGERPRINT), 1);
	assert_string_equal(fake.enrolled, "");
	assert_non_null(strstr(printed.out, "it may do more than import"));
}

static void
foreign_text_cannot_steer_the_terminal(void **state)
{
	(void)state;
	fake.document = "{\"usable\":false,\"checks\":[{\"level\":\"warning\",\"subject\":\"\\u001b[2J\","
	    "\"text\":\"a\\nforged: line\",\"advice\":\"\\u202e\"}]}";
	assert_int_equal(run("check rad"), 1);
	assert_null(strchr(printed.out, '\033'));
	assert_null(strstr(printed.out, "\nforged"));
	assert_non_null(strstr(printed.out, "\\u202e"));
}

static void
a_journal_that_is_not_there_does_not_verify(void **state)
{
	(void)state;
	assert_int_equal(run("audit verify --offline"), 1);
	assert_non_null(strstr(printed.err, "There is no journal in"));
	fake.document = "[{\"size\":7,\"root\":\"" FINGERPRINT "\",\"version\":\"1\",\"policy\":\"rad\"}]";
	assert_int_equal(run("audit verify"), 65);
	assert_non_null(strstr(printed.err, "moved or removed"));
	assert_int_equal(run("audit show"), 0);
}

static void
an_empty_journal_is_not_called_anchored(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof path, "%s/journal.jsonl", world.folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
	snprintf(path, sizeof path, "audit verify --offline --journal %s", world.folder);
	assert_int_equal(run(path), 0);
	assert_null(strstr(printed.out, "is anchored"));
	assert_non_null(strstr(printed.out, "There are no records"));
	snprintf(path, sizeof path, "%s/journal.jsonl", world.folder);
	assert_int_equal(unlink(path), 0);
}

static void
tokens_are_those_of_the_settings_or_those_named(void **state)
{
	(void)state;
	fake.document = "{\"token\":{\"label\":\"one\"},\"usable\":true,\"routes\":[]}";
	assert_int_equal(run("hsm check --json"), 0);
	assert_int_equal(json_array_size(json_object_get(document(), "tokens")), 2);
	assert_int_equal(run("hsm check pkcs11:token=three --json"), 0);
	assert_string_equal(json_string_value(json_object_get(document(), "uri")), "pkcs11:token=three");
	fake.document = "{\"token\":{\"label\":\"one\"},\"usable\":false,\"routes\":[]}";
	assert_int_equal(run("hsm check"), 1);
	assert_true((world.needs & CLI_AZURE) == 0);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(nothing_is_opened_for_help_version_and_inspect),
		CASE(a_wrong_command_line_never_exits_with_0),
		CASE(bad_settings_exit_with_78),
		CASE(one_policy_named_is_the_document_and_several_are_a_list),
		CASE(status_asks_azure_unless_told_not_to_and_never_the_hsm),
		CASE(status_fits_80_columns_and_says_what_is_wrong),
		CASE(versions_fit_80_columns_whatever_they_are_called),
		CASE(one_policy_that_fails_does_not_hide_the_others),
		CASE(a_bad_policy_file_is_told_in_full_and_the_good_ones_are_served),
		CASE(plan_tells_what_is_due_by_its_exit_status_if_asked),
		CASE(steps_are_listed_only_if_something_would_run_them),
		CASE(what_a_rollback_or_revalidation_found_is_told),
		CASE(without_a_terminal_a_kek_is_enrolled_by_its_fingerprint_only),
		CASE(an_unsound_kek_is_shown_but_never_enrolled),
		CASE(foreign_text_cannot_steer_the_terminal),
		CASE(a_journal_that_is_not_there_does_not_verify),
		CASE(an_empty_journal_is_not_called_anchored),
		CASE(tokens_are_those_of_the_settings_or_those_named),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	free(printed.out);
	free(printed.err);
	return failed;
}
