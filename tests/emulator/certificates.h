#ifndef CERTIFICATES_H
#define CERTIFICATES_H

/*
 * The emulator's own certification authority and the one server certificate that carries every
 * host name it answers to.
 */

#include <stdbool.h>

struct certificates {
	char *ca_file;		/* absolute path of ca.pem */
	char *chain;		/* PEM: server certificate and CA */
	char *key;		/* PEM: the server's private key */
};

/**
 * certificates_open(dir, address, ret_certificates):
 * Use the certificates in ${dir}, or make them there: ca.pem, server.pem and server-key.pem (mode
 * 0600); the CA's key is not kept. ${address} is the numeric IP address that is listened on and
 * becomes a name too. On failure say why on stderr and return false. certificates_free releases
 * what was returned.
 */
bool certificates_open(const char *dir, const char *address,
    struct certificates *ret_certificates) __attribute__((warn_unused_result));

void certificates_free(struct certificates *c);

#endif
