#include "server.h"

#include "armroutes.h"
#include "bytes.h"
#include "certificates.h"
#include "control.h"
#include "entra.h"
#include "release.h"
#include "request.h"
#include "requestlog.h"
#include "text.h"
#include "vault.h"
#include "world.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

struct server {
	struct MHD_Daemon *daemon;
	struct world *world;
	int log_fd;
	int epoll_fd;			/* the daemon's */
	struct request *waiting;	/* those with an ordered delay */
	bool stopping;			/* the answer to POST /stop has left */
};

/*
 * Who answers under which name; the first match counts, so the legacy account's wildcard comes
 * after its longer relatives.
 */
static const struct {
	const char *host;
	void (*handle)(struct exchange *x);
	bool logged;
} DOORS[] = {
	{ "control.localhost", control_handle, false },
	{ "localhost", control_handle, false },
	{ "127.0.0.1", control_handle, false },
	{ "login.microsoftonline.com", entra_handle, true },
	{ "login.microsoft.com", entra_handle, true },
	{ "login.windows.net", entra_handle, true },
	{ "login.localhost", entra_handle, true },
	{ "management.azure.com", arm_handle, true },
	{ "management.localhost", arm_handle, true },
	{ "graph.microsoft.com", entra_graph_handle, true },
	{ "graph.localhost", entra_graph_handle, true },
	{ "*.vault.azure.net", vault_handle, true },
	{ "*.vault.localhost", vault_handle, true },
	{ "*.fhir.azurehealthcareapis.com", dataplane_fhir_handle, true },
	{ "*.fhir.localhost", dataplane_fhir_handle, true },
	{ "*.dicom.azurehealthcareapis.com", dataplane_dicom_handle, true },
	{ "*.dicom.localhost", dataplane_dicom_handle, true },
	{ "*.azurehealthcareapis.com", dataplane_fhir_handle, true },
	{ "*.azurehealthcareapis.localhost", dataplane_fhir_handle, true },
};
enum { DOOR_COUNT = sizeof DOORS / sizeof DOORS[0] };

static int64_t
monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Find the door for a host; DOOR_COUNT if there is none. */
static size_t
find_door(const char *host)
{
	size_t i = 0;

	while (i < DOOR_COUNT && !text_glob(DOORS[i].host, host))
		i++;
	return i;
}

/* Hand the request to its handler, as far as an ordered fault allows, and keep what it changed. */
static void
carry_out(struct request *r, size_t door)
{
	struct exchange *x = &r->x;

	if (r->action.effect) {
		if (door < DOOR_COUNT)
			DOORS[door].handle(x);
		else
			exchange_error(x, 421, "MisdirectedRequest",
			    "No service of this emulator has the host name '%s'.", x->host);
	}
	if (r->action.replace)
		faults_replace(r->fault, x);

	/* Nothing is promised that a restart would not know. */
	if (!world_save(x->world) && !r->action.replace)
		exchange_error(x, 500, "InternalServerError", "The emulator could not save its state.");
}

/*
 * Give out a body and then break off, for an answer that is cut on purpose: the connection ends
 * before the promised length.
 */
static ssize_t
read_cut(void *cls, uint64_t position, char *buffer, size_t max)
{
	struct bytes *part = cls;
	size_t left = position < part->size ? part->size - (size_t)position : 0;
	size_t size = left < max ? left : max;

	if (size == 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	memcpy(buffer, part->data + position, size);
	return (ssize_t)size;
}

static void
free_cut(void *cls)
{
	struct bytes *part = cls;

	bytes_release(part);
	free(part);
}

static struct MHD_Response *
make_cut_response(const char *body, size_t length, size_t shown)
{
	struct bytes *part = (struct bytes *)(void *)bytes_new(sizeof *part).data;

	*part = bytes_new(shown < length ? shown : length);
	memcpy(part->data, body, part->size);
	return MHD_create_response_from_callback(length, 4096, read_cut, part, free_cut);
}

/* The body's bytes: JSON, or a bare string as it is. */
static char *
answer_text(const struct exchange *x)
{
	if (x->answer == NULL || json_is_null(x->answer))
		return text_copy("");
	if (json_is_string(x->answer))
		return text_copy(json_string_value(x->answer));
	return json_dumps(x->answer, JSON_COMPACT);
}

static void
add_headers(struct MHD_Response *response, const struct exchange *x, bool body)
{
	time_t now = (time_t)world_now(x->world);
	struct tm tm = { 0 };
	char date[64];
	const char *name;
	json_t *value;

	/* The date follows the world's clock, so clients see what the tokens are judged by. */
	gmtime_r(&now, &tm);
	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	MHD_add_response_header(response, "Date", date);
	if (body && json_object_get(x->answer_headers, "Content-Type") == NULL)
		MHD_add_response_header(response, "Content-Type", "application/json; charset=utf-8");
	json_object_foreach(x->answer_headers, name, value)
		MHD_add_response_header(response, name, json_string_value(value));
}

static enum MHD_Result
send_answer(struct request *r)
{
	RELEASE(text) char *body = answer_text(&r->x);
	size_t length = strlen(body);
	struct MHD_Response *response;
	enum MHD_Result queued;

	r->stage = REQUEST_DONE;
	if (r->action.close)
		return MHD_NO;
	if (r->action.truncate >= 0)
		response = make_cut_response(body, length, (size_t)r->action.truncate);
	else
		response = MHD_create_response_from_buffer(length, body, MHD_RESPMEM_MUST_COPY);
	if (response == NULL)
		return MHD_NO;
	add_headers(response, &r->x, length > 0);
	queued = MHD_queue_response(r->connection, r->x.status, response);
	MHD_destroy_response(response);
	return queued;
}

/* Let the request sleep; the loop wakes it. */
static enum MHD_Result
wait_for(struct server *server, struct request *r, enum request_stage stage, int delay_ms)
{
	r->stage = stage;
	r->due_ms = monotonic_ms() + delay_ms;
	r->next_waiting = server->waiting;
	server->waiting = r;
	MHD_suspend_connection(r->connection);
	return MHD_YES;
}

/* Take the request through what is left of it. */
static enum MHD_Result
advance(struct server *server, struct request *r)
{
	size_t door = find_door(r->x.host);
	bool logged = door == DOOR_COUNT || DOORS[door].logged;

	if (r->stage == REQUEST_COLLECTING) {
		r->fault = logged ? faults_take(&r->x) : NULL;
		if (r->fault != NULL)
			faults_action(r->fault, &r->action);
		if (r->action.delay_before_ms > 0)
			return wait_for(server, r, REQUEST_WAITING_BEFORE, r->action.delay_before_ms);
	}
	if (r->stage != REQUEST_WAITING_AFTER) {
		carry_out(r, door);
		if (logged)
			requestlog_write(server->log_fd, &r->x,
			    (struct requestlog_fault){ r->fault != NULL, r->action.close });
		if (r->action.delay_after_ms > 0)
			return wait_for(server, r, REQUEST_WAITING_AFTER, r->action.delay_after_ms);
	}
	return send_answer(r);
}

/* Called for each request's first line, before anything else of it is read. */
static void *
on_uri(void *cls, const char *uri, struct MHD_Connection *connection)
{
	(void)cls;
	return request_new(uri, connection);
}

static enum MHD_Result
on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
    const char *version, const char *data,
    size_t *size, void **con_cls)
{
	struct server *server = cls;
	struct request *r = *con_cls;

	(void)connection;
	(void)url;
	(void)version;

	/*
	 * The first call only announces the request; the body follows in pieces, then a call
	 * without one.
	 */
	if (r->x.method == NULL) {
		r->x.method = method;
		return MHD_YES;
	}
	if (*size > 0) {
		request_collect(r, data, *size);
		*size = 0;
		return MHD_YES;
	}
	if (r->x.world == NULL)
		request_assemble(r, server->world, method);
	return advance(server, r);
}

static void
on_completed(void *cls, struct MHD_Connection *connection, void **con_cls, enum MHD_RequestTerminationCode code)
{
	struct server *server = cls;

	(void)connection;
	(void)code;
	request_free(*con_cls);
	*con_cls = NULL;
	server->stopping = control_stop_asked();
}

/*
 * Wake the requests whose delay is over; return the milliseconds until the next one, -1 if none
 * waits.
 */
static int
wake(struct server *server, bool all)
{
	struct request **at = &server->waiting;
	int64_t now = monotonic_ms(), next = -1;

	while (*at != NULL) {
		struct request *r = *at;

		if (all || r->due_ms <= now) {
			*at = r->next_waiting;
			MHD_resume_connection(r->connection);
			next = 0;
		} else {
			if (next < 0 || r->due_ms - now < next)
				next = r->due_ms - now;
			at = &r->next_waiting;
		}
	}
	return (int)next;
}

bool
server_open(const struct server_options *options, struct server **ret_server)
{
	struct server *server = (struct server *)(void *)bytes_new(sizeof *server).data;
	unsigned flags = MHD_USE_TLS | MHD_USE_EPOLL | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK;

	if (options->address.ss_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	server->world = options->world;
	server->log_fd = options->log_fd;
	server->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, server,
	    MHD_OPTION_SOCK_ADDR, &options->address, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u,
	    MHD_OPTION_HTTPS_MEM_KEY, options->certificates->key, MHD_OPTION_HTTPS_MEM_CERT,
	    options->certificates->chain,
	    MHD_OPTION_HTTPS_PRIORITIES, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2",
	    MHD_OPTION_URI_LOG_CALLBACK, on_uri, NULL,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)128 * 1024, MHD_OPTION_END);
	if (server->daemon == NULL) {
		fprintf(stderr, "azure-emulator: cannot listen: %s\n", strerror(errno));
		free(server);
		return false;
	}
	server->epoll_fd = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	options->world->port = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
	*ret_server = server;
	return true;
}

/* The shorter of two waits in milliseconds, where -1 is no limit. */
static int
shorter(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

void
server_run(struct server *server, int stop_fd)
{
	while (!server->stopping) {
		struct pollfd fds[2] = { { server->epoll_fd, POLLIN, 0 }, { stop_fd, POLLIN, 0 } };
		int timeout = wake(server, false);
		MHD_UNSIGNED_LONG_LONG limit;

		if (MHD_get_timeout(server->daemon, &limit) == MHD_YES)
			timeout = shorter(timeout, limit > 60000 ? 60000 : (int)limit);
		if (poll(fds, 2, timeout) < 0 && errno != EINTR)
			break;
		if (fds[1].revents != 0)
			break;
		MHD_run(server->daemon);
	}
}

void
server_close(struct server *server)
{
	if (server == NULL)
		return;
	wake(server, true);
	MHD_stop_daemon(server->daemon);
	free(server);
}
