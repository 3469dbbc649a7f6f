#include "duration.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const int64_t second_ms = 1000;
static const int64_t minute_ms = 60 * 1000;
static const int64_t hour_ms = 60 * 60 * 1000;
static const int64_t day_ms = 24 * 60 * 60 * 1000;

enum { MONTHS_MAX = 1200, DAYS_MAX = 36525 };	/* 100 years */

/* A unit adds months or milliseconds. */
struct unit {
	char letter;
	int32_t months;
	int64_t ms;
};

/* In the order in which they must come; between two that are there none may be left out. */
static const struct unit date_units[] = {
	{ 'Y', 12, 0 }, { 'M', 1, 0 }, { 'D', 0, 24 * 60 * 60 * 1000 }, { 0, 0, 0 },
};
static const struct unit time_units[] = {
	{ 'H', 0, 60 * 60 * 1000 }, { 'M', 0, 60 * 1000 }, { 'S', 0, 1000 }, { 0, 0, 0 },
};
static const struct unit week_units[] = {
	{ 'W', 0, 7 * 24 * 60 * 60 * 1000 }, { 0, 0, 0 },
};

/* More of any unit is beyond the limit, and far from overflow: 10^10 weeks are 6 * 10^18 ms. */
static const int64_t number_max = 10000000000;

/* What has been read so far; once too long, it stays so. */
struct reading {
	const char *place;
	int64_t months;
	int64_t ms;
	bool too_long;
};

/* One or more ASCII digits; leading zeros do no harm. */
static bool
take_number(struct reading *reading, int64_t *ret_number)
{
	int64_t number = 0;

	if (*reading->place < '0' || *reading->place > '9')
		return false;
	for (; *reading->place >= '0' && *reading->place <= '9'; reading->place++) {
		number = number * 10 + (*reading->place - '0');
		if (number > number_max)
			number = number_max;
	}
	*ret_number = number;
	return true;
}

static void
add(struct reading *reading, int64_t number, const struct unit *unit)
{
	int64_t month_ms = DAYS_MAX * day_ms / MONTHS_MAX;

	/* Each sum stays small, since a reading that is too long is added to no more. */
	if (!reading->too_long) {
		reading->months += number * unit->months;
		reading->ms += number * unit->ms;
	}
	if (reading->months > MONTHS_MAX || reading->ms > DAYS_MAX * day_ms ||
	    reading->months * month_ms + reading->ms > DAYS_MAX * day_ms)
		reading->too_long = true;
}

/* A run of units from ${units}, at least one: any may begin it, then each is the next one. */
static bool
take_units(struct reading *reading, const struct unit *units)
{
	const struct unit *next = NULL;
	int64_t number;

	while (take_number(reading, &number)) {
		char letter = *reading->place;

		/* The first letter may be anywhere in the table, each later one must follow. */
		if (next == NULL)
			for (next = units; next->letter != 0 && next->letter != letter;)
				next++;
		if (next->letter == 0 || next->letter != letter)
			return false;
		add(reading, number, next);
		reading->place++;
		next++;
	}
	return next != NULL;
}

/* duration = "P" (dur-date / dur-time / dur-week), dur-date = units ["T" units]. */
static bool
take_duration(struct reading *reading, const char *text)
{
	if (*text != 'P')
		return false;
	*reading = (struct reading){ .place = text + 1 };
	if (strchr(text, 'W') != NULL)
		return take_units(reading, week_units) && *reading->place == 0;
	if (*reading->place != 'T' && !take_units(reading, date_units))
		return false;
	if (*reading->place == 'T') {
		reading->place++;
		if (!take_units(reading, time_units))
			return false;
	}
	return *reading->place == 0;
}

bool
duration_parse(const char *text, struct duration *ret_duration, struct fault *fault)
{
	struct reading reading;

	if (!take_duration(&reading, text))
		return fault_set(fault, FAULT_DATA, "\"%.60s\" is not a duration; it should look like "
		    "P90D, P2W, P1Y6M, PT4H or P1DT12H (RFC 3339, appendix A)", text);
	if (reading.too_long)
		return fault_set(fault, FAULT_DATA,
		    "\"%.60s\" is longer than 100 years, the longest that keyturn takes", text);
	ret_duration->months = (int32_t)reading.months;
	ret_duration->ms = reading.ms;
	return true;
}

/* The civil date ${months} later; the day becomes the last of its month where it must. */
static time_t
add_months(time_t seconds, int32_t months)
{
	struct tm civil;
	int day;

	gmtime_r(&seconds, &civil);
	day = civil.tm_mday;
	civil.tm_mon += months;
	civil.tm_mday = 1;
	timegm(&civil);

	/* Day 0 of the month after is the last day of this one. */
	struct tm last = civil;
	last.tm_mon++;
	last.tm_mday = 0;
	timegm(&last);
	civil.tm_mday = day < last.tm_mday ? day : last.tm_mday;
	return timegm(&civil);
}

int64_t
duration_add(int64_t wall_ms, const struct duration *duration)
{
	/* Round towards the past, so that times before 1970 fall on the right day as well. */
	int64_t ms = ((wall_ms % 1000) + 1000) % 1000;
	time_t seconds = (time_t)((wall_ms - ms) / 1000);

	if (duration->months != 0)
		seconds = add_months(seconds, duration->months);
	return (int64_t)seconds * 1000 + ms + duration->ms;
}

const char *
duration_print_human(int64_t span_ms, char text[static DURATION_TEXT_SIZE])
{
	/* From two of a unit on that unit says enough; "90 s" says more than "1 min". */
	const struct {
		int64_t ms;
		const char *name;
	} units[] = {
		{ day_ms, "days" }, { hour_ms, "h" }, { minute_ms, "min" }, { second_ms, "s" },
	};
	uint64_t span = span_ms < 0 ? 0 - (uint64_t)span_ms : (uint64_t)span_ms;
	size_t last = sizeof units / sizeof units[0] - 1, i = 0;

	/* A negative span is as long as a positive one: before or after is for the caller to say. */
	while (i < last && span < 2 * (uint64_t)units[i].ms)
		i++;
	snprintf(text, DURATION_TEXT_SIZE, "%llu %s",
	    (unsigned long long)(span / (uint64_t)units[i].ms), units[i].name);
	return text;
}
