#ifndef HSMVALUE_H
#define HSMVALUE_H

#include "fault.h"
#include "publickey.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The plain values that cross the port to an HSM; see hsm.h.
 */

enum {
	HSM_ID_MAX = 64,	/* bytes of CKA_ID that keyturn handles; its own are 16 */
	HSM_LABEL_MAX = 256,	/* bytes of CKA_LABEL with a NUL */
	HSM_BLOB_MAX = 8192	/* bytes; RSA-4096 under RSA-4096 stays below 3 KiB */
};

/* Which key: by CKA_ID, by CKA_LABEL, or by both. */
struct hsm_name {
	uint8_t id[HSM_ID_MAX];
	size_t id_size;			/* 0: any */
	char label[HSM_LABEL_MAX];	/* "": any */
};

/* What a token says of an attribute; some cannot tell. */
enum hsm_answer { HSM_NO, HSM_YES, HSM_CANNOT_TELL };

/* A key pair as it was found, or half of one. */
struct hsm_key {
	struct hsm_name name;
	struct key_shape shape;
	struct public_key public_key;	/* valid if has_public, or if the private half tells it */
	bool has_public_key;		/* public_key is filled */
	bool has_public;		/* the token holds a CKO_PUBLIC_KEY */
	bool has_private;		/* the token holds a CKO_PRIVATE_KEY */
	bool shell;			/* debris of an interrupted generation: no id, no label, no material */
	enum hsm_answer sensitive, always_sensitive, extractable, local;
	enum hsm_answer wrap_with_trusted;
};

/* The token, for people and for the journal. */
struct hsm_token {
	char module[256];		/* path */
	char label[33], manufacturer[33], model[17], serial[17];	/* trailing blanks cut */
	char firmware[16];		/* "2.6" */
};

/* How a blob was or would be made; design: in this order, and only where the preflight proved it. */
enum hsm_route {
	HSM_ROUTE_NONE,
	HSM_ROUTE_RSA_AES_KEY_WRAP,	/* CKM_RSA_AES_KEY_WRAP */
	HSM_ROUTE_KWP,			/* CKM_RSA_PKCS_OAEP and CKM_AES_KEY_WRAP_KWP (0x210B) */
	HSM_ROUTE_PAD			/* CKM_RSA_PKCS_OAEP and CKM_AES_KEY_WRAP_PAD (0x210A) */
};
enum { HSM_ROUTE_COUNT = 4 };

enum hsm_wrap_verdict {
	HSM_WRAP_UNTRIED,
	HSM_WRAP_EXACT,			/* RFC 5649 over exactly the PKCS #8 */
	HSM_WRAP_ZERO_PADDED,		/* RFC 5649 over the PKCS #8 and up to 7 zero bytes */
	HSM_WRAP_REFUSED,		/* the token says no: see reason */
	HSM_WRAP_WRONG			/* it wrapped, but not as RFC 5649 */
};

struct hsm_transfer {
	enum hsm_route route;
	bool zero_padded;		/* taken only where the token's settings accept it */
	size_t size;
	uint8_t blob[HSM_BLOB_MAX];	/* RSA-OAEP(KEK, AES key) || AES-KWP(AES key, PKCS #8) */
};

/* What `hsm check` tells. Text is for people; empty where nothing is to say. */
struct hsm_report {
	struct hsm_token token;
	struct { enum hsm_wrap_verdict verdict; char reason[256]; } routes[HSM_ROUTE_COUNT];
	enum hsm_route chosen;		/* HSM_ROUTE_NONE: this token cannot do the transfer, see routes */
	bool accept_zero_padded;	/* as the settings have it */
	bool seal_works;		/* a sealed scratch key could no longer be wrapped */
	bool attributes_kept;		/* the attributes asked for came back */
	char attributes_reason[256], seal_reason[256];
	unsigned key_pairs;		/* key pairs in the token that keyturn can see */
	unsigned enrolled;		/* KEK fingerprints enrolled */
};

#endif
