#include "playground.h"

#include "member.h"
#include "scope.h"

static json_t *
parse(const char *text)
{
	json_t *value = NULL;

	assert_true(member_parse(text, strlen(text), "test", &value, NULL));
	return value;
}

static void
json_that_is_not_clean_is_refused(void **state)
{
	static const char *const rows[] = { "", "{", "{}x", "{} {}", "{\"a\":1,\"a\":2}", "\"text\"", "1",
		"null", "{'a':1}", "{\"a\":01}", "{\"a\":\"\\u0000\"}", "{\"a\":\"\xff\"}", "[1,]",
		"{\"a\":{\"b\":1,\"b\":1}}" };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fault fault = { 0 };
		json_t *value = NULL;

		if (member_parse(rows[i], strlen(rows[i]), "The answer", &value, &fault))
			fail_msg("%s was taken", rows[i]);
		assert_null(value);
		assert_int_equal(fault.code, FAULT_PROTOCOL);
		assert_memory_equal(fault.text, "The answer (", 12);
	}
}

static void
a_refusal_gives_the_place_and_no_content(void **state)
{
	const char *text = "{\n \"access_token\": \"s3cret\" \"x\"}";
	struct fault fault = { 0 };
	json_t *value;

	(void)state;
	assert_false(member_parse(text, strlen(text), "The token", &value, &fault));
	assert_non_null(strstr(fault.text, "line 2"));
	assert_null(strstr(fault.text, "s3cret"));
	assert_null(strstr(fault.text, "\"x\""));
	assert_false(member_parse("{\"a\":1,\"a\":2}", 13, "It", &value, &fault));
	assert_non_null(strstr(fault.text, "a member is repeated"));
}

static void
only_the_given_bytes_are_read(void **state)
{
	SCOPE(json) json_t *value = NULL;

	(void)state;
	assert_true(member_parse("[1]garbage", 3, "test", &value, NULL));
	assert_int_equal(json_array_size(value), 1);
}

/* The examples of RFC 6901, 5, and what must not be found. */
static void
pointers_are_those_of_the_rfc(void **state)
{
	static const struct {
		const char *pointer;
		int number;		/* -1: nothing is there */
	} rows[] = {
		{ "/", 0 }, { "/a~1b", 1 }, { "/c%d", 2 }, { "/e^f", 3 }, { "/g|h", 4 }, { "/i\\j", 5 },
		{ "/k\"l", 6 }, { "/ ", 7 }, { "/m~0n", 8 }, { "/list/1/x", 9 }, { "/list/0", 10 },
		{ "/list/01", -1 }, { "/list/2", -1 }, { "/list/-", -1 }, { "/list/", -1 },
		{ "/list/+1", -1 }, { "/list/4294967296", -1 }, { "/list/0/x", -1 }, { "/none", -1 },
		{ "a~1b", -1 }, { "/a~2b", -1 }, { "/m~", -1 }, { "/a/b", -1 }, { "//", -1 },
		{ "/~01", 11 },
	};
	SCOPE(json) json_t *object = parse("{\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,"
	    "\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8,\"list\":[10,{\"x\":9}],\"~1\":11}");

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const json_t *value = member_find(object, rows[i].pointer);

		if ((rows[i].number < 0) != (value == NULL))
			fail_msg("%s: %s", rows[i].pointer, value == NULL ? "not found" : "found");
		if (value != NULL)
			assert_int_equal(json_integer_value(value), rows[i].number);
	}
	assert_ptr_equal(member_find(object, ""), object);
	assert_null(member_find(NULL, "/a"));
}

static void
an_endless_step_is_not_found(void **state)
{
	SCOPE(json) json_t *object = json_object();
	char pointer[400] = "/";

	(void)state;
	memset(pointer + 1, 'a', 300);
	json_object_set_new(object, pointer + 1, json_true());
	assert_null(member_find(object, pointer));
	pointer[256] = 0;
	json_object_set_new(object, pointer + 1, json_true());
	assert_non_null(member_find(object, pointer));
}

static void
members_come_with_their_type(void **state)
{
	SCOPE(json) json_t *object = parse("{\"s\":\"x\",\"i\":-9223372036854775807,\"t\":true,\"f\":false}");
	const char *text;
	int64_t number;
	bool yes;

	(void)state;
	assert_true(member_string(object, "/s", &text, NULL));
	assert_string_equal(text, "x");
	assert_true(member_integer(object, "/i", &number, NULL));
	assert_true(number == -9223372036854775807);
	assert_true(member_boolean(object, "/t", &yes, NULL) && yes);
	assert_true(member_boolean(object, "/f", &yes, NULL) && !yes);
	assert_string_equal(member_text(object, "/s", "else"), "x");
	assert_string_equal(member_text(object, "/i", "else"), "else");
	assert_null(member_text(object, "/none", NULL));
}

static void
a_wrong_type_is_named_with_its_place(void **state)
{
	SCOPE(json) json_t *object = parse("{\"a\":{\"s\":\"x\",\"r\":1.0,\"n\":null,\"l\":[],\"o\":{},\"t\":true}}");
	static const struct {
		const char *pointer, *found;
	} rows[] = {
		{ "/a/r", "/a/r should be %s; found a number with a fraction" },
		{ "/a/n", "/a/n should be %s; found null" },
		{ "/a/l", "/a/l should be %s; found an array" },
		{ "/a/o", "/a/o should be %s; found an object" },
		{ "/a/x", "/a/x should be %s; found nothing" },
		{ "", "the whole value should be %s; found an object" },
	};
	struct fault fault = { 0 };
	const char *text;
	int64_t number = 7;
	bool yes;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *tail = strstr(rows[i].found, "; found");

		assert_false(member_integer(object, rows[i].pointer, &number, &fault));
		assert_int_equal(fault.code, FAULT_PROTOCOL);
		assert_int_equal(number, 7);
		assert_memory_equal(fault.text, rows[i].found,
		    (size_t)(strstr(rows[i].found, "%s") - rows[i].found));
		assert_non_null(strstr(fault.text, "a whole number"));
		assert_string_equal(strstr(fault.text, "; found"), tail);
	}
	assert_false(member_string(object, "/a/t", &text, &fault));
	assert_string_equal(fault.text, "/a/t should be a string; found true");
	assert_false(member_boolean(object, "/a/s", &yes, &fault));
	assert_string_equal(fault.text, "/a/s should be true or false; found a string");
}

static void
printing_is_compact_and_keeps_the_order(void **state)
{
	SCOPE(json) json_t *object = parse("{ \"z\" : [ 1, 2.5 ],\n \"a\" : \"\xc3\xa9\" }");
	SCOPE(free) char *text = member_print(object);

	(void)state;
	assert_string_equal(text, "{\"z\":[1,2.5],\"a\":\"\xc3\xa9\"}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_that_is_not_clean_is_refused),
		cmocka_unit_test(a_refusal_gives_the_place_and_no_content),
		cmocka_unit_test(only_the_given_bytes_are_read),
		cmocka_unit_test(pointers_are_those_of_the_rfc),
		cmocka_unit_test(an_endless_step_is_not_found),
		cmocka_unit_test(members_come_with_their_type),
		cmocka_unit_test(a_wrong_type_is_named_with_its_place),
		cmocka_unit_test(printing_is_compact_and_keeps_the_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
