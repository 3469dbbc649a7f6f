#include "tlsserver.h"

#include "scope.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

/* One connection of a server. */
struct connection {
	struct tlsserver *server;
	SSL *ssl;
};

static EVP_PKEY *
new_key(void)
{
	return EVP_EC_gen("P-256");
}

/* A certificate for ${key}, valid from ${from_s} to ${to_s} seconds from now, signed by the issuer's key. */
static X509 *
issue(EVP_PKEY *key, const char *name, X509 *issuer, EVP_PKEY *issuer_key, const long valid_s[2])
{
	X509 *certificate = X509_new();
	X509_NAME *subject = X509_get_subject_name(certificate);
	char names[100];
	X509_EXTENSION *extension;

	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), issuer == NULL ? 1 : 2);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(certificate, issuer != NULL ? X509_get_subject_name(issuer) : subject);
	X509_gmtime_adj(X509_getm_notBefore(certificate), valid_s[0]);
	X509_gmtime_adj(X509_getm_notAfter(certificate), valid_s[1]);
	X509_set_pubkey(certificate, key);
	snprintf(names, sizeof names, issuer == NULL ? "critical,CA:TRUE" : "DNS:%s", name);
	extension = X509V3_EXT_conf_nid(NULL, NULL, issuer == NULL ? NID_basic_constraints :
	    NID_subject_alt_name, names);
	X509_add_ext(certificate, extension, -1);
	X509_EXTENSION_free(extension);
	X509_sign(certificate, issuer_key, EVP_sha256());
	return certificate;
}

static bool
write_pem(const char *path, X509 *certificate)
{
	SCOPE(file) FILE *file = fopen(path, "we");

	return file != NULL && PEM_write_X509(file, certificate) == 1;
}

/* Make the CA that clients trust, or another that they do not, and the server's certificate. */
static bool
make_identity(struct tlsserver *server, enum tlsserver_identity identity)
{
	static const long now[2] = { -3600, 3600 }, past[2] = { -7200, -3600 };
	EVP_PKEY *ca_key = new_key(), *stranger_key = new_key(), *key = new_key();
	bool strange = identity == TLSSERVER_STRANGER;
	X509 *ca = issue(ca_key, "test CA", NULL, ca_key, now);
	X509 *stranger = issue(stranger_key, "strange CA", NULL, stranger_key, now);
	X509 *certificate = issue(key, identity == TLSSERVER_OTHER_HOST ? "other.test" : "good.test",
	    strange ? stranger : ca, strange ? stranger_key : ca_key,
	    identity == TLSSERVER_EXPIRED ? past : now);
	bool made = write_pem(server->ca_file, ca) &&
	    SSL_CTX_use_certificate(server->context, certificate) == 1 &&
	    SSL_CTX_use_PrivateKey(server->context, key) == 1;

	X509_free(ca);
	X509_free(stranger);
	X509_free(certificate);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(stranger_key);
	EVP_PKEY_free(key);
	return made;
}

/* Read one whole request: headers, and as much body as they announce. False when the client went. */
static bool
read_request(struct connection *connection)
{
	char text[sizeof connection->server->last_request] = "";
	size_t size = 0;

	for (;;) {
		const char *end = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "\r\nContent-Length:");
		size_t body = length != NULL ? strtoul(length + 17, NULL, 10) : 0;
		int got;

		if (end != NULL && size >= (size_t)(end + 4 - text) + body)
			break;
		got = SSL_read(connection->ssl, text + size, (int)(sizeof text - size - 1));
		if (got <= 0)
			return false;
		size += (size_t)got;
		text[size] = '\0';
	}
	strcpy(connection->server->last_request, text);
	atomic_fetch_add(&connection->server->requests, 1);
	return true;
}

static bool
say(struct connection *connection, const char *text)
{
	return SSL_write(connection->ssl, text, (int)strlen(text)) > 0;
}

static void
say_for_ever(struct connection *connection, const char *text)
{
	while (say(connection, text))
		continue;
}

/* Wait until the client closes. */
static void
await_end(struct connection *connection)
{
	char byte;

	while (SSL_read(connection->ssl, &byte, 1) > 0)
		continue;
}

/* Serve the ${number}th request of a connection; false when the connection is to end. */
static bool
serve(struct connection *connection, int number)
{
	const struct tlsserver *server = connection->server;

	switch (server->manner) {
	case TLSSERVER_ANSWER:
		return say(connection, server->answer);
	case TLSSERVER_CUT_SECOND:
		return number == 1 && say(connection, server->answer);
	case TLSSERVER_DRIP:
		say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx");
		await_end(connection);
		return false;
	case TLSSERVER_HANG:
		await_end(connection);
		return false;
	case TLSSERVER_ENDLESS_BODY:
		say(connection, "HTTP/1.1 200 OK\r\n\r\n");
		say_for_ever(connection, "0123456789012345678901234567890123456789");
		return false;
	case TLSSERVER_ENDLESS_HEADERS:
		say(connection, "HTTP/1.1 200 OK\r\n");
		say_for_ever(connection, "X-Header: 0123456789012345678901234567890123456789\r\n");
		return false;
	case TLSSERVER_CUT:
		return false;
	}
	return false;
}

static void *
work(void *context)
{
	struct connection *connection = context;
	sigset_t pipe;
	int number = 0;

	/* A client that goes while it is spoken to ends the conversation only. Its own thread looks after itself. */
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, NULL);
	if (SSL_accept(connection->ssl) == 1)
		while (read_request(connection)) {
			if (connection->server->on_request != NULL)
				connection->server->on_request();
			if (!serve(connection, ++number))
				break;
		}
	shutdown(SSL_get_fd(connection->ssl), SHUT_RDWR);
	close(SSL_get_fd(connection->ssl));
	SSL_free(connection->ssl);
	free(connection);
	return NULL;
}

static void *
accept_all(void *context)
{
	struct tlsserver *server = context;
	int fd;

	while (server->worker_count < TLSSERVER_CONNECTIONS_MAX &&
	    (fd = accept(server->listener, NULL, NULL)) >= 0) {
		struct connection *connection = calloc(1, sizeof *connection);

		connection->server = server;
		connection->ssl = SSL_new(server->context);
		SSL_set_fd(connection->ssl, fd);
		pthread_create(&server->workers[server->worker_count], NULL, work, connection);
		server->worker_count++;
	}
	return NULL;
}

static bool
listen_anywhere(struct tlsserver *server)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;

	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(server->listener, (struct sockaddr *)&address, size) != 0 ||
	    listen(server->listener, 16) != 0 ||
	    getsockname(server->listener, (struct sockaddr *)&address, &size) != 0)
		return false;
	server->port = ntohs(address.sin_port);
	return true;
}

bool
tlsserver_start(struct tlsserver *server, enum tlsserver_identity identity,
    enum tlsserver_manner manner, const char *answer)
{
	int fd;

	memset(server, 0, sizeof *server);
	server->manner = manner;
	server->answer = answer;
	strcpy(server->ca_file, "/tmp/keyturn-ca-XXXXXX");
	if ((fd = mkstemp(server->ca_file)) < 0 || close(fd) != 0)
		return false;
	server->context = SSL_CTX_new(TLS_server_method());
	if (identity == TLSSERVER_OLD_TLS) {
		SSL_CTX_set_security_level(server->context, 0);
		SSL_CTX_set_min_proto_version(server->context, TLS1_VERSION);
		SSL_CTX_set_max_proto_version(server->context, TLS1_1_VERSION);
	}
	return make_identity(server, identity) && listen_anywhere(server) &&
	    pthread_create(&server->acceptor, NULL, accept_all, server) == 0;
}

void
tlsserver_stop(struct tlsserver *server)
{
	shutdown(server->listener, SHUT_RDWR);
	pthread_join(server->acceptor, NULL);
	close(server->listener);
	for (size_t i = 0; i < server->worker_count; i++)
		pthread_join(server->workers[i], NULL);
	SSL_CTX_free(server->context);
	unlink(server->ca_file);
}
