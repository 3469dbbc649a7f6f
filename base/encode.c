#include "encode.h"

#include "scope.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

/* OpenSSL counts base64 in int; nothing that keyturn encodes comes near this. */
enum { ENCODE_MAX = 1 << 30 };

char *
encode_hex(const void *bytes, size_t size, char *text)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *byte = bytes;

	for (size_t i = 0; i < size; i++) {
		text[2 * i] = digits[byte[i] >> 4];
		text[2 * i + 1] = digits[byte[i] & 15];
	}
	text[2 * size] = 0;
	return text;
}

bool
encode_parse_hex(const char *text, uint8_t *ret_bytes, size_t size, struct fault *fault)
{
	size_t length = strlen(text);

	/* Check everything first, so that a failure leaves the caller's bytes alone. */
	if (length != 2 * size)
		return fault_set(fault, FAULT_DATA,
		    "Hex text has %zu characters; it should have %zu", length, 2 * size);
	for (size_t i = 0; i < length; i++)
		if (OPENSSL_hexchar2int((unsigned char)text[i]) < 0)
			return fault_set(fault, FAULT_DATA,
			    "Hex text: character %zu is not one of 0-9, a-f, A-F", i + 1);

	for (size_t i = 0; i < size; i++)
		ret_bytes[i] = (uint8_t)(OPENSSL_hexchar2int((unsigned char)text[2 * i]) << 4 |
		    OPENSSL_hexchar2int((unsigned char)text[2 * i + 1]));
	return true;
}

bool
encode_base64url(const void *bytes, size_t size, char **ret_text, struct fault *fault)
{
	char *text;

	if (size > ENCODE_MAX)
		return fault_set(fault, FAULT_DATA, "%zu bytes are too many for base64url", size);
	if ((text = malloc((size + 2) / 3 * 4 + 1)) == NULL)
		return fault_system(fault, "Memory for base64url text");

	/* OpenSSL writes classic base64: change its two odd characters, cut at the padding. */
	EVP_EncodeBlock((unsigned char *)text, bytes, (int)size);
	for (char *place = text; *place != 0; place++) {
		if (*place == '+')
			*place = '-';
		else if (*place == '/')
			*place = '_';
		else if (*place == '=')
			*place = 0;
	}
	*ret_text = text;
	return true;
}

/* The value of a base64url character, -1 for any other (RFC 4648, table 2). */
static int
value_of(char character)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *place = memchr(alphabet, character, sizeof alphabet - 1);

	return place == NULL ? -1 : (int)(place - alphabet);
}

/* Whether ${text} is base64url that an encoder would have written. */
static bool
check_base64url(const char *text, size_t length, struct fault *fault)
{
	static const int left_over[] = { 0, 0, 0x0f, 0x03 };

	if (length > ENCODE_MAX || length % 4 == 1)
		return fault_set(fault, FAULT_DATA,
		    "base64url text cannot have %zu characters", length);
	for (size_t i = 0; i < length; i++)
		if (value_of(text[i]) < 0)
			return fault_set(fault, FAULT_DATA,
			    "base64url text: character %zu is not one of A-Z, a-z, 0-9, - and _ "
			    "(no padding, no white space)", i + 1);
	if (length > 0 && (value_of(text[length - 1]) & left_over[length % 4]) != 0)
		return fault_set(fault, FAULT_DATA,
		    "base64url text: the last character has bits that belong to no byte");
	return true;
}

bool
encode_parse_base64url(const char *text, uint8_t **ret_bytes, size_t *ret_size,
    struct fault *fault)
{
	size_t length = strlen(text);
	size_t size = length / 4 * 3 + (length % 4 == 0 ? 0 : length % 4 - 1);
	uint8_t *bytes;

	if (!check_base64url(text, length, fault))
		return false;
	if ((bytes = malloc(size + 1)) == NULL)
		return fault_system(fault, "Memory for the bytes of base64url text");

	/* Collect six bits a character and hand out a byte whenever there are eight. */
	uint32_t bits = 0;
	unsigned count = 0;
	size_t filled = 0;
	for (size_t i = 0; i < length; i++) {
		bits = (bits << 6 | (uint32_t)value_of(text[i])) & 0xffff;
		count += 6;
		if (count >= 8) {
			count -= 8;
			bytes[filled++] = (uint8_t)(bits >> count);
		}
	}
	bytes[size] = 0;
	*ret_bytes = bytes;
	*ret_size = size;
	return true;
}
