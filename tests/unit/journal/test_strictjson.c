#include "folder.h"
#include "strictjson.h"

static const char *const good[] = {
	"{}", "{\"a\":[]}", "{\"a\":[1,-0,0.5,-12.25e+3,1E-9],\"b\":{\"c\":null,\"d\":true,\"e\":false}}",
	"{\"\":\"\"}", "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u001f\\uABCD\\u007f\"}", "{\"a\":\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x94\x91\"}",
	"{\"a\":\"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\"}",
	"{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
};

static const struct {
	const char *text, *words;
} bad[] = {
	{ "", "an object" }, { "[]", "an object" }, { "1", "an object" }, { " {}", "an object" }, { "{} ", "nothing more" },
	{ "{}{}", "nothing more" }, { "{", "a string" }, { "{\"a\"", "a colon" }, { "{\"a\":", "a digit" },
	{ "{\"a\":1", "a comma or }" }, { "{\"a\":1,}", "a string" }, { "{\"a\": 1}", "a digit" }, { "{a:1}", "a string" },
	{ "{\"a\":01}", "a comma or }" }, { "{\"a\":+1}", "a digit" }, { "{\"a\":.5}", "a digit" }, { "{\"a\":1.}", "a digit" },
	{ "{\"a\":1e}", "a digit" }, { "{\"a\":NaN}", "a digit" }, { "{\"a\":tru}", "a value" }, { "{\"a\":[1,]}", "a digit" },
	{ "{\"a\":[1}", "a comma or ]" }, { "{\"a\":\"x}", "the end of the string" }, { "{\"a\":\"\t\"}", "control" },
	{ "{\"a\":\"\\x\"}", "escape" }, { "{\"a\":\"\\u12g4\"}", "hex digits" }, { "{\"a\":\"\\u0000\"}", "neither NUL" },
	{ "{\"a\":\"\\ud800\"}", "surrogate" }, { "{\"a\":\"\\u12", "hex digits" }, { "{\"a\":\"\\", "escape" },
	{ "{\"a\":\"\xc3\"}", "UTF-8" }, { "{\"a\":\"\xc0\xaf\"}", "UTF-8" }, { "{\"a\":\"\xed\xa0\x80\"}", "UTF-8" },
	{ "{\"a\":\"\xf4\x90\x80\x80\"}", "UTF-8" }, { "{\"a\":\"\xff\"}", "UTF-8" }, { "{\"a\":\"\xe0\x9f\xbf\"}", "UTF-8" },
	{ "{\"a\":\"\xf0\x9f\x94\"}", "UTF-8" }, { "{\"a\":\"\xe2\x82", "UTF-8" },
	{ "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}", "fewer levels" },
};

static void
what_keyturn_writes_is_accepted(void **state)
{
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (!strictjson_check(good[i], strlen(good[i]), &fault))
			fail_msg("%s: %s", good[i], fault.text);
}

static void
everything_else_is_refused_with_its_place(void **state)
{
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		/* In memory of exactly that size, so that a byte read too far is noticed. */
		size_t size = strlen(bad[i].text);
		SCOPE(free) char *text = malloc(size == 0 ? 1 : size);

		memcpy(text, bad[i].text, size);
		if (strictjson_check(text, size, &fault))
			fail_msg("accepted: %s", bad[i].text);
		assert_int_equal(fault.code, FAULT_DATA);
		if (strstr(fault.text, bad[i].words) == NULL)
			fail_msg("%s: '%s' lacks '%s'", bad[i].text, fault.text, bad[i].words);
	}
	assert_false(strictjson_check("{\"a\":\"x\0y\"}", 11, &fault));
	assert_string_equal(fault.text, "byte 7 of it is 0x00, where no control character was wanted");
}

static void
whatever_it_accepts_a_parser_accepts_too(void **state)
{
	static const char seed[] = "{\"a\":[1,-2.5e3,\"x\\u00e9\\n\"],\"b\":{\"c\":null,\"d\":\"\xc3\xa9\"}}";
	int accepted = 0;

	/* Each byte of a sample replaced by each of 256. */
	(void)state;
	for (size_t at = 0; at < sizeof seed - 1; at++) {
		for (int byte = 0; byte < 256; byte++) {
			char text[sizeof seed];

			memcpy(text, seed, sizeof seed);
			text[at] = (char)byte;
			if (!strictjson_check(text, sizeof seed - 1, NULL))
				continue;
			json_t *value = json_loadb(text, sizeof seed - 1, 0, NULL);
			if (value == NULL)
				fail_msg("accepted, but no JSON: %s", text);
			json_decref(value);
			accepted++;
		}
	}
	print_message("%d variants accepted by both\n", accepted);
	assert_true(accepted >= (int)sizeof seed - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_keyturn_writes_is_accepted),
		cmocka_unit_test(everything_else_is_refused_with_its_place),
		cmocka_unit_test(whatever_it_accepts_a_parser_accepts_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
