#ifndef UNWRAP_H
#define UNWRAP_H

#include "hsm.h"

/*
 * Opening a transfer blob in software, for the preflight: only throw-away keys
 * under throw-away KEKs are ever opened here.
 */

enum { UNWRAP_AES_SIZE = 32 };

/**
 * unwrap_kwp(aes, wrapped, size, ret_plain, ret_size):
 * RFC 5649, 4.2 with AES-256 by OpenSSL; false if the integrity check fails.
 * ${ret_plain} has ${size} bytes of room.
 */
bool unwrap_kwp(const uint8_t aes[static UNWRAP_AES_SIZE], const uint8_t *wrapped, size_t size,
    uint8_t *ret_plain, size_t *ret_size) __attribute__((warn_unused_result));

/* What was in a blob. */
struct unwrapped {
	enum hsm_wrap_verdict verdict;	/* EXACT, ZERO_PADDED or WRONG */
	const char *reason;		/* of WRONG */
	size_t plain_size, der_size;	/* what the wrap covered, and the PKCS #8 within it */
	struct public_key public_key;	/* unless WRONG */
};

/**
 * Open ${blob} with the private KEK and judge the form of what is inside. All
 * that is secret is wiped.
 */
void unwrap_blob(EVP_PKEY *kek, const uint8_t *blob, size_t size, struct unwrapped *ret_unwrapped);

#endif
