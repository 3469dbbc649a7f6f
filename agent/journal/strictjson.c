#include "strictjson.h"

#include <stdint.h>
#include <string.h>

/* Where the reader stands, and what it found wanting. */
struct scan {
	const unsigned char *at, *end;
	const char *wanted;		/* set where the text is wrong */
};

static bool scan_value(struct scan *scan, int depth);

static bool
wrong(struct scan *scan, const char *wanted)
{
	scan->wanted = wanted;
	return false;
}

static bool
scan_byte(struct scan *scan, unsigned char byte, const char *wanted)
{
	if (scan->at == scan->end || *scan->at != byte)
		return wrong(scan, wanted);
	scan->at++;
	return true;
}

/* The first bytes of UTF-8 characters, with how many follow and what the second may be (RFC 3629, 4). */
static const struct {
	unsigned char first_low, first_high, second_low, second_high;
	size_t size;
} utf8_rows[] = {
	{ 0x00, 0x7f, 0, 0, 1 },
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

size_t
strictjson_utf8(const unsigned char *at, size_t left)
{
	for (size_t i = 0; left > 0 && i < sizeof utf8_rows / sizeof utf8_rows[0]; i++) {
		size_t size = utf8_rows[i].size;

		if (*at < utf8_rows[i].first_low || *at > utf8_rows[i].first_high)
			continue;
		if (size > left)
			return 0;
		if (size > 1 && (at[1] < utf8_rows[i].second_low || at[1] > utf8_rows[i].second_high))
			return 0;
		for (size_t k = 2; k < size; k++)
			if ((at[k] & 0xc0) != 0x80)
				return 0;
		return size;
	}
	return 0;
}

/* The number that four hex digits stand for, or -1. */
static int
hex4(const unsigned char *at)
{
	int value = 0;

	for (int i = 0; i < 4; i++) {
		static const char digits[] = "0123456789abcdef0123456789ABCDEF";
		const char *digit = at[i] == 0 ? NULL : strchr(digits, at[i]);

		if (digit == NULL)
			return -1;
		value = value * 16 + (int)((digit - digits) % 16);
	}
	return value;
}

/* What stands behind a backslash (RFC 8259, 7). */
static bool
scan_escape(struct scan *scan)
{
	size_t left = (size_t)(scan->end - scan->at);

	if (left < 2 || scan->at[1] == 0 || strchr("\"\\/bfnrtu", scan->at[1]) == NULL)
		return wrong(scan, "an escape that JSON knows");
	if (scan->at[1] != 'u') {
		scan->at += 2;
		return true;
	}

	int value = left < 6 ? -1 : hex4(scan->at + 2);
	if (value <= 0 || (value >= 0xd800 && value <= 0xdfff))
		return wrong(scan, "\\u with four hex digits, neither NUL nor a surrogate");
	scan->at += 6;
	return true;
}

/* Whether any of eight bytes is a control character, a quote, a backslash or no ASCII: a bit trick, since this is where the time goes. */
static bool
is_special(const unsigned char *at)
{
	static const uint64_t ones = UINT64_C(0x0101010101010101), highs = UINT64_C(0x8080808080808080);
	uint64_t word, quote, backslash;

	memcpy(&word, at, sizeof word);
	quote = word ^ ones * '"';
	backslash = word ^ ones * '\\';
	return ((word | (word - ones * 0x20) | (quote - ones) | (backslash - ones)) & highs) != 0;
}

static bool
scan_string(struct scan *scan)
{
	if (!scan_byte(scan, '"', "a string in quotes"))
		return false;
	while (scan->at < scan->end) {
		unsigned char byte = *scan->at;

		/* Nearly all bytes are plain ASCII: pass them first, eight at a time where that goes. */
		if (scan->end - scan->at >= 8 && !is_special(scan->at)) {
			scan->at += 8;
			continue;
		}
		if (byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\') {
			scan->at++;
			continue;
		}
		if (byte == '"') {
			scan->at++;
			return true;
		}
		if (byte < 0x20)
			return wrong(scan, "no control character");
		if (byte == '\\') {
			if (!scan_escape(scan))
				return false;
			continue;
		}
		size_t size = strictjson_utf8(scan->at, (size_t)(scan->end - scan->at));
		if (size == 0)
			return wrong(scan, "valid UTF-8");
		scan->at += size;
	}
	return wrong(scan, "the end of the string");
}

static bool
scan_digits(struct scan *scan)
{
	const unsigned char *start = scan->at;

	while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9')
		scan->at++;
	return scan->at > start || wrong(scan, "a digit");
}

/* [minus] int [frac] [exp] (RFC 8259, 6). */
static bool
scan_number(struct scan *scan)
{
	if (scan->at < scan->end && *scan->at == '-')
		scan->at++;
	if (scan->at < scan->end && *scan->at == '0')
		scan->at++;
	else if (!scan_digits(scan))
		return false;
	if (scan->at < scan->end && *scan->at == '.') {
		scan->at++;
		if (!scan_digits(scan))
			return false;
	}
	if (scan->at < scan->end && (*scan->at == 'e' || *scan->at == 'E')) {
		scan->at++;
		if (scan->at < scan->end && (*scan->at == '+' || *scan->at == '-'))
			scan->at++;
		return scan_digits(scan);
	}
	return true;
}

static bool
scan_word(struct scan *scan, const char *word)
{
	size_t size = strlen(word);

	if ((size_t)(scan->end - scan->at) < size || memcmp(scan->at, word, size) != 0)
		return wrong(scan, "a value");
	scan->at += size;
	return true;
}

/* The members of an object or the elements of an array, up to ${close}. */
static bool
scan_list(struct scan *scan, unsigned char close, int depth)
{
	scan->at++;
	if (depth >= STRICTJSON_DEPTH_MAX)
		return wrong(scan, "fewer levels");
	if (scan->at < scan->end && *scan->at == close) {
		scan->at++;
		return true;
	}
	for (;;) {
		if (close == '}' && (!scan_string(scan) || !scan_byte(scan, ':', "a colon")))
			return false;
		if (!scan_value(scan, depth + 1))
			return false;
		if (scan->at < scan->end && *scan->at == close) {
			scan->at++;
			return true;
		}
		if (!scan_byte(scan, ',', close == '}' ? "a comma or }" : "a comma or ]"))
			return false;
	}
}

static bool
scan_value(struct scan *scan, int depth)
{
	switch (scan->at < scan->end ? *scan->at : 0) {
	case '{':
		return scan_list(scan, '}', depth);
	case '[':
		return scan_list(scan, ']', depth);
	case '"':
		return scan_string(scan);
	case 't':
		return scan_word(scan, "true");
	case 'f':
		return scan_word(scan, "false");
	case 'n':
		return scan_word(scan, "null");
	default:
		return scan_number(scan);
	}
}

bool
strictjson_check(const char *text, size_t size, struct fault *fault)
{
	struct scan scan = { .at = (const unsigned char *)text };

	scan.end = scan.at + size;
	if (size == 0 || text[0] != '{')
		wrong(&scan, "an object");
	else if (scan_value(&scan, 0) && scan.at != scan.end)
		wrong(&scan, "nothing more after the object");
	if (scan.wanted == NULL)
		return true;

	/* Name the byte by its number: it may be no character. */
	size_t place = (size_t)(scan.at - (const unsigned char *)text);
	if (scan.at == scan.end)
		return fault_set(fault, FAULT_DATA, "it ends after %zu bytes, where %s was wanted", place,
		    scan.wanted);
	return fault_set(fault, FAULT_DATA, "byte %zu of it is 0x%02x, where %s was wanted", place,
	    *scan.at, scan.wanted);
}
