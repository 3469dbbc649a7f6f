#include "timetext.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* The first and last millisecond that four digits of a year can express. */
static const int64_t first_ms = -62167219200000, last_ms = 253402300799999;

static void
split_ms(int64_t wall_ms, struct tm *ret_civil, int *ret_ms)
{
	if (wall_ms < first_ms)
		wall_ms = first_ms;
	if (wall_ms > last_ms)
		wall_ms = last_ms;

	/* Before 1970 the remainder is negative: borrow a second. */
	time_t seconds = (time_t)(wall_ms / 1000);
	*ret_ms = (int)(wall_ms % 1000);
	if (*ret_ms < 0) {
		*ret_ms += 1000;
		seconds--;
	}
	gmtime_r(&seconds, ret_civil);
}

static const char *
print(int64_t wall_ms, bool with_ms, char text[static TIMETEXT_SIZE])
{
	struct tm civil;
	char wide[120] = "";		/* for any seven ints; the compiler cannot know that years have four digits */
	int ms, length;

	split_ms(wall_ms, &civil, &ms);
	length = snprintf(wide, sizeof wide, "%04d-%02d-%02dT%02d:%02d:%02d", civil.tm_year + 1900,
	    civil.tm_mon + 1, civil.tm_mday, civil.tm_hour, civil.tm_min, civil.tm_sec);
	if (with_ms)
		length += snprintf(wide + length, sizeof wide - (size_t)length, ".%03d", ms);
	wide[length] = 'Z';
	wide[length + 1] = 0;
	memcpy(text, wide, TIMETEXT_SIZE);
	return text;
}

const char *
timetext_print_ms(int64_t wall_ms, char text[static TIMETEXT_SIZE])
{
	return print(wall_ms, true, text);
}

const char *
timetext_print_s(int64_t wall_s, char text[static TIMETEXT_SIZE])
{
	/* Beyond these bounds the multiplication could overflow. */
	if (wall_s < first_ms / 1000)
		wall_s = first_ms / 1000;
	if (wall_s > last_ms / 1000)
		wall_s = last_ms / 1000;
	return print(wall_s * 1000, false, text);
}

/* Exactly ${count} ASCII digits at ${*place}, which then moves behind them. */
static bool
take_digits(const char **place, size_t count, int *ret_number)
{
	int number = 0;

	for (size_t i = 0; i < count; i++) {
		if ((*place)[i] < '0' || (*place)[i] > '9')
			return false;
		number = number * 10 + ((*place)[i] - '0');
	}
	*place += count;
	*ret_number = number;
	return true;
}

/* One of the characters in ${set}; the NUL is none of them. */
static bool
take_one(const char **place, const char *set, char *ret_found)
{
	if (**place == 0 || strchr(set, **place) == NULL)
		return false;
	*ret_found = *(*place)++;
	return true;
}

/* full-date: shape first, then whether the calendar has that day. */
static bool
take_date(const char **place, struct tm *civil)
{
	int year, month, day;
	char hyphen;

	if (!take_digits(place, 4, &year) || !take_one(place, "-", &hyphen) ||
	    !take_digits(place, 2, &month) || !take_one(place, "-", &hyphen) ||
	    !take_digits(place, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1)
		return false;

	/* timegm turns 30 February into 1 or 2 March: a day that moved does not exist. */
	struct tm normal = { .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };
	*civil = normal;
	timegm(&normal);
	return normal.tm_mday == day && normal.tm_mon == month - 1;
}

/* partial-time; second 60 passes here and is judged once the offset is known. */
static bool
take_time(const char **place, struct tm *civil, int *ret_ms)
{
	char separator;
	int weight = 100;

	if (!take_digits(place, 2, &civil->tm_hour) || !take_one(place, ":", &separator) ||
	    !take_digits(place, 2, &civil->tm_min) || !take_one(place, ":", &separator) ||
	    !take_digits(place, 2, &civil->tm_sec))
		return false;
	if (civil->tm_hour > 23 || civil->tm_min > 59 || civil->tm_sec > 60)
		return false;

	/* A fraction has at least one digit; those after the third are read and dropped. */
	*ret_ms = 0;
	if (!take_one(place, ".", &separator))
		return true;
	int digit;
	if (!take_digits(place, 1, &digit))
		return false;
	do {
		*ret_ms += digit * weight;
		weight /= 10;
	} while (take_digits(place, 1, &digit));
	return true;
}

/* time-offset: "Z" or a sign, hours and minutes; in seconds east of UTC. */
static bool
take_offset(const char **place, int *ret_seconds)
{
	char sign, colon;
	int hours, minutes;

	if (!take_one(place, "Zz+-", &sign))
		return false;
	*ret_seconds = 0;
	if (sign == 'Z' || sign == 'z')
		return true;
	if (!take_digits(place, 2, &hours) || !take_one(place, ":", &colon) ||
	    !take_digits(place, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*ret_seconds = (hours * 60 + minutes) * (sign == '-' ? -60 : 60);
	return true;
}

/*
 * Leap seconds are added at the end of a UTC month (ITU-R TF.460-6); which months had one is not
 * known here. timegm has made second 60 the first second of the next month already.
 */
static bool
after_leap_second(time_t seconds)
{
	struct tm civil;

	gmtime_r(&seconds, &civil);
	return civil.tm_mday == 1 && civil.tm_hour == 0 && civil.tm_min == 0 && civil.tm_sec == 0;
}

bool
timetext_parse(const char *text, int64_t *ret_wall_ms, struct fault *fault)
{
	const char *place = text;
	struct tm civil;
	char separator;
	int ms, offset;

	if (!take_date(&place, &civil) || !take_one(&place, "Tt", &separator) ||
	    !take_time(&place, &civil, &ms) || !take_offset(&place, &offset) || *place != 0)
		return fault_set(fault, FAULT_DATA, "\"%.60s\" is not a date and time; it should look "
		    "like 2026-12-20T18:30:00Z or 2026-12-20T19:30:00+01:00 (RFC 3339)", text);

	bool leap = civil.tm_sec == 60;
	time_t seconds = timegm(&civil) - offset;
	if (leap && !after_leap_second(seconds))
		return fault_set(fault, FAULT_DATA,
		    "\"%.60s\" has a second 60, which only the last minute of a month in UTC can have",
		    text);
	*ret_wall_ms = (int64_t)seconds * 1000 + ms;
	return true;
}

bool
timetext_parse_date(const char *text, int64_t *ret_wall_ms, struct fault *fault)
{
	const char *place = text;
	struct tm civil;

	if (!take_date(&place, &civil) || *place != 0)
		return fault_set(fault, FAULT_DATA,
		    "\"%.60s\" is not a date; it should look like 2026-12-20", text);
	*ret_wall_ms = (int64_t)timegm(&civil) * 1000;
	return true;
}
