/*
 * Curves and points as modules spell them.
 */
#include "curve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <string.h>

static const struct { struct key_shape shape; int nid; size_t point; } rows[] = {
	{ { KEY_EC, 256 }, NID_X9_62_prime256v1, 65 },
	{ { KEY_EC, 384 }, NID_secp384r1, 97 },
	{ { KEY_EC, 521 }, NID_secp521r1, 133 },
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static void
parameters_are_the_object_identifiers_that_openssl_writes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		struct key_shape shape;
		unsigned char *der = NULL;
		size_t size = 0;
		int der_size = i2d_ASN1_OBJECT(OBJ_nid2obj(rows[i].nid), &der);
		const uint8_t *params = curve_params(rows[i].shape, &size);

		assert_int_equal(size, der_size);
		assert_memory_equal(params, der, size);
		OPENSSL_free(der);
		assert_true(curve_from_params(params, size, &shape));
		assert_int_equal(shape.bits, rows[i].shape.bits);
		assert_false(curve_from_params(params, size - 1, &shape));
	}
}

static void
points_come_bare_or_in_an_octet_string(void **state)
{
	uint8_t value[140] = { 0 };
	const uint8_t *point;
	size_t size;

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		size_t bare = rows[i].point, head = bare < 128 ? 2 : 3;

		/* Bare: 04 X Y. */
		value[0] = 0x04;
		assert_true(curve_unpack_point(rows[i].shape, value, bare, &point, &size));
		assert_ptr_equal(point, value);
		assert_int_equal(size, bare);

		/* In DER: tag, length, then the same. */
		value[1] = bare < 128 ? (uint8_t)bare : 0x81;
		value[2] = bare < 128 ? 0x04 : (uint8_t)bare;
		assert_true(curve_unpack_point(rows[i].shape, value, bare + head, &point, &size));
		assert_ptr_equal(point, value + head);
		assert_int_equal(size, bare);

		/* Any other length is no point of this curve. */
		assert_false(curve_unpack_point(rows[i].shape, value, bare - 1, &point, &size));
		assert_false(curve_unpack_point(rows[i].shape, value, bare + head + 1, &point,
		    &size));
		assert_false(curve_unpack_point(rows[i].shape, value, 0, &point, &size));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_are_the_object_identifiers_that_openssl_writes),
		cmocka_unit_test(points_come_bare_or_in_an_octet_string),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
