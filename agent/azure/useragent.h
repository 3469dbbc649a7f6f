#ifndef USERAGENT_H
#define USERAGENT_H

/**
 * "keyturn/0.1 (Linux 6.1.0; x86_64) libcurl/7.88.1 OpenSSL/3.0.15". The caller frees it; NULL
 * without memory.
 */
char *useragent_print(void);

#endif
