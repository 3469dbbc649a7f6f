#include "certificates.h"
#include "release.h"
#include "requestlog.h"
#include "server.h"
#include "text.h"
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

/* The command line; every option must be given. */
struct arguments {
	const char *listen, *state, *tls_dir, *log, *ready;
};

/* Options, with the place of each in struct arguments. */
static const struct {
	const char *name;
	size_t offset;
	const char *value, *help;
} OPTIONS[] = {
	{ "listen", offsetof(struct arguments, listen), "ADDRESS:PORT", "where to listen; port 0 picks one" },
	{ "state", offsetof(struct arguments, state), "DIR", "folder for all that must survive a restart" },
	{ "tls-dir", offsetof(struct arguments, tls_dir), "DIR", "folder for the CA and the server certificate" },
	{ "log", offsetof(struct arguments, log), "FILE", "request log, appended to" },
	{ "ready", offsetof(struct arguments, ready), "FILE", "written once the emulator serves" },
};
enum { OPTION_COUNT = sizeof OPTIONS / sizeof OPTIONS[0] };

/* Everything that is opened in the course of a run. */
struct run {
	struct arguments arguments;
	char *address;			/* the numeric host part of --listen */
	struct certificates certificates;
	struct world *world;
	struct server *server;
	int log_fd, stop_fd;
};

static void
usage(FILE *out)
{
	fprintf(out, "usage: azure-emulator");
	for (size_t i = 0; i < OPTION_COUNT; i++)
		fprintf(out, " --%s %s", OPTIONS[i].name, OPTIONS[i].value);
	fprintf(out, "\n");
	for (size_t i = 0; i < OPTION_COUNT; i++)
		fprintf(out, "  --%-8s %s\n", OPTIONS[i].name, OPTIONS[i].help);
}

/* The field of an option. */
static const char **
field(struct arguments *arguments, size_t option)
{
	return (const char **)(void *)((char *)arguments + OPTIONS[option].offset);
}

static bool
read_arguments(int argc, char **argv, struct arguments *arguments)
{
	struct option options[OPTION_COUNT + 1] = { 0 };
	int found, index = 0;

	for (size_t i = 0; i < OPTION_COUNT; i++)
		options[i] = (struct option){ OPTIONS[i].name, required_argument, NULL, 1 };
	while ((found = getopt_long(argc, argv, "", options, &index)) != -1) {
		if (found != 1)
			return false;
		*field(arguments, (size_t)index) = optarg;
	}
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (*field(arguments, i) != NULL)
			continue;
		fprintf(stderr, "azure-emulator: --%s is missing\n", OPTIONS[i].name);
		return false;
	}
	return optind == argc;
}

/* Take ADDRESS:PORT apart; the address must be numeric, in brackets if it is IPv6. */
static bool
read_address(const char *text, char **ret_host, struct sockaddr_storage *ret_address)
{
	const char *colon = strrchr(text, ':');
	RELEASE(text) char *host = NULL;
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
	    .ai_socktype = SOCK_STREAM }, *found = NULL;
	bool bracketed = text[0] == '[';

	if (colon != NULL && colon > text)
		host = bracketed ? text_part(text + 1, (size_t)(colon - text) - 2) :
		    text_part(text, (size_t)(colon - text));
	if (host == NULL || getaddrinfo(host, colon + 1, &hints, &found) != 0) {
		fprintf(stderr, "azure-emulator: --listen %s: want a numeric address and a port, like "
		    "127.0.0.1:0\n", text);
		return false;
	}
	memcpy(ret_address, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	*ret_host = host;
	host = NULL;
	return true;
}

/*
 * What the ready file tells: base URLs under the emulator's own names, files, and the names of
 * what exists.
 */
static json_t *
ready_json(struct run *run)
{
	struct world *w = run->world;
	RELEASE(text) char *port = w->port != 443 ? text_format(":%u", w->port) : text_copy("");
	RELEASE(text) char *authority = text_format("https://login.localhost%s", port);
	RELEASE(text) char *arm = text_format("https://management.localhost%s", port);
	RELEASE(text) char *vault = text_format("https://%s.vault.localhost%s", world_vault_name(w), port);
	RELEASE(text) char *control = text_format("https://control.localhost%s", port);
	RELEASE(text) char *secret_file = text_format("%s/client-secret", w->state_dir);

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s*, s:s*, s:s*, s:s*, s:i, s:s}",
	    "authority", authority, "arm", arm,
	    "vault", vault, "ca", run->certificates.ca_file, "tenant", world_tenant(w), "client_id", world_client_id(w),
	    "client_secret_file", secret_file, "subscription", world_subscription(w), "fhir", world_text(w, "fhir"),
	    "dicom", world_text(w, "dicom"), "service", world_text(w, "service"), "vault_id", world_text(w, "vault_id"),
	    "port", (int)w->port, "control", control);
}

/* Write the ready file by way of a rename, so that whoever waits for it reads all of it. */
static bool
write_ready(struct run *run)
{
	RELEASE(json) json_t *ready = ready_json(run);
	RELEASE(text) char *fresh = text_format("%s.new", run->arguments.ready);

	if (ready != NULL && json_dump_file(ready, fresh, JSON_INDENT(2)) == 0 &&
	    rename(fresh, run->arguments.ready) == 0)
		return true;
	fprintf(stderr, "azure-emulator: write %s: %s\n", run->arguments.ready, strerror(errno));
	return false;
}

/* SIGTERM and SIGINT become readable on a descriptor that the server's loop watches. */
static bool
watch_signals(int *ret_fd)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0 || (*ret_fd = signalfd(-1, &signals, SFD_CLOEXEC)) < 0) {
		fprintf(stderr, "azure-emulator: signals: %s\n", strerror(errno));
		return false;
	}
	return true;
}

/* Open everything in the order in which each thing is needed, and serve. */
static bool
serve(struct run *run)
{
	struct server_options options = { 0 };

	if (!read_address(run->arguments.listen, &run->address, &options.address) || !watch_signals(&run->stop_fd) ||
	    !world_open(run->arguments.state, &run->world) ||
	    !certificates_open(run->arguments.tls_dir, run->address, &run->certificates) ||
	    !requestlog_open(run->arguments.log, &run->log_fd))
		return false;

	options.world = run->world;
	options.certificates = &run->certificates;
	options.log_fd = run->log_fd;
	if (!server_open(&options, &run->server) || !write_ready(run))
		return false;
	server_run(run->server, run->stop_fd);

	/* A ready file that nobody serves would mislead the next reader. */
	unlink(run->arguments.ready);
	return world_save(run->world);
}

int
main(int argc, char **argv)
{
	struct run run = { .log_fd = -1, .stop_fd = -1 };
	bool done;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		usage(stdout);
		return 0;
	}
	if (!read_arguments(argc, argv, &run.arguments)) {
		usage(stderr);
		return 64;
	}
	umask(022);
	done = serve(&run);

	server_close(run.server);
	world_free(run.world);
	certificates_free(&run.certificates);
	free(run.address);
	release_fd(&run.log_fd);
	release_fd(&run.stop_fd);
	return done ? 0 : 1;
}
