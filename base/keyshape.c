#include "keyshape.h"

#include <stddef.h>
#include <stdio.h>

/* Every shape that a Key Vault takes by BYOK and that keyturn therefore makes. */
static const struct {
	struct key_shape shape;
	const char *curve;
} shapes[] = {
	{ { KEY_RSA, 2048 }, NULL },
	{ { KEY_RSA, 3072 }, NULL },
	{ { KEY_RSA, 4096 }, NULL },
	{ { KEY_EC, 256 }, "P-256" },
	{ { KEY_EC, 384 }, "P-384" },
	{ { KEY_EC, 521 }, "P-521" },
};

enum { SHAPE_COUNT = sizeof shapes / sizeof shapes[0] };

static bool
same_shape(struct key_shape a, struct key_shape b)
{
	return a.family == b.family && a.bits == b.bits;
}

const char *
keyshape_print(struct key_shape shape, char text[static KEY_SHAPE_TEXT])
{
	/* Sizes beyond five digits are no key's; the cut keeps the text in its 16 places. */
	snprintf(text, KEY_SHAPE_TEXT, shape.family == KEY_EC ? "EC P-%u" : "RSA %u",
	    shape.bits % 100000u);
	return text;
}

bool
keyshape_supported(struct key_shape shape)
{
	for (size_t i = 0; i < SHAPE_COUNT; i++)
		if (same_shape(shapes[i].shape, shape))
			return true;
	return false;
}

const char *
keyshape_curve(struct key_shape shape)
{
	for (size_t i = 0; i < SHAPE_COUNT; i++)
		if (same_shape(shapes[i].shape, shape))
			return shapes[i].curve;
	return NULL;
}
