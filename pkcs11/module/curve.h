#ifndef CURVE_H
#define CURVE_H

#include "publickey.h"

/*
 * The NIST curves as PKCS #11 spells them: CKA_EC_PARAMS holds the DER of the
 * curve's object identifier (RFC 5480, 2.1.1.1), CKA_EC_POINT a DER OCTET
 * STRING around the point, or on some modules the bare point.
 */

enum { CURVE_PARAMS_MAX = 10 };

/**
 * The CKA_EC_PARAMS of an EC shape; ${*ret_size} bytes that stay valid. NULL
 * for other shapes.
 */
const uint8_t *curve_params(struct key_shape shape, size_t *ret_size);

/**
 * The shape of these CKA_EC_PARAMS; false for a curve that keyturn does not
 * use.
 */
bool curve_from_params(const void *params, size_t size, struct key_shape *ret_shape);

/**
 * The uncompressed point within a CKA_EC_POINT; false if it is not one of this
 * curve's size.
 */
bool curve_unpack_point(struct key_shape shape, const uint8_t *value, size_t size,
    const uint8_t **ret_point, size_t *ret_size);

#endif
