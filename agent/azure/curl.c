#include "curl.h"

#include "clock.h"
#include "curlerror.h"
#include "curlheaders.h"
#include "scope.h"
#include "url.h"
#include "useragent.h"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

enum {
	CONNECT_MS = 10000,
	TOTAL_MS = 30000,
	BODY_MAX = 1 << 20,		/* bytes of answer, if the request sets no other cap */
	HEADERS_MAX = 64 << 10,		/* bytes of header lines */
	CONNECTION_LIFE_S = 600		/* libcurl's own default is for ever */
};

struct curl_http {
	struct http port;		/* first, so that the port is the object */
	CURL *handle;
	struct curl_slist *connect_to;
	char *ca_file, *proxy, *user_agent;
};

/* One exchange under way, as the callbacks see it. */
struct transfer {
	struct http_response response;
	size_t body_max, header_bytes;
	bool sent;			/* libcurl was about to send the first byte of the request */
	bool too_long, no_memory;
};

/*
 * What never differs between requests. CURLOPT_ACCEPT_ENCODING stays unset: a compressed answer
 * could swell beyond its cap.
 */
static const struct {
	CURLoption option;
	long value;
} fixed[] = {
	{ CURLOPT_FOLLOWLOCATION, 0 },
	{ CURLOPT_UNRESTRICTED_AUTH, 0 },
	{ CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
	{ CURLOPT_SSL_VERIFYPEER, 1 },
	{ CURLOPT_SSL_VERIFYHOST, 2 },
	{ CURLOPT_PROXY_SSL_VERIFYPEER, 1 },
	{ CURLOPT_PROXY_SSL_VERIFYHOST, 2 },
	{ CURLOPT_NOSIGNAL, 1 },
	{ CURLOPT_NETRC, CURL_NETRC_IGNORED },
	{ CURLOPT_SUPPRESS_CONNECT_HEADERS, 1 },
	{ CURLOPT_LOW_SPEED_LIMIT, 1 },
	{ CURLOPT_LOW_SPEED_TIME, 20 },
	{ CURLOPT_TCP_KEEPALIVE, 1 },
	{ CURLOPT_MAXLIFETIME_CONN, CONNECTION_LIFE_S },
	{ CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS },
	{ CURLOPT_NOPROGRESS, 0 },
};

/* libcurl calls this once for each header line, the status line included. */
static size_t
take_header(char *bytes, size_t unit, size_t count, void *context)
{
	struct transfer *transfer = context;
	size_t size = unit * count;

	/*
	 * A status line begins an answer; what came before it was an interim one (100
	 * Continue).
	 */
	if (size >= 5 && memcmp(bytes, "HTTP/", 5) == 0) {
		http_drop_headers(&transfer->response);
		return size;
	}
	if ((transfer->header_bytes += size) > HEADERS_MAX) {
		transfer->too_long = true;
		return 0;
	}
	if (size <= 2)
		return size;
	transfer->no_memory = !http_add_header(&transfer->response, bytes, size);
	return transfer->no_memory ? 0 : size;
}

/* libcurl calls this for each piece of the body. */
static size_t
take_body(char *bytes, size_t unit, size_t count, void *context)
{
	struct transfer *transfer = context;
	size_t size = unit * count;

	/* Counted here, since CURLOPT_MAXFILESIZE lets answers without a length through. */
	if (size > transfer->body_max - transfer->response.body_size) {
		transfer->too_long = true;
		return 0;
	}
	transfer->no_memory = !http_add_body(&transfer->response, bytes, size);
	return transfer->no_memory ? 0 : size;
}

/*
 * The last moment at which nothing was sent: connected, the certificate verified, the request
 * not begun.
 */
static int
about_to_send(void *context, char *remote, char *local, int remote_port, int local_port)
{
	struct transfer *transfer = context;

	(void)remote;
	(void)local;
	(void)remote_port;
	(void)local_port;
	transfer->sent = true;
	return CURL_PREREQFUNC_OK;
}

/* libcurl calls this about once a second, and at each step of the transfer. */
static int
shall_stop(void *context, curl_off_t down_all, curl_off_t down, curl_off_t up_all, curl_off_t up)
{
	(void)context;
	(void)down_all;
	(void)down;
	(void)up_all;
	(void)up;
	return clock_stopped();
}

/* What libcurl calls while it works, and where it puts its words. */
static CURLcode
set_callbacks(CURL *handle, struct transfer *transfer, char *error)
{
	CURLcode code = CURLE_OK;

	code |= curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
	code |= curl_easy_setopt(handle, CURLOPT_HEADERDATA, transfer);
	code |= curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
	code |= curl_easy_setopt(handle, CURLOPT_WRITEDATA, transfer);
	code |= curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, about_to_send);
	code |= curl_easy_setopt(handle, CURLOPT_PREREQDATA, transfer);
	code |= curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, shall_stop);
	code |= curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, error);
	return code;
}

/* What the settings say, and what must hold for every request. */
static CURLcode
set_fixed(const struct curl_http *http)
{
	CURLcode code = CURLE_OK;

	for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
		code |= curl_easy_setopt(http->handle, fixed[i].option, fixed[i].value);
	code |= curl_easy_setopt(http->handle, CURLOPT_PROTOCOLS_STR, "https");
	code |= curl_easy_setopt(http->handle, CURLOPT_REDIR_PROTOCOLS_STR, "https");
	code |= curl_easy_setopt(http->handle, CURLOPT_USERAGENT, http->user_agent);

	/*
	 * A CA folder, which Debian sets, would switch libcurl's cache of parsed CAs off: 25 ms
	 * for each new connection.
	 */
	code |= curl_easy_setopt(http->handle, CURLOPT_CAPATH, NULL);
	if (http->ca_file != NULL)
		code |= curl_easy_setopt(http->handle, CURLOPT_CAINFO, http->ca_file);
	if (http->proxy != NULL)
		code |= curl_easy_setopt(http->handle, CURLOPT_PROXY, http->proxy);
	if (http->connect_to != NULL)
		code |= curl_easy_setopt(http->handle, CURLOPT_CONNECT_TO, http->connect_to);
	return code;
}

/* What differs from request to request. */
static CURLcode
set_request(CURL *handle, const struct http_request *request, struct curl_slist *headers)
{
	int64_t connect_ms = request->connect_timeout_ms > 0 ? request->connect_timeout_ms : CONNECT_MS;
	int64_t total_ms = request->timeout_ms > 0 ? request->timeout_ms : TOTAL_MS;
	CURLcode code = CURLE_OK;

	code |= curl_easy_setopt(handle, CURLOPT_URL, request->url);
	code |= curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
	code |= curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
	code |= curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, (long)total_ms);

	/*
	 * On a reused connection that turns out dead libcurl sends the request again by itself,
	 * which may make a second version.
	 */
	code |= curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, request->once ? 1L : 0L);
	if (request->body != NULL || strcmp(request->method, "GET") != 0) {
		code |= curl_easy_setopt(handle, CURLOPT_POST, 1L);
		code |= curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)request->body_size);
		code |= curl_easy_setopt(handle, CURLOPT_POSTFIELDS,
		    request->body != NULL ? request->body : "");
	}
	code |= curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request->method);
	return code;
}

/* Put together what is known of the failure. */
static bool
tell_failure(const struct transfer *transfer, const struct http_request *request,
    CURLcode code, const char *error, struct fault *fault)
{
	const struct curlerror failure = {
		.code = transfer->no_memory ? CURLE_OUT_OF_MEMORY : code,
		.text = error,
		.sent = transfer->sent,
		.too_long = transfer->too_long,
		.body_max = transfer->body_max,
	};

	return curlerror_fault(&failure, request, fault);
}

/*
 * Run the transfer with SIGPIPE held back: without libcurl's own signal tricks, which threads
 * forbid, a server that closes early would else end the process.  What came in meanwhile is
 * ours and is swallowed.
 */
static CURLcode
transfer_quietly(CURL *handle)
{
	static const struct timespec at_once = { 0, 0 };
	sigset_t pipe, before, pending;
	CURLcode code;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, &before);
	code = curl_easy_perform(handle);
	sigpending(&pending);
	if (sigismember(&pending, SIGPIPE) == 1 && sigismember(&before, SIGPIPE) == 0)
		sigtimedwait(&pipe, NULL, &at_once);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return code;
}

/* One transfer on the one handle. */
static bool
perform(struct curl_http *http, const struct http_request *request,
    struct transfer *transfer, struct fault *fault)
{
	SCOPE(curlheaders) struct curl_slist *headers = NULL;
	char error[CURL_ERROR_SIZE] = "";
	CURLcode code;

	if (!curlheaders_list(request, &headers, fault))
		return false;
	code = set_fixed(http) | set_callbacks(http->handle, transfer, error) |
	    set_request(http->handle, request, headers);
	if (code == CURLE_OK)
		code = transfer_quietly(http->handle);
	if (code == CURLE_OK)
		code = curl_easy_getinfo(http->handle, CURLINFO_RESPONSE_CODE,
		    &transfer->response.status);

	/* Options point to things that end with this exchange; connections and caches stay. */
	curl_easy_reset(http->handle);
	return code == CURLE_OK || tell_failure(transfer, request, code, error, fault);
}

/* The port's exchange: refuse a URL that breaks the rules before libcurl sees it. */
static bool
exchange(struct http *port, const struct http_request *request,
    struct http_response *ret_response, struct fault *fault)
{
	struct transfer transfer = {
		.response.sensitive = request->sensitive,
		.body_max = request->response_max > 0 ? request->response_max : BODY_MAX,
	};
	struct url url;

	if (!url_parse(request->url, &url, fault))
		return false;
	if (!perform((struct curl_http *)port, request, &transfer, fault)) {
		http_response_clear(&transfer.response);
		return false;
	}
	*ret_response = transfer.response;
	return true;
}

/* Also closes the connections that the handle kept. */
static void
close_curl(struct http *port)
{
	struct curl_http *http = (struct curl_http *)port;

	curl_easy_cleanup(http->handle);
	curl_slist_free_all(http->connect_to);
	free(http->ca_file);
	free(http->proxy);
	free(http->user_agent);
	free(http);
}

/* Options may point into settings that are gone before the port is. */
static bool
copy_options(struct curl_http *http, const struct curl_options *options)
{
	const char *agent = options->user_agent;

	for (const char *const *place = options->connect_to; place != NULL && *place != NULL; place++)
		if (!curlheaders_add(&http->connect_to, *place))
			return false;
	http->user_agent = agent != NULL ? strdup(agent) : useragent_print();
	if (http->user_agent == NULL)
		return false;
	if (options->ca_file != NULL && (http->ca_file = strdup(options->ca_file)) == NULL)
		return false;
	if (options->proxy != NULL && (http->proxy = strdup(options->proxy)) == NULL)
		return false;
	return true;
}

/*
 * SSLKEYLOGFILE would have libcurl write down the secrets of every connection: whoever sets it
 * shall not have them.
 */
static void
start_library(void)
{
	unsetenv("SSLKEYLOGFILE");
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

bool
curl_http_open(const struct curl_options *options, struct http **ret_http,
    struct fault *fault)
{
	static pthread_once_t started = PTHREAD_ONCE_INIT;
	struct curl_http *http;
	CURLcode code;

	/* A missing CA file would else show as a TLS failure of every request. */
	if (options->ca_file != NULL && access(options->ca_file, R_OK) != 0) {
		fault_system(fault, "The CA file %s of the settings cannot be read", options->ca_file);
		if (fault != NULL)
			fault->code = FAULT_SETTINGS;
		return false;
	}
	pthread_once(&started, start_library);
	if ((http = calloc(1, sizeof *http)) == NULL)
		return fault_system(fault, "Memory for HTTP");
	http->port = (struct http){ .exchange = exchange, .close = close_curl };
	if ((http->handle = curl_easy_init()) == NULL || !copy_options(http, options)) {
		close_curl(&http->port);
		return fault_system(fault, "Memory for HTTP");
	}

	/*
	 * Try the options once, so that a wrong one is told at start and not at the first
	 * rotation.
	 */
	if ((code = set_fixed(http)) != CURLE_OK) {
		close_curl(&http->port);
		return fault_set(fault, FAULT_SETTINGS, "libcurl does not take the HTTP "
		    "settings: %s", curl_easy_strerror(code));
	}
	*ret_http = &http->port;
	return true;
}
