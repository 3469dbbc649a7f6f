#include "armtext.h"

#include "release.h"
#include "text.h"
#include "world.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A fake server without memory has nothing useful left to say. */
static void *
need(void *p)
{
	if (p == NULL)
		abort();
	return p;
}

json_t *
armtext_json(const char *format, ...)
{
	RELEASE(text) char *text = NULL;
	va_list list;

	va_start(list, format);
	text = text_format_list(format, list);
	va_end(list);

	/* A text may quote the request, so it is made UTF-8 first. */
	return text_json(text, strlen(text));
}

json_t *
armtext_time(int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	(void)gmtime_r(&seconds, &tm);
	return armtext_json("%04d-%02d-%02dT%02d:%02d:%02d.%03d0000Z", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
	    tm.tm_sec, (int)(ms % 1000));
}

json_t *
armtext_guid(void)
{
	char guid[WORLD_GUID_SIZE];

	world_guid(guid);
	return need(json_string(guid));
}

json_t *
armtext_base64(const uint8_t *bytes, size_t size)
{
	unsigned char *text = need(malloc(4 * ((size + 2) / 3) + 1));
	json_t *json;

	(void)EVP_EncodeBlock(text, bytes, (int)size);
	json = need(json_string((const char *)text));
	free(text);
	return json;
}

uint8_t *
armtext_unbase64(const char *text, size_t *ret_size)
{
	size_t length = strlen(text), padding = 0;
	uint8_t *bytes = need(malloc(length + 1));
	int size;

	/* OpenSSL counts the padding as bytes; take them off again. */
	while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
		padding++;
	size = EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)length);
	if (size < 0 || (size_t)size < padding) {
		free(bytes);
		return NULL;
	}
	*ret_size = (size_t)size - padding;
	return bytes;
}
