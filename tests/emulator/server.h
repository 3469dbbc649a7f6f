#ifndef SERVER_H
#define SERVER_H

/*
 * The HTTPS server: listens, assembles requests, opens the right door by host name, orders
 * faults, logs, answers. One thread does it all.
 */

#include <netinet/in.h>
#include <stdbool.h>

struct certificates;
struct server;
struct world;

struct server_options {
	struct sockaddr_storage address;	/* port 0 picks one */
	struct world *world;			/* stays the caller's */
	const struct certificates *certificates;
	int log_fd;				/* of the request log, stays the caller's */
};

/**
 * server_open(options, ret_server):
 * Listen. The port goes to ${options->world->port}. On failure say why on stderr and return false.
 * server_close releases ${*ret_server}.
 */
bool server_open(const struct server_options *options, struct server **ret_server) __attribute__((warn_unused_result));

/**
 * server_run(server, stop_fd):
 * Serve until ${stop_fd} becomes readable or the control interface asks to stop.
 */
void server_run(struct server *server, int stop_fd);

/**
 * server_close(server):
 * Close all connections. NULL is fine.
 */
void server_close(struct server *server);

#endif
