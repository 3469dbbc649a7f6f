#include "sample.h"

#include "policy.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

/* A folder of its own for each test, emptied and removed afterwards. */
static int
make_folder(void **state)
{
	char *folder = strdup("/tmp/keyturn-policies-XXXXXX");

	*state = mkdtemp(folder);
	return *state == NULL ? -1 : 0;
}

static int
remove_folder(void **state)
{
	DIR *directory = opendir(*state);
	struct dirent *entry;

	while (directory != NULL && (entry = readdir(directory)) != NULL)
		unlinkat(dirfd(directory), entry->d_name, 0);
	closedir(directory);
	rmdir(*state);
	free(*state);
	return 0;
}

static void
put(const char *folder, const char *name, const char *text)
{
	SCOPE(free) char *path = NULL;

	assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
	SCOPE(file) FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
}

/* The sample under another name, on another key. */
static void
put_policy(const char *folder, const char *file, const char *name, const char *key)
{
	SCOPE(free) char *quoted_name = NULL, *quoted_key = NULL;

	assert_true(asprintf(&quoted_name, "\"%s\"", name) > 0 && asprintf(&quoted_key, "\"%s\"", key) > 0);
	SCOPE(free) char *named = edit(sample, "\"radiology-cmk\"", quoted_name);
	SCOPE(free) char *text = edit(named, "\"radiology\"", quoted_key);
	put(folder, file, text);
}

/* Load ${folder}, which must be bad; FOLDER in ${expected} stands for it. */
static void
expect_problems(const char *folder, struct policy_set *set, const char *expected)
{
	SCOPE(problems) struct problems problems = { 0 };
	SCOPE(free) char *wanted = strdup(expected);
	struct fault fault = { 0 };

	assert_false(policy_load(folder, set, &problems, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	for (char *place; (place = strstr(wanted, "FOLDER")) != NULL; ) {
		SCOPE(free) char *before = wanted;
		assert_true(asprintf(&wanted, "%.*s%s%s", (int)(place - before), before, folder, place + 6) >= 0);
	}
	SCOPE(free) char *all = print_all(&problems);
	assert_string_equal(all, wanted);
}

static void
a_folder_is_read_in_the_order_of_file_names(void **state)
{
	SCOPE(problems) struct problems problems = { 0 };
	SCOPE(policy_set) struct policy_set set = { 0 };
	struct fault fault = { 0 };

	put_policy(*state, "20-b.json", "beta", "key-b");
	put_policy(*state, "10-a.json", "alpha", "key-a");
	put(*state, "notes.txt", "not a policy");
	put(*state, ".30-c.json.json", "an editor's leftover");
	put(*state, ".json", "nor this");
	assert_true(policy_load(*state, &set, &problems, &fault));
	assert_int_equal(set.count, 2);
	assert_string_equal(set.list[0]->name, "alpha");
	assert_string_equal(set.list[1]->name, "beta");
	assert_ptr_equal(policy_find(&set, "beta"), set.list[1]);
	assert_null(policy_find(&set, "gamma"));
}

static void
an_empty_folder_holds_no_policies(void **state)
{
	SCOPE(problems) struct problems problems = { 0 };
	SCOPE(policy_set) struct policy_set set = { 0 };
	struct fault fault = { 0 };

	assert_true(policy_load(*state, &set, &problems, &fault));
	assert_int_equal(set.count, 0);
}

static void
a_bad_file_does_not_hide_the_good_ones(void **state)
{
	SCOPE(policy_set) struct policy_set set = { 0 };

	put(*state, "a.json", "[1]");
	put_policy(*state, "b.json", "beta", "key-b");
	put(*state, "c.json", "{");
	expect_problems(*state, &set,
	    "FOLDER/a.json:1:1: the file is a list; it must be one object\n"
	    "FOLDER/c.json:1:1: this is not JSON: string or '}' expected near end of file; look for a missing or needless quote, comma or "
	    "bracket at or before this place\n");
	assert_int_equal(set.count, 1);
	assert_string_equal(set.list[0]->name, "beta");
}

static void
a_file_that_cannot_be_read_is_a_problem(void **state)
{
	SCOPE(problems) struct problems problems = { 0 };
	SCOPE(policy_set) struct policy_set set = { 0 };
	SCOPE(free) char *path = NULL;
	struct fault fault = { 0 };

	assert_true(asprintf(&path, "%s/dangling.json", (const char *)*state) > 0);
	assert_int_equal(symlink("nowhere", path), 0);
	assert_false(policy_load(*state, &set, &problems, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	assert_int_equal(problems.count, 1);
	assert_string_equal(problems.list[0].file, path);
}

static void
two_policies_of_one_name_are_problems_of_both(void **state)
{
	SCOPE(policy_set) struct policy_set set = { 0 };

	put_policy(*state, "a.json", "same", "key-a");
	put_policy(*state, "b.json", "same", "key-b");
	put_policy(*state, "c.json", "other", "key-c");
	expect_problems(*state, &set,
	    "FOLDER/a.json: /name: the same name as in FOLDER/b.json; rename one of them\n"
	    "FOLDER/b.json: /name: the same name as in FOLDER/a.json; rename one of them\n");
	assert_int_equal(set.count, 1);
	assert_string_equal(set.list[0]->name, "other");
}

static void
two_policies_on_one_key_are_problems_of_both(void **state)
{
	SCOPE(policy_set) struct policy_set set = { 0 };

	put_policy(*state, "a.json", "alpha", "Same-Key");
	put_policy(*state, "b.json", "beta", "same-key");
	expect_problems(*state, &set,
	    "FOLDER/a.json: /vault/key_name: the same key of the same vault as in FOLDER/b.json; each would take the other's versions for "
	    "foreign ones, so leave the key to one policy\n"
	    "FOLDER/b.json: /vault/key_name: the same key of the same vault as in FOLDER/a.json; each would take the other's versions for "
	    "foreign ones, so leave the key to one policy\n");
	assert_int_equal(set.count, 0);
}

static void
a_key_exchange_key_that_another_policy_rotates_is_a_problem_of_both(void **state)
{
	SCOPE(policy_set) struct policy_set set = { 0 };
	SCOPE(free) char *text = edit(sample, "\"keyturn-kek\"", "\"other-kek\"");
	SCOPE(free) char *other = edit(text, "\"radiology\"", "\"keyturn-kek\"");

	put_policy(*state, "a.json", "alpha", "key-a");
	put(*state, "b.json", other);
	expect_problems(*state, &set,
	    "FOLDER/a.json: /vault/kek/name: this key exchange key is the key that is rotated by FOLDER/b.json; it may do nothing but import, so "
	    "name another\n"
	    "FOLDER/b.json: /vault/key_name: this key is the key exchange key of FOLDER/a.json; that may do nothing but import, so name "
	    "another\n");
	assert_int_equal(set.count, 0);
}

static void
a_missing_folder_is_a_fault_of_the_settings(void **state)
{
	SCOPE(problems) struct problems problems = { 0 };
	SCOPE(policy_set) struct policy_set set = { 0 };
	struct fault fault = { 0 };

	(void)state;
	assert_false(policy_load("/nonexistent/policies.d", &set, &problems, &fault));
	assert_int_equal(fault.code, FAULT_SETTINGS);
	assert_string_equal(fault.text, "Read the policies in /nonexistent/policies.d: No such file or directory; make the folder, or name "
	    "another one as \"policies\" in the settings");
	assert_int_equal(set.count, 0);
}

static void
the_examples_are_good_and_can_stand_side_by_side(void **state)
{
	SCOPE(problems) struct problems problems = { 0 };
	SCOPE(policy_set) struct policy_set set = { 0 };
	struct fault fault = { 0 };

	(void)state;
	if (!policy_load("../../../policies/examples", &set, &problems, &fault))
		fail_msg("%s", fault.text);
	assert_true(set.count >= 3);
	assert_non_null(policy_find(&set, "radiology-cmk"));
}

int
main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_folder_is_read_in_the_order_of_file_names),
		IN_FOLDER(an_empty_folder_holds_no_policies),
		IN_FOLDER(a_bad_file_does_not_hide_the_good_ones),
		IN_FOLDER(a_file_that_cannot_be_read_is_a_problem),
		IN_FOLDER(two_policies_of_one_name_are_problems_of_both),
		IN_FOLDER(two_policies_on_one_key_are_problems_of_both),
		IN_FOLDER(a_key_exchange_key_that_another_policy_rotates_is_a_problem_of_both),
		cmocka_unit_test(a_missing_folder_is_a_fault_of_the_settings),
		cmocka_unit_test(the_examples_are_good_and_can_stand_side_by_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
