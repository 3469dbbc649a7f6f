#include "emulated.h"

#include "curl.h"
#include "scope.h"

#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { START_MS = 60000 };

static bool
spawn(struct emulated *emulated)
{
	const char *program = getenv("AZURE_EMULATOR");
	char state[128], tls[128], ready[128];
	char *arguments[] = {
		"azure-emulator", "--listen", "127.0.0.1:0", "--state", state, "--tls-dir", tls,
		"--log", emulated->log, "--ready", ready, NULL,
	};

	snprintf(state, sizeof state, "%s/state", emulated->folder);
	snprintf(tls, sizeof tls, "%s/tls", emulated->folder);
	snprintf(ready, sizeof ready, "%s/ready.json", emulated->folder);
	snprintf(emulated->log, sizeof emulated->log, "%s/requests.jsonl", emulated->folder);
	if (program == NULL || (emulated->pid = fork()) < 0)
		return false;

	/* A test that crashes must not leave a server behind. */
	if (emulated->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		execv(program, arguments);
		_exit(127);
	}
	return true;
}

/* The ready file comes by a rename into the folder: wait for that, and look at the process now and then. */
static bool
await_ready(struct emulated *emulated)
{
	SCOPE(fd) int watch = inotify_init1(IN_CLOEXEC);
	struct pollfd poll_for = { .fd = watch, .events = POLLIN };
	char path[128], events[4096];

	snprintf(path, sizeof path, "%s/ready.json", emulated->folder);
	if (watch < 0 || inotify_add_watch(watch, emulated->folder, IN_MOVED_TO) < 0 || !spawn(emulated))
		return false;
	for (int waited = 0; waited < START_MS; waited += 1000) {
		if ((emulated->ready = json_load_file(path, 0, NULL)) != NULL)
			return true;
		if (waitpid(emulated->pid, NULL, WNOHANG) != 0)
			return false;
		if (poll(&poll_for, 1, 1000) > 0 && read(watch, events, sizeof events) < 0)
			return false;
	}
	return false;
}

const char *
emulated_text(const struct emulated *emulated, const char *name)
{
	const char *text = json_string_value(json_object_get(emulated->ready, name));

	return text != NULL ? text : "";
}

static bool
open_client(struct emulated *emulated)
{
	const char *places[] = { emulated->connect_to, NULL };
	const struct curl_options options = {
		.connect_to = places, .ca_file = emulated_text(emulated, "ca"), .proxy = "",
	};
	struct fault fault = { 0 };

	snprintf(emulated->connect_to, sizeof emulated->connect_to, "::127.0.0.1:%d",
	    (int)json_integer_value(json_object_get(emulated->ready, "port")));
	emulated->options = (struct azure_options){
		.tenant = emulated_text(emulated, "tenant"),
		.authority = "https://login.microsoftonline.com",
		.arm_url = "https://management.azure.com",
		.arm_scope = "https://management.azure.com/.default",
		.vault_suffix = ".vault.azure.net",
		.managed_hsm_suffix = ".managedhsm.azure.net",
		.health_suffix = ".azurehealthcareapis.com",
		.dicom_audience = "https://dicom.healthcareapis.azure.com",
		.credential = "client-secret",
		.client_id = emulated_text(emulated, "client_id"),
		.client_secret_file = emulated_text(emulated, "client_secret_file"),
	};
	if (curl_http_open(&options, &emulated->http, &fault) && azure_open(&emulated->options,
	    emulated->http, clock_system(), &emulated->azure, &fault))
		return true;
	fprintf(stderr, "%s\n", fault.text);
	return false;
}

bool
emulated_start(struct emulated *emulated)
{
	memset(emulated, 0, sizeof *emulated);
	strcpy(emulated->folder, "/tmp/keyturn-azure-XXXXXX");
	if (mkdtemp(emulated->folder) == NULL)
		return false;
	if (await_ready(emulated) && open_client(emulated))
		return true;
	fprintf(stderr, "The emulator '%s' did not start\n", getenv("AZURE_EMULATOR"));
	emulated_stop(emulated);
	return false;
}

static int
remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status;
	(void)kind;
	(void)place;
	return remove(path);
}

void
emulated_stop(struct emulated *emulated)
{
	azure_close(emulated->azure);
	http_close(emulated->http);
	if (emulated->pid > 0) {
		kill(emulated->pid, SIGTERM);
		waitpid(emulated->pid, NULL, 0);
	}
	json_decref(emulated->ready);
	nftw(emulated->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

bool
emulated_order(struct emulated *emulated, const char *method, const char *path, const char *body)
{
	SCOPE(http_response) struct http_response response = { 0 };
	char url[300];
	const struct http_header headers[] = { { "Content-Type", "application/json" }, { NULL, NULL } };
	const struct http_request request = {
		.method = method, .url = url, .headers = headers, .body = body,
		.body_size = body != NULL ? strlen(body) : 0,
	};
	struct fault fault = { 0 };

	snprintf(url, sizeof url, "%s%s", emulated_text(emulated, "control"), path);
	if (http_exchange(emulated->http, &request, &response, &fault) && response.status / 100 == 2)
		return true;
	fprintf(stderr, "%s %s: HTTP %ld %s%s\n", method, path, response.status, fault.text,
	    response.body != NULL ? response.body : "");
	return false;
}

size_t
emulated_count(const struct emulated *emulated, const char *method, const char *path)
{
	SCOPE(file) FILE *log = fopen(emulated->log, "re");
	SCOPE(free) char *line = NULL;
	size_t room = 0, count = 0;

	while (log != NULL && getline(&line, &room, log) > 0) {
		SCOPE(json) json_t *record = json_loads(line, 0, NULL);
		const char *was = json_string_value(json_object_get(record, "path"));
		const char *how = json_string_value(json_object_get(record, "method"));

		count += was != NULL && how != NULL && strcmp(how, method) == 0 &&
		    strncmp(was, path, strlen(path)) == 0;
	}
	return count;
}
