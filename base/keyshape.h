#ifndef KEYSHAPE_H
#define KEYSHAPE_H

#include <stdbool.h>

/* What kind of key: its family and its size. */

enum key_family { KEY_RSA = 1, KEY_EC };

struct key_shape {
	enum key_family family;
	unsigned bits;		/* RSA: modulus; EC: 256, 384 or 521, the NIST curves */
};

enum { KEY_SHAPE_TEXT = 16 };

/** "RSA 3072" or "EC P-256". Returns ${text}. */
const char *keyshape_print(struct key_shape shape, char text[static KEY_SHAPE_TEXT]);

/** Whether keyturn makes keys of this shape: RSA 2048, 3072, 4096; EC P-256, P-384, P-521. */
bool keyshape_supported(struct key_shape shape);

/** The name of an EC shape's curve as in JWK (RFC 7518, 6.2.1.1): "P-256". NULL for RSA. */
const char *keyshape_curve(struct key_shape shape);

#endif
