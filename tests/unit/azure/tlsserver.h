#ifndef TLSSERVER_H
#define TLSSERVER_H

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/*
 * A small HTTPS server on 127.0.0.1 that behaves as badly as it is told to, with certificates of its own making.
 */

/* What its certificate is. All but TLSSERVER_STRANGER are signed by the CA in ca_file. */
enum tlsserver_identity {
	TLSSERVER_GOOD = 1,		/* for the name good.test */
	TLSSERVER_OTHER_HOST,		/* for other.test */
	TLSSERVER_EXPIRED,
	TLSSERVER_STRANGER,		/* signed by a CA that nobody knows */
	TLSSERVER_OLD_TLS		/* speaks TLS 1.1 at most */
};

/* What it does with each request that it has read. */
enum tlsserver_manner {
	TLSSERVER_ANSWER = 1,		/* write ${answer}, and go on with the connection */
	TLSSERVER_CUT,			/* close without a word */
	TLSSERVER_CUT_SECOND,		/* answer the first of a connection, cut the second */
	TLSSERVER_HANG,			/* say nothing until the client goes */
	TLSSERVER_DRIP,			/* begin an answer, then the same */
	TLSSERVER_ENDLESS_BODY,
	TLSSERVER_ENDLESS_HEADERS
};

enum { TLSSERVER_CONNECTIONS_MAX = 16 };

struct tlsserver {
	enum tlsserver_manner manner;
	const char *answer;		/* whole HTTP answer */
	void (*on_request)(void);	/* called when a request was read; NULL: nothing */
	char ca_file[64];
	int listener, port;
	SSL_CTX *context;
	pthread_t acceptor, workers[TLSSERVER_CONNECTIONS_MAX];
	size_t worker_count;
	atomic_int requests;		/* read so far */
	char last_request[8192];
};

bool tlsserver_start(struct tlsserver *server, enum tlsserver_identity identity,
    enum tlsserver_manner manner, const char *answer);

/** Ends once all clients have closed their connections. */
void tlsserver_stop(struct tlsserver *server);

#endif
