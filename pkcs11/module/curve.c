#include "curve.h"

#include <string.h>

/* Tag, length and value of each object identifier. */
static const struct {
	unsigned bits;
	size_t size;
	uint8_t params[CURVE_PARAMS_MAX];
} curves[] = {
	{ 256, 10, { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 } },
	{ 384, 7, { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22 } },
	{ 521, 7, { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23 } },
};

const uint8_t *
curve_params(struct key_shape shape, size_t *ret_size)
{
	for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
		if (shape.family == KEY_EC && curves[i].bits == shape.bits) {
			*ret_size = curves[i].size;
			return curves[i].params;
		}
	return NULL;
}

bool
curve_from_params(const void *params, size_t size, struct key_shape *ret_shape)
{
	for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
		if (curves[i].size == size && memcmp(curves[i].params, params, size) == 0) {
			*ret_shape = (struct key_shape){ KEY_EC, curves[i].bits };
			return true;
		}
	return false;
}

bool
curve_unpack_point(struct key_shape shape, const uint8_t *value, size_t size,
    const uint8_t **ret_point, size_t *ret_size)
{
	size_t want = 2 * ((shape.bits + 7) / 8) + 1;

	/*
	 * The bare point starts with 04, which is also the tag of an OCTET
	 * STRING: the size tells them apart.
	 */
	if (size == want + 2 && value[0] == 0x04 && value[1] == want) {
		value += 2;
		size -= 2;
	} else if (size == want + 3 && value[0] == 0x04 && value[1] == 0x81 &&
	    value[2] == want) {
		value += 3;
		size -= 3;
	}
	if (size != want)
		return false;
	*ret_point = value;
	*ret_size = size;
	return true;
}
