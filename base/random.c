#include "random.h"

#include "encode.h"

#include <openssl/rand.h>
#include <string.h>

bool
random_bytes(void *ret_bytes, size_t size, struct fault *fault)
{
	/* OpenSSL seeds itself from getrandom(2), so this can fail only where that does. */
	if (RAND_bytes_ex(NULL, ret_bytes, size, 0) != 1)
		return fault_set(fault, FAULT_SYSTEM,
		    "OpenSSL gives no random bytes; nothing secret can be made on this machine "
		    "until it does");
	return true;
}

bool
random_uuid(char ret_text[static 37], struct fault *fault)
{
	/* Where the five groups of hex digits begin and how long they are (RFC 9562, 4). */
	static const struct {
		size_t from, length;
	} groups[] = { { 0, 8 }, { 8, 4 }, { 12, 4 }, { 16, 4 }, { 20, 12 } };
	uint8_t bytes[16];
	char digits[33];

	if (!random_bytes(bytes, sizeof bytes, fault))
		return false;

	/* The version stands in the upper half of byte 6, the variant in the top bits of byte 8. */
	bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
	bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
	encode_hex(bytes, sizeof bytes, digits);

	/* Copy group by group, a hyphen after each; the last hyphen's place is the NUL's. */
	char *place = ret_text;
	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
		memcpy(place, digits + groups[i].from, groups[i].length);
		place += groups[i].length;
		*place++ = '-';
	}
	ret_text[36] = 0;
	return true;
}
