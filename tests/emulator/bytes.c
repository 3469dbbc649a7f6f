#include "bytes.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct bytes
bytes_new(size_t size)
{
	struct bytes b = { calloc(1, size > 0 ? size : 1), size };

	if (b.data == NULL) {
		fprintf(stderr, "azure-emulator: out of memory\n");
		abort();
	}
	return b;
}

void
bytes_release(struct bytes *b)
{
	if (b->data != NULL)
		OPENSSL_cleanse(b->data, b->size);
	free(b->data);
	b->data = NULL;
	b->size = 0;
}

struct bytes
bytes_random(size_t size)
{
	struct bytes b = bytes_new(size);

	if (RAND_bytes(b.data, (int)size) != 1) {
		fprintf(stderr, "azure-emulator: no random bytes\n");
		abort();
	}
	return b;
}

bool
bytes_decode(const char *text, struct bytes *ret_bytes)
{
	size_t length = strlen(text);
	struct bytes b;
	uint32_t bits = 0;
	unsigned held = 0;
	size_t used = 0;

	/* Four characters make three bytes; one left over makes nothing. */
	if (length % 4 == 1)
		return false;
	b = bytes_new(length / 4 * 3 + 3);

	for (size_t i = 0; i < length; i++) {
		const char *at = strchr(ALPHABET, text[i]);

		if (at == NULL) {
			bytes_release(&b);
			return false;
		}
		bits = (bits << 6 | (uint32_t)(at - ALPHABET)) & 0xffffff;
		held += 6;
		if (held >= 8) {
			held -= 8;
			b.data[used++] = (uint8_t)(bits >> held);
		}
	}

	/*
	 * Bits beyond the last whole byte must be zero, else two texts would mean the same
	 * bytes.
	 */
	if ((bits & ((1u << held) - 1)) != 0) {
		bytes_release(&b);
		return false;
	}
	b.size = used;
	*ret_bytes = b;
	return true;
}

char *
bytes_encode(const uint8_t *data, size_t size)
{
	char *text = (char *)bytes_new(size / 3 * 4 + 5).data;
	size_t used = 0;
	uint32_t bits = 0;
	unsigned held = 0;

	for (size_t i = 0; i < size; i++) {
		bits = (bits << 8 | data[i]) & 0xffffff;
		for (held += 8; held >= 6; held -= 6)
			text[used++] = ALPHABET[bits >> (held - 6) & 0x3f];
	}
	if (held > 0)
		text[used++] = ALPHABET[bits << (6 - held) & 0x3f];
	text[used] = '\0';
	return text;
}

json_t *
bytes_encode_json(const uint8_t *data, size_t size)
{
	char *text = bytes_encode(data, size);
	json_t *json = json_string(text);

	OPENSSL_cleanse(text, strlen(text));
	free(text);
	return json;
}
