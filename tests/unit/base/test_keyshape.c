#include "playground.h"

#include "keyshape.h"

static void
shapes_have_names_and_curves(void **state)
{
	static const struct {
		struct key_shape shape;
		bool supported;
		const char *text, *curve;
	} rows[] = {
		{ { KEY_RSA, 2048 }, true, "RSA 2048", NULL },
		{ { KEY_RSA, 3072 }, true, "RSA 3072", NULL },
		{ { KEY_RSA, 4096 }, true, "RSA 4096", NULL },
		{ { KEY_EC, 256 }, true, "EC P-256", "P-256" },
		{ { KEY_EC, 384 }, true, "EC P-384", "P-384" },
		{ { KEY_EC, 521 }, true, "EC P-521", "P-521" },
		{ { KEY_RSA, 1024 }, false, "RSA 1024", NULL },
		{ { KEY_RSA, 2049 }, false, "RSA 2049", NULL },
		{ { KEY_RSA, 256 }, false, "RSA 256", NULL },
		{ { KEY_EC, 2048 }, false, "EC P-2048", NULL },
		{ { KEY_EC, 224 }, false, "EC P-224", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[KEY_SHAPE_TEXT];
		const char *curve = keyshape_curve(rows[i].shape);

		assert_string_equal(keyshape_print(rows[i].shape, text), rows[i].text);
		assert_int_equal(keyshape_supported(rows[i].shape), rows[i].supported);
		if (rows[i].curve == NULL)
			assert_null(curve);
		else
			assert_string_equal(curve, rows[i].curve);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes_have_names_and_curves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
