#include "playground.h"

#include "document.h"
#include "problems.h"
#include "rules.h"
#include "scope.h"

/* A little file with one member of each kind. */
struct pet {
	char *name;
	unsigned legs;
};

struct zoo {
	char *name;
	char **names;
	unsigned size;
	bool open;
	int animal;
	char *street, *secret;
	struct pet *pets;
	size_t pet_count;
};

static const struct rule_choice animals[] = {
	{ .name = "cat", .value = 1 },
	{ .name = "dog", .value = 2 },
	{ .name = "unicorn", .value = 3, .refused = "there are none" },
	{ .name = NULL },
};
static const unsigned sizes[] = { 1, 20, 0 };

static const struct rule pet_rules[] = {
	{ .name = "name", .kind = RULE_TEXT, .required = true, .offset = offsetof(struct pet, name), .right = "a name" },
	{ .name = "legs", .kind = RULE_NUMBER, .offset = offsetof(struct pet, legs), .numbers = sizes, .right = "1 or 20" },
};
static const struct pet new_pet = { .legs = 4 };
static const struct rules pet_members = RULES_OF(pet_rules, new_pet);

static const struct rule place_rules[] = {
	{ .name = "street", .kind = RULE_TEXT, .offset = offsetof(struct zoo, street), .right = "a street" },
};
static const struct rules place_members = RULES(place_rules);

#define AT(member) .offset = offsetof(struct zoo, member)
static const struct rule zoo_rules[] = {
	{ .name = "name", .kind = RULE_TEXT, AT(name), .pattern = "^[a-z]+$", .never = "xx", .max = 5, .right = "a word" },
	{ .name = "names", .kind = RULE_TEXTS, AT(names), .pattern = "^[a-z]+$", .right = "words", .each = "one word" },
	{ .name = "size", .kind = RULE_NUMBER, AT(size), .numbers = sizes, .right = "1 or 20" },
	{ .name = "open", .kind = RULE_BOOLEAN, AT(open), .right = "true or false" },
	{ .name = "animal", .kind = RULE_CHOICE, AT(animal), .choices = animals, .right = "cat or dog" },
	{ .name = "place", .kind = RULE_OBJECT, .members = &place_members, .right = "an object" },
	{ .name = "pets", .kind = RULE_LIST, AT(pets), .count_offset = offsetof(struct zoo, pet_count), .members = &pet_members,
	    .right = "a list" },
	{ .name = "secret", .kind = RULE_TEXT, AT(secret), .quiet = true, .pattern = "^a", .right = "hidden" },
	{ .name = "note", .kind = RULE_IGNORED, .right = "a string" },
	{ .name = "later", .kind = RULE_REFUSED, .right = "it comes later" },
};
static const struct rules zoo_members = RULES(zoo_rules);

/* Read ${text} and give its problems, one a line; the caller clears the zoo and frees the text. */
static char *
read_zoo(const char *text, struct zoo *zoo)
{
	SCOPE(problems) struct problems problems = { 0 };
	SCOPE(document) struct document *document = NULL;
	struct fault fault = { 0 };
	char *all = calloc(1, 1);

	if (document_parse(&(struct document_text){ "z", text, strlen(text) }, &problems, &document, &fault)) {
		rules_read(&zoo_members, document, zoo);
		assert_int_equal(document_finish(document, FAULT_DATA, &fault), problems.count == 0);
	}
	for (size_t i = 0; i < problems.count; i++) {
		SCOPE(free) char *one = problem_print(&problems.list[i]), *before = all;
		assert_true(asprintf(&all, "%s%s\n", before, one) >= 0);
	}
	return all;
}

static void
every_kind_of_member_arrives(void **state)
{
	struct zoo zoo = { 0 };
	SCOPE(free) char *problems = read_zoo("{\"name\":\"abc\",\"names\":[\"a\",\"b\"],\"size\":20.0,\"open\":true,\"animal\":\"dog\",\"note\":\"\","
	    "\"place\":{\"street\":\"\u00f6\"},\"pets\":[{\"name\":\"x\"},{\"name\":\"y\",\"legs\":1}]}", &zoo);

	(void)state;
	assert_string_equal(problems, "");
	assert_string_equal(zoo.name, "abc");
	assert_string_equal(zoo.names[0], "a");
	assert_string_equal(zoo.names[1], "b");
	assert_null(zoo.names[2]);
	assert_int_equal(zoo.size, 20);
	assert_true(zoo.open);
	assert_int_equal(zoo.animal, 2);
	assert_string_equal(zoo.street, "\u00f6");
	assert_int_equal(zoo.pet_count, 2);
	assert_string_equal(zoo.pets[0].name, "x");
	assert_int_equal(zoo.pets[0].legs, 4);
	assert_int_equal(zoo.pets[1].legs, 1);
	rules_clear(&zoo_members, &zoo);
}

static void
what_is_bad_leaves_the_struct_as_it_was(void **state)
{
	struct zoo zoo = { .size = 7, .animal = 9, .open = true };
	SCOPE(free) char *problems = read_zoo("{\"size\":2,\"animal\":\"unicorn\",\"open\":null}", &zoo);

	(void)state;
	assert_string_equal(problems,
	    "z:1:2: /size: \"size\" is 2; it must be 1 or 20\n"
	    "z:1:11: /animal: \"animal\" is \"unicorn\"; there are none\n"
	    "z:1:30: /open: \"open\" is null; it must be true or false\n");
	assert_int_equal(zoo.size, 7);
	assert_int_equal(zoo.animal, 9);
	assert_true(zoo.open);
	assert_null(zoo.pets);
}

/* One text and its one problem. */
static const struct {
	const char *text, *problem;
} cases[] = {
	{ "{\"name\":\"abcdef\"}", "z:1:2: /name: \"name\" is \"abcdef\"; it must be a word\n" },
	{ "{\"name\":\"axxb\"}", "z:1:2: /name: \"name\" is \"axxb\"; it must be a word\n" },
	{ "{\"name\":\"\"}", "z:1:2: /name: \"name\" is \"\"; it must be a word\n" },
	{ "{\"name\":\"a\\n\"}", "z:1:2: /name: \"name\" is \"a\\n\"; it must be a word\n" },
	{ "{\"name\":{}}", "z:1:2: /name: \"name\" is an object; it must be a word\n" },
	{ "{\"name\":1.5}", "z:1:2: /name: \"name\" is 1.5; it must be a word\n" },
	{ "{\"names\":[\"a\",2]}", "z:1:15: /names/1: this element of \"names\" is 2; it must be one word\n" },
	{ "{\"names\":2}", "z:1:2: /names: \"names\" is 2; it must be words\n" },
	{ "{\"size\":\"1\"}", "z:1:2: /size: \"size\" is \"1\"; it must be 1 or 20\n" },
	{ "{\"size\":1.5}", "z:1:2: /size: \"size\" is 1.5; it must be 1 or 20\n" },
	{ "{\"size\":-1}", "z:1:2: /size: \"size\" is -1; it must be 1 or 20\n" },
	{ "{\"size\":4294967297}", "z:1:2: /size: \"size\" is 4294967297; it must be 1 or 20\n" },
	{ "{\"animal\":\"cow\"}", "z:1:2: /animal: \"animal\" is \"cow\"; it must be cat or dog\n" },
	{ "{\"animal\":1}", "z:1:2: /animal: \"animal\" is 1; it must be cat or dog\n" },
	{ "{\"place\":[]}", "z:1:2: /place: \"place\" is a list; it must be an object\n" },
	{ "{\"place\":{\"stret\":\"x\"}}", "z:1:11: /place/stret: unknown member; did you mean \"street\"?\n" },
	{ "{\"place\":{\"street\":\"a\\u009b\"}}", "z:1:11: /place/street: \"street\" is \"a\\u009B\"; it must be a street\n" },
	{ "{\"place\":{\"street\":\"a\\u007f\"}}", "z:1:11: /place/street: \"street\" is \"a?\"; it must be a street\n" },
	{ "{\"place\":{\"street\":\"a\\u001f\"}}", "z:1:11: /place/street: \"street\" is \"a\\u001F\"; it must be a street\n" },
	{ "{\"pets\":{}}", "z:1:2: /pets: \"pets\" is an object; it must be a list\n" },
	{ "{\"pets\":[[]]}", "z:1:10: /pets/0: this element of \"pets\" is a list; it must be a list\n" },
	{ "{\"pets\":[{}]}", "z:1:10: /pets/0: \"name\" is missing; it must be a name\n" },
	{ "{\"secret\":\"1234\"}", "z:1:2: /secret: \"secret\" is not right (it is not repeated here, since it may hold a secret); it must be hidden\n" },
	{ "{\"secret\":1234}", "z:1:2: /secret: \"secret\" is a number; it must be hidden\n" },
	{ "{\"secret\":true}", "z:1:2: /secret: \"secret\" is true; it must be hidden\n" },
	{ "{\"note\":1}", "z:1:2: /note: \"note\" is 1; it must be a string\n" },
	{ "{\"later\":1}", "z:1:2: /later: \"later\" is not taken: it comes later\n" },
	{ "{\"latex\":1}", "z:1:2: /latex: unknown member; what may stand here: name, names, size, open, animal, place, pets, secret\n" },
	{ "7", "z:1:1: the file is 7; it must be one object\n" },
	{ "", "z:1:1: this is not JSON: unexpected token near end of file; look for a missing or needless quote, comma or bracket at or before "
	    "this place\n" },
	{ "{} x", "z:1:4: this is not JSON: end of file expected; look for a missing or needless quote, comma or bracket at or before this "
	    "place\n" },
	{ "{\"a\":\"\\u0000\"}", "z:1:13: this is not JSON: \\u0000 is not allowed without JSON_ALLOW_NUL; look for a missing or needless quote, comma or "
	    "bracket at or before this place\n" },
};

static void
each_wrong_value_is_told_for_what_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct zoo zoo = { 0 };
		SCOPE(free) char *problems = read_zoo(cases[i].text, &zoo);
		assert_string_equal(problems, cases[i].problem);
		rules_clear(&zoo_members, &zoo);
	}
}

static void
long_values_are_cut(void **state)
{
	struct zoo zoo = { 0 };
	char text[1000];

	(void)state;
	memset(text, 'a', sizeof text);
	memcpy(text, "{\"name\":\"", 9);
	memcpy(text + 900, "\"}", 3);
	SCOPE(free) char *problems = read_zoo(text, &zoo);
	assert_true(strlen(problems) < 250);
	assert_non_null(strstr(problems, "aaa...; it must be a word"));
}

static void
after_a_hundred_problems_it_is_only_said_that_there_are_more(void **state)
{
	SCOPE(problems) struct problems problems = { 0 };
	SCOPE(document) struct document *document = NULL;
	struct zoo zoo = { 0 };
	struct fault fault = { 0 };
	char text[4096] = "{\"names\":[";

	(void)state;
	for (size_t i = 0; i < 500; i++)
		strcat(text, "1,");
	strcat(text, "1]}");
	assert_true(document_parse(&(struct document_text){ "z", text, strlen(text) }, &problems, &document, &fault));
	rules_read(&zoo_members, document, &zoo);
	assert_false(document_finish(document, FAULT_DATA, &fault));
	assert_int_equal(problems.count, DOCUMENT_PROBLEMS_MAX + 1);
	assert_string_equal(problems.list[DOCUMENT_PROBLEMS_MAX].text, "there are more problems; mend these first");
	rules_clear(&zoo_members, &zoo);
}

static void
words_and_values_find_each_other(void **state)
{
	(void)state;
	assert_int_equal(rules_choice_value(animals, "dog"), 2);
	assert_int_equal(rules_choice_value(animals, "cow"), 0);
	assert_string_equal(rules_choice_name(animals, 1), "cat");
	assert_null(rules_choice_name(animals, 8));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_member_arrives),
		cmocka_unit_test(what_is_bad_leaves_the_struct_as_it_was),
		cmocka_unit_test(each_wrong_value_is_told_for_what_it_is),
		cmocka_unit_test(long_values_are_cut),
		cmocka_unit_test(after_a_hundred_problems_it_is_only_said_that_there_are_more),
		cmocka_unit_test(words_and_values_find_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
