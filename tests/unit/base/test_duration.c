#include "playground.h"

#include "duration.h"
#include "scope.h"
#include "timetext.h"

/* Rows of the JSON Schema suite where keyturn's dialect differs: see tests/vectors/README.md. */
static bool
differs_from_json_schema(const char *text)
{
	return strncmp(text, "P99999", 6) == 0;
}

static void
json_schema_suite_agrees(void **state)
{
	SCOPE(json) json_t *groups =
	    json_load_file("../../vectors/json-schema-formats/duration.json", 0, NULL);
	size_t i, j, strings = 0, different = 0;
	json_t *group, *row;

	(void)state;
	assert_non_null(groups);
	json_array_foreach(groups, i, group) {
		json_array_foreach(json_object_get(group, "tests"), j, row) {
			const char *text = json_string_value(json_object_get(row, "data"));
			bool valid = json_is_true(json_object_get(row, "valid"));
			struct duration duration;

			if (text == NULL)
				continue;
			strings++;
			if (differs_from_json_schema(text)) {
				different++;
				valid = false;
			}
			if (duration_parse(text, &duration, NULL) != valid)
				fail_msg("\"%s\" should be %s: %s", text, valid ? "valid" : "invalid",
				    json_string_value(json_object_get(row, "description")));
		}
	}
	assert_int_equal(strings, 46);
	assert_int_equal(different, 1);
}

/* The rows of Temporal that appendix A does not have: signs, fractions, weeks beside others. */
static bool
beyond_appendix_a(const char *text)
{
	const char *week = strchr(text, 'W');

	return text[0] != 'P' || strpbrk(text, ".,") != NULL || (week != NULL && week[1] != 0);
}

static void
temporal_suite_agrees_where_the_dialects_meet(void **state)
{
	SCOPE(file) FILE *file = fopen("../../vectors/test262-duration/valid.tsv", "r");
	char line[256];
	size_t taken = 0, refused = 0;

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof line, file) != NULL) {
		char *values = strchr(line, '\t');
		long years, months, weeks, days, hours, minutes, seconds;
		struct duration duration;

		if (line[0] == '#' || values == NULL)
			continue;
		*values++ = 0;
		if (beyond_appendix_a(line)) {
			assert_false(duration_parse(line, &duration, NULL));
			refused++;
			continue;
		}
		assert_int_equal(sscanf(values, "%ld %ld %ld %ld %ld %ld %ld", &years, &months,
		    &weeks, &days, &hours, &minutes, &seconds), 7);
		assert_true(duration_parse(line, &duration, NULL));
		assert_int_equal(duration.months, 12 * years + months);
		assert_int_equal(duration.ms, 1000 * (seconds + 60 * (minutes + 60 * (hours +
		    24 * (days + 7 * weeks)))));
		taken++;
	}
	assert_int_equal(taken, 10);
	assert_int_equal(refused, 18);
}

static void
what_temporal_refuses_is_refused(void **state)
{
	SCOPE(file) FILE *file = fopen("../../vectors/test262-duration/invalid.txt", "r");
	char line[256];
	size_t rows = 0;

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof line, file) != NULL) {
		struct duration duration;

		line[strcspn(line, "\n")] = 0;
		if (duration_parse(line, &duration, NULL))
			fail_msg("\"%s\" was taken", line);
		rows++;
	}
	assert_int_equal(rows, 41);
}

static void
every_unit_has_its_length(void **state)
{
	static const struct {
		const char *text;
		int32_t months;
		int64_t ms;
	} rows[] = {
		{ "P1Y", 12, 0 }, { "P1M", 1, 0 }, { "P1W", 0, 604800000 }, { "P1D", 0, 86400000 },
		{ "PT1H", 0, 3600000 }, { "PT1M", 0, 60000 }, { "PT1S", 0, 1000 },
		{ "P1Y2M3DT4H5M6S", 14, 273906000 }, { "P007D", 0, 604800000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct duration duration;

		assert_true(duration_parse(rows[i].text, &duration, NULL));
		assert_int_equal(duration.months, rows[i].months);
		assert_int_equal(duration.ms, rows[i].ms);
	}
}

static void
a_hundred_years_are_the_most(void **state)
{
	static const struct {
		const char *text;
		bool valid;
	} rows[] = {
		{ "P100Y", true }, { "P101Y", false }, { "P1200M", true }, { "P1201M", false },
		{ "P36525D", true }, { "P36526D", false }, { "P100YT1S", false },
		{ "P99Y12M", true }, { "P99Y12M1D", false }, { "P50Y600MT0S", true },
		{ "PT3155760000S", true }, { "PT3155760001S", false },
		{ "PT99999999999999999999999999S", false },
		{ "P99999999999Y99999999999M99999999999DT99999999999H99999999999M9S", false },
		{ "P99999999999W", false }, { "P5217W", true }, { "P5218W", false },
		{ "P18446744073709551617D", false },
	};
	struct fault fault = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct duration duration;

		if (duration_parse(rows[i].text, &duration, &fault) != rows[i].valid)
			fail_msg("\"%s\" should be %s", rows[i].text, rows[i].valid ? "valid" : "invalid");
		if (!rows[i].valid)
			assert_non_null(strstr(fault.text, "longer than 100 years"));
	}
}

static void
a_refusal_names_the_text_and_leaves_the_result(void **state)
{
	struct duration duration = { 7, 7 };
	struct fault fault = { 0 };

	(void)state;
	assert_false(duration_parse("p90d", &duration, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
	assert_non_null(strstr(fault.text, "\"p90d\" is not a duration"));
	assert_int_equal(duration.months, 7);
	assert_int_equal(duration.ms, 7);
}

static void
adding_keeps_to_the_calendar(void **state)
{
	static const struct {
		const char *from, *duration, *to;
	} rows[] = {
		{ "2026-01-31T12:00:00.250Z", "P1M", "2026-02-28T12:00:00.250Z" },
		{ "2028-01-31T12:00:00.000Z", "P1M", "2028-02-29T12:00:00.000Z" },
		{ "2026-01-30T00:00:00.000Z", "P2M", "2026-03-30T00:00:00.000Z" },
		{ "2028-02-29T00:00:00.000Z", "P1Y", "2029-02-28T00:00:00.000Z" },
		{ "2028-02-29T00:00:00.000Z", "P4Y", "2032-02-29T00:00:00.000Z" },
		{ "2026-12-31T23:59:59.999Z", "P2M", "2027-02-28T23:59:59.999Z" },
		{ "2026-08-31T00:00:00.000Z", "P18M", "2028-02-29T00:00:00.000Z" },
		{ "2026-01-31T00:00:00.000Z", "P1M1D", "2026-03-01T00:00:00.000Z" },
		{ "2026-11-22T01:45:00.000Z", "P90D", "2027-02-20T01:45:00.000Z" },
		{ "2026-02-28T23:00:00.000Z", "PT1H", "2026-03-01T00:00:00.000Z" },
		{ "1968-02-29T23:59:59.001Z", "P1Y", "1969-02-28T23:59:59.001Z" },
		{ "1900-01-31T00:00:00.000Z", "P100Y", "2000-01-31T00:00:00.000Z" },
		{ "2026-05-31T00:00:00.000Z", "PT0S", "2026-05-31T00:00:00.000Z" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[TIMETEXT_SIZE];
		struct duration duration;
		int64_t from;

		assert_true(timetext_parse(rows[i].from, &from, NULL));
		assert_true(duration_parse(rows[i].duration, &duration, NULL));
		assert_string_equal(timetext_print_ms(duration_add(from, &duration), text), rows[i].to);
	}
}

static void
people_read_one_unit(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
		{ 0, "0 s" }, { 999, "0 s" }, { 45000, "45 s" }, { 119999, "119 s" },
		{ 120000, "2 min" }, { 7199999, "119 min" }, { 7200000, "2 h" },
		{ 172799999, "47 h" }, { 172800000, "2 days" }, { 7776000000, "90 days" },
		{ -259200000, "3 days" }, { INT64_MIN, "106751991167 days" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[DURATION_TEXT_SIZE];

		assert_string_equal(duration_print_human(rows[i].ms, text), rows[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_schema_suite_agrees),
		cmocka_unit_test(temporal_suite_agrees_where_the_dialects_meet),
		cmocka_unit_test(what_temporal_refuses_is_refused),
		cmocka_unit_test(every_unit_has_its_length),
		cmocka_unit_test(a_hundred_years_are_the_most),
		cmocka_unit_test(a_refusal_names_the_text_and_leaves_the_result),
		cmocka_unit_test(adding_keeps_to_the_calendar),
		cmocka_unit_test(people_read_one_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
