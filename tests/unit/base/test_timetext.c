#include "playground.h"

#include "scope.h"
#include "timetext.h"

typedef bool parser(const char *text, int64_t *ret_ms, struct fault *fault);

/* Run one file of the JSON Schema suite; returns how many rows had a text that C can hold. */
static size_t
run_suite(const char *path, parser *parse)
{
	SCOPE(json) json_t *groups = json_load_file(path, JSON_ALLOW_NUL, NULL);
	size_t i, j, strings = 0;
	json_t *group, *row;

	assert_non_null(groups);
	json_array_foreach(groups, i, group) {
		json_array_foreach(json_object_get(group, "tests"), j, row) {
			json_t *data = json_object_get(row, "data");
			const char *text = json_string_value(data);
			bool valid = json_is_true(json_object_get(row, "valid"));
			int64_t ms;

			if (text == NULL || strlen(text) != json_string_length(data))
				continue;
			strings++;
			if (parse(text, &ms, NULL) != valid)
				fail_msg("\"%s\" should be %s: %s", text, valid ? "valid" : "invalid",
				    json_string_value(json_object_get(row, "description")));
		}
	}
	return strings;
}

static void
json_schema_suites_agree(void **state)
{
	(void)state;
	assert_int_equal(run_suite("../../vectors/json-schema-formats/date.json",
	    timetext_parse_date), 74);
	assert_int_equal(run_suite("../../vectors/json-schema-formats/date-time.json",
	    timetext_parse), 27);
}

static void
date_times_have_their_value(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		/* The examples of RFC 3339, 5.8. */
		{ "1985-04-12T23:20:50.52Z", 482196050520 },
		{ "1996-12-19T16:39:57-08:00", 851042397000 },
		{ "1990-12-31T23:59:60Z", 662688000000 },
		{ "1990-12-31T15:59:60-08:00", 662688000000 },
		{ "1937-01-01T12:00:27.87+00:20", -1041337172130 },
		/* Edges. */
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1970-01-01T00:00:00-00:00", 0 },
		{ "1969-12-31T23:59:59.9999Z", -1 },
		{ "0000-01-01T00:00:00Z", -62167219200000 },
		{ "9999-12-31T23:59:59.999Z", 253402300799999 },
		{ "2026-11-22t01:45:00.000z", 1795311900000 },
		{ "2026-11-22T23:44:00+21:59", 1795311900000 },
		{ "2015-06-30T23:59:60Z", 1435708800000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t ms;

		assert_true(timetext_parse(rows[i].text, &ms, NULL));
		if (ms != rows[i].ms)
			fail_msg("\"%s\" became %lld", rows[i].text, (long long)ms);
	}
}

static void
other_date_times_are_refused_in_words(void **state)
{
	static const char *const rows[] = {
		"", "2026-11-22", "2026-11-22 01:45:00Z", "2026-11-22T01:45:00", "2026-11-22T01:45Z",
		"2026-11-22T01:45:00.Z", "2026-11-22T01:45:00,5Z", "2026-11-22T1:45:00Z",
		"2026-11-22T01:45:00+0100", "2026-11-22T01:45:00Z ", "2026-11-31T01:45:00Z",
		"2026-11-22T23:59:60Z", "2026-11-30T23:59:60+01:00",
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fault fault = { 0 };
		int64_t ms = 77;

		if (timetext_parse(rows[i], &ms, &fault))
			fail_msg("\"%s\" was taken", rows[i]);
		assert_int_equal(fault.code, FAULT_DATA);
		assert_non_null(strstr(fault.text, rows[i]));
		assert_int_equal(ms, 77);
	}
}

/* Days since 1970 counted on the fingers: another way than timegm's. */
static void
every_day_of_four_centuries_is_in_its_place(void **state)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t day = -135140;		/* 1600-01-01 */

	(void)state;
	for (int year = 1600; year < 2000; year++) {
		bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

		for (int month = 0; month < 12; month++) {
			int length = lengths[month] + (month == 1 && leap ? 1 : 0);

			for (int date = 1; date <= 31; date++) {
				char text[64], printed[TIMETEXT_SIZE];
				int64_t ms;

				snprintf(text, sizeof text, "%04d-%02d-%02d", year, month + 1, date);
				if (date > length) {
					assert_false(timetext_parse_date(text, &ms, NULL));
					continue;
				}
				assert_true(timetext_parse_date(text, &ms, NULL));
				assert_int_equal(ms, day * 86400000);
				assert_memory_equal(timetext_print_ms(ms, printed), text, 10);
				day++;
			}
		}
	}
	assert_int_equal(day, 10957);	/* 2000-01-01 */
}

static void
what_is_printed_reads_back(void **state)
{
	uint64_t number = 42;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char text[TIMETEXT_SIZE];
		int64_t ms, back;

		/* A fixed sequence of numbers over years 0000 to 9999 (Knuth's constants). */
		number = number * 6364136223846793005u + 1442695040888963407u;
		ms = (int64_t)((number >> 8) % 315569520000000u) - 62167219200000;
		assert_true(timetext_parse(timetext_print_ms(ms, text), &back, NULL));
		assert_int_equal(back, ms);
		assert_int_equal(strlen(text), 24);
	}
}

static void
printing_goes_to_the_nearest_year_of_four_digits(void **state)
{
	char text[TIMETEXT_SIZE];

	(void)state;
	assert_string_equal(timetext_print_ms(1795311900007, text), "2026-11-22T01:45:00.007Z");
	assert_string_equal(timetext_print_ms(-1, text), "1969-12-31T23:59:59.999Z");
	assert_string_equal(timetext_print_s(1795311900, text), "2026-11-22T01:45:00Z");
	assert_string_equal(timetext_print_ms(INT64_MAX, text), "9999-12-31T23:59:59.999Z");
	assert_string_equal(timetext_print_ms(INT64_MIN, text), "0000-01-01T00:00:00.000Z");
	assert_string_equal(timetext_print_s(INT64_MAX, text), "9999-12-31T23:59:59Z");
	assert_string_equal(timetext_print_s(INT64_MIN, text), "0000-01-01T00:00:00Z");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_schema_suites_agree),
		cmocka_unit_test(date_times_have_their_value),
		cmocka_unit_test(other_date_times_are_refused_in_words),
		cmocka_unit_test(every_day_of_four_centuries_is_in_its_place),
		cmocka_unit_test(what_is_printed_reads_back),
		cmocka_unit_test(printing_goes_to_the_nearest_year_of_four_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
