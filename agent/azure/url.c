#include "url.h"

#include "scope.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

static inline void
scope_curlu(CURLU **handle)
{
	curl_url_cleanup(*handle);
}

/*
 * Copy one part of ${handle}; a part that is absent is empty, one that does not fit is an
 * error.
 */
static bool
take_part(CURLU *handle, CURLUPart part, char *ret_text, size_t room)
{
	char *text = NULL;
	CURLUcode code = curl_url_get(handle, part, &text, 0);
	bool fits;

	*ret_text = '\0';
	if (code != CURLUE_OK)
		return code == CURLUE_NO_PORT || code == CURLUE_NO_QUERY ||
		    code == CURLUE_NO_USER || code == CURLUE_NO_PASSWORD ||
		    code == CURLUE_NO_FRAGMENT;
	fits = strlen(text) < room;
	if (fits)
		strcpy(ret_text, text);
	curl_free(text);
	return fits;
}

/*
 * No fragment (it is never sent), and a host of plain letters: neither an IDN nor an IPv6
 * address names an Azure endpoint.
 */
static bool
take_parts(CURLU *handle, struct url *url)
{
	char host[256], port[8], fragment[8];

	if (!take_part(handle, CURLUPART_HOST, host, sizeof host) ||
	    !take_part(handle, CURLUPART_PORT, port, sizeof port) ||
	    !take_part(handle, CURLUPART_PATH, url->path, sizeof url->path) ||
	    !take_part(handle, CURLUPART_QUERY, url->query, sizeof url->query) ||
	    !take_part(handle, CURLUPART_FRAGMENT, fragment, sizeof fragment))
		return false;
	if (fragment[0] != '\0' || !url_is_word(host, "-.", 253))
		return false;
	for (char *c = host; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);

	/* The default port is the same place with and without its number. */
	bool bare = port[0] == '\0' || strcmp(port, "443") == 0;
	snprintf(url->authority, sizeof url->authority, "%s%s%s", host, bare ? "" : ":",
	    bare ? "" : port);
	return true;
}

/* Checked by hand first, since libcurl forgives more than it should. */
bool
url_parse(const char *text, struct url *ret_url, struct fault *fault)
{
	SCOPE(curlu) CURLU *handle = curl_url();
	struct url url;

	if (handle == NULL)
		return fault_system(fault, "Memory for a URL");

	/*
	 * Spaces and control characters would end a header line early; quotes and brackets are
	 * in no URL of Azure's.
	 */
	for (const char *c = text; *c != '\0'; c++)
		if (*c <= ' ' || *c >= 127 || strchr("\"<>\\^`{|}", *c) != NULL)
			return fault_set(fault, FAULT_DATA, "A URL holds a character that "
			    "must not be in one (byte %u)", (unsigned)(unsigned char)*c);
	if (strncasecmp(text, "https://", 8) != 0)
		return fault_set(fault, FAULT_DATA,
		    "'%.200s' is no URL that keyturn asks; it must begin with https://", text);
	if (curl_url_set(handle, CURLUPART_URL, text, CURLU_DISALLOW_USER) != CURLUE_OK ||
	    !take_parts(handle, &url))
		return fault_set(fault, FAULT_DATA, "'%.200s' is no usable URL; it must be "
		    "https://HOST/PATH without user, password and fragment", text);
	*ret_url = url;
	return true;
}

bool
url_is_below(const char *authority, const char *suffix)
{
	size_t length, tail;

	/* Without its leading dot a suffix would also fit evilvault.azure.net. */
	if (suffix == NULL || suffix[0] != '.')
		return false;
	tail = strlen(suffix);
	length = strchr(suffix, ':') != NULL ? strlen(authority) : strcspn(authority, ":");
	return tail > 1 && length > tail &&
	    strncasecmp(authority + length - tail, suffix, tail) == 0;
}

/* ASCII only: what a locale calls a letter is no matter here. */
bool
url_is_word(const char *text, const char *others, size_t max)
{
	size_t length = strlen(text);

	if (length < 1 || length > max)
		return false;
	for (const char *c = text; *c != '\0'; c++)
		if (!isascii((unsigned char)*c) ||
		    (!isalnum((unsigned char)*c) && strchr(others, *c) == NULL))
			return false;
	return true;
}

/* Format, then read back: what cannot be read back is not asked for. */
bool
url_print(char **ret_text, struct fault *fault, const char *format, ...)
{
	SCOPE(free) char *text = NULL;
	struct url parts;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0) {
		text = NULL;
		return fault_system(fault, "Memory for a URL");
	}
	if (!url_parse(text, &parts, fault))
		return false;
	*ret_text = scope_move(text);
	return true;
}
