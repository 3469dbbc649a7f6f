#ifndef TOKENPATTERN_H
#define TOKENPATTERN_H

/*
 * How policies and settings name a token: a PKCS #11 URI (RFC 7512, 2.3) of attributes of a token or slot, without a query, so that
 * neither can name a module or a PIN in passing. One token is meant exactly if the two texts are equal.
 */

#define TOKENPATTERN_ATTRIBUTE "(token|manufacturer|serial|model|slot-id)=([A-Za-z0-9._~:@!$'()*+,=&-]|%[0-9A-Fa-f]{2})+"
#define TOKENPATTERN "^pkcs11:" TOKENPATTERN_ATTRIBUTE "(;" TOKENPATTERN_ATTRIBUTE ")*$"

#endif
