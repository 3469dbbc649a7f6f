#include "settings.h"

#include "problems.h"
#include "scope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* A folder of its own for each test. */
struct playground {
	char folder[32], file[64], other[64], link[64];
};

static int
make(void **state)
{
	struct playground *ground = calloc(1, sizeof *ground);

	strcpy(ground->folder, "/tmp/keyturn-settings-XXXXXX");
	if (mkdtemp(ground->folder) == NULL)
		return -1;
	snprintf(ground->file, sizeof ground->file, "%s/agent.json", ground->folder);
	snprintf(ground->other, sizeof ground->other, "%s/other.json", ground->folder);
	snprintf(ground->link, sizeof ground->link, "%s/link.json", ground->folder);
	unsetenv("KEYTURN_CONFIG");
	*state = ground;
	return 0;
}

static int
discard(void **state)
{
	struct playground *ground = *state;

	unlink(ground->file);
	unlink(ground->other);
	unlink(ground->link);
	rmdir(ground->folder);
	unsetenv("KEYTURN_CONFIG");
	free(ground);
	return 0;
}

static void
put(const char *path, const char *text, mode_t mode)
{
	SCOPE(file) FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fchmod(fileno(file), mode), 0);
}

static struct settings *
load(const char *path)
{
	SCOPE(problems) struct problems problems = { 0 };
	struct settings *settings = NULL;
	struct fault fault = { 0 };

	if (!settings_load(path, &settings, &problems, &fault))
		fail_msg("%s", fault.text);
	return settings;
}

/* Load ${path}, which must fail as the settings' fault; the words of it. */
static const char *
refuse(const char *path, struct fault *fault)
{
	SCOPE(problems) struct problems problems = { 0 };
	struct settings *settings = NULL;

	assert_false(settings_load(path, &settings, &problems, fault));
	assert_int_equal(fault->code, FAULT_SETTINGS);
	assert_null(settings);
	return fault->text;
}

static void
relative_paths_are_below_the_folder_of_the_file(void **state)
{
	struct playground *ground = *state;
	char expected[PATH_MAX];

	put(ground->file, "{ \"state\": \"state\" }", 0600);
	SCOPE(settings) struct settings *settings = load(ground->file);
	snprintf(expected, sizeof expected, "%s/state", ground->folder);
	assert_string_equal(settings->state, expected);
	assert_string_equal(settings->file, ground->file);
}

static void
a_relative_name_of_the_file_gives_absolute_paths_too(void **state)
{
	struct playground *ground = *state;
	char expected[PATH_MAX], before[PATH_MAX];

	put(ground->file, "{ \"state\": \"state\" }", 0600);
	assert_non_null(getcwd(before, sizeof before));
	assert_int_equal(chdir(ground->folder), 0);
	SCOPE(settings) struct settings *settings = load("agent.json");
	assert_int_equal(chdir(before), 0);
	snprintf(expected, sizeof expected, "%s/state", ground->folder);
	assert_string_equal(settings->state, expected);
}

static void
the_command_line_beats_the_environment(void **state)
{
	struct playground *ground = *state;

	put(ground->file, "{ \"state\": \"/first\" }", 0600);
	put(ground->other, "{ \"state\": \"/second\" }", 0644);
	assert_int_equal(setenv("KEYTURN_CONFIG", ground->other, 1), 0);
	SCOPE(settings) struct settings *by_line = load(ground->file), *by_environment = load(NULL);
	assert_string_equal(by_line->state, "/first");
	assert_string_equal(by_environment->state, "/second");
}

static void
a_missing_file_is_named_with_what_to_do(void **state)
{
	struct playground *ground = *state;
	struct fault fault = { 0 };
	char expected[400];

	snprintf(expected, sizeof expected, "Read the settings %s: No such file or directory; name the file by --config FILE or KEYTURN_CONFIG, or "
	    "write it there", ground->file);
	assert_string_equal(refuse(ground->file, &fault), expected);

	/* An empty variable is none. */
	assert_int_equal(setenv("KEYTURN_CONFIG", "", 1), 0);
	if (access(SETTINGS_DEFAULT_FILE, F_OK) != 0)
		assert_non_null(strstr(refuse(NULL, &fault), "Read the settings /etc/keyturn/agent.json: "));
}

static void
a_file_that_others_may_write_is_refused(void **state)
{
	static const mode_t modes[] = { 0620, 0602, 0666, 0664 };
	struct playground *ground = *state;
	struct fault fault = { 0 };
	char expected[400];

	snprintf(expected, sizeof expected, "Others may write the settings %s, and so choose the module that keyturn loads; run: chmod go-w %s",
	    ground->file, ground->file);
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		put(ground->file, "{}", modes[i]);
		assert_string_equal(refuse(ground->file, &fault), expected);
	}
	put(ground->file, "{}", 0644);
	SCOPE(settings) struct settings *settings = load(ground->file);
	assert_non_null(settings);
}

static void
a_file_of_another_user_is_refused(void **state)
{
	struct playground *ground = *state;
	struct fault fault = { 0 };

	put(ground->file, "{}", 0644);
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(ground->file, 12345, 0), 0);
	assert_non_null(strstr(refuse(ground->file, &fault), "belong to user 12345"));
}

static void
what_is_no_regular_file_is_refused(void **state)
{
	struct playground *ground = *state;
	struct fault fault = { 0 };

	assert_non_null(strstr(refuse(ground->folder, &fault), "are not a regular file"));
	assert_int_equal(mkfifo(ground->file, 0600), 0);
	assert_non_null(strstr(refuse(ground->file, &fault), "are not a regular file"));
}

static void
a_file_too_long_to_be_settings_is_refused(void **state)
{
	struct playground *ground = *state;
	struct fault fault = { 0 };

	put(ground->file, "{", 0600);
	assert_int_equal(truncate(ground->file, 2 << 20), 0);
	assert_non_null(strstr(refuse(ground->file, &fault), "the file has more than 1048576 bytes"));
}

static void
a_link_is_followed_and_its_own_folder_counts(void **state)
{
	struct playground *ground = *state;
	char expected[PATH_MAX];

	put(ground->file, "{ \"state\": \"state\" }", 0600);
	assert_int_equal(symlink(ground->file, ground->link), 0);
	SCOPE(settings) struct settings *settings = load(ground->link);
	snprintf(expected, sizeof expected, "%s/state", ground->folder);
	assert_string_equal(settings->state, expected);
}

static void
the_example_is_good(void **state)
{
	struct playground *ground = *state;
	SCOPE(file) FILE *example = fopen("../../../agent/settings/agent.example.json", "r");
	char text[8192] = "", expected[PATH_MAX];

	/* A copy, since the checkout's own modes are the umask's. */
	assert_non_null(example);
	assert_true(fread(text, 1, sizeof text - 1, example) > 0);
	put(ground->file, text, 0600);
	SCOPE(settings) struct settings *settings = load(ground->file);
	assert_false(settings->rehearsal);
	assert_string_equal(settings->state, SETTINGS_DEFAULT_STATE);
	assert_int_equal(settings->token_count, 1);
	snprintf(expected, sizeof expected, "%s/hospital.pin", ground->folder);
	assert_string_equal(settings->tokens[0].pin_file, expected);
	assert_true(settings->has_azure);
}

int
main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make, discard)
	const struct CMUnitTest tests[] = {
		IN_FOLDER(relative_paths_are_below_the_folder_of_the_file),
		IN_FOLDER(a_relative_name_of_the_file_gives_absolute_paths_too),
		IN_FOLDER(the_command_line_beats_the_environment),
		IN_FOLDER(a_missing_file_is_named_with_what_to_do),
		IN_FOLDER(a_file_that_others_may_write_is_refused),
		IN_FOLDER(a_file_of_another_user_is_refused),
		IN_FOLDER(what_is_no_regular_file_is_refused),
		IN_FOLDER(a_file_too_long_to_be_settings_is_refused),
		IN_FOLDER(a_link_is_followed_and_its_own_folder_counts),
		IN_FOLDER(the_example_is_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
