#ifndef BLOB_H
#define BLOB_H

#include "publickey.h"

/*
 * Transfer blobs by OpenSSL alone, as the BYOK specification describes them, for tests of the import.
 */

struct blob {
	struct public_key public_key;	/* of the key inside */
	char *text;			/* the .byok file; the caller frees it */
};

/** A fresh RSA 2048 key, wrapped for ${kek}, which has the identifier ${kid}. False if OpenSSL fails. */
bool blob_make(const struct public_key *kek, const char *kid, struct blob *ret_blob);

#endif
