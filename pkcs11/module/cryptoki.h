#ifndef CRYPTOKI_H
#define CRYPTOKI_H

/*
 * PKCS #11 under the standard's own names, by way of p11-kit's header, and the
 * two declarations that its version 0.24 lacks.
 */
#define CRYPTOKI_COMPAT 1
#include <p11-kit/pkcs11.h>

/*
 * AES key wrap with padding of RFC 5649 (PKCS #11 v3.0 current mechanisms,
 * 6.13).
 */
#define CKM_AES_KEY_WRAP_KWP 0x210BUL

/* PKCS #11 v2.40 current mechanisms, 2.1.21; the AES key's size is in bits. */
typedef struct CK_RSA_AES_KEY_WRAP_PARAMS {
	CK_ULONG ulAESKeyBits;
	CK_RSA_PKCS_OAEP_PARAMS *pOAEPParams;
} CK_RSA_AES_KEY_WRAP_PARAMS;

/*
 * A template is an array of these; the value is only read, though the
 * standard's type is not const.
 */
#define ATTRIBUTE(type, pointer, size) { (type), (void *)(uintptr_t)(pointer), (CK_ULONG)(size) }
#define ATTRIBUTE_OF(type, variable) ATTRIBUTE(type, &(variable), sizeof(variable))
#define ATTRIBUTE_COUNT(template) ((CK_ULONG)(sizeof(template) / sizeof((template)[0])))

#endif
