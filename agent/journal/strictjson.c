#include "strictjson.h"

#include "utf8.h"

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
		size_t size = utf8_size(scan->at, (size_t)(scan->end - scan->at));
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
