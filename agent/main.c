#include "azure.h"
#include "cli.h"
#include "clock.h"
#include "curl.h"
#include "disk.h"
#include "file.h"
#include "hsm.h"
#include "journal.h"
#include "problems.h"
#include "scope.h"
#include "settings.h"
#include "token.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sysexits.h>

/*
 * keyturn: makes the process fit to hold secrets, then wires the rooms together and hands them to the command line.  Rooms are
 * opened only if the command at hand needs them.
 */

#define PROGRAM "keyturn " KEYTURN_VERSION

/* All that a run has open. */
struct agent {
	struct cli_request request;
	struct settings *settings;
	struct http *http;
	struct azure *azure;
	struct journal *journal;
	struct hsm_opener hsms;
};

/* A descriptor that is missing would be taken by the next file opened, and messages would end up in the journal. */
static bool
fill_standard_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Whether memory may be locked without a limit: with one, locking would make later allocations fail. */
static bool
may_lock_memory(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { { .effective = 0 } };
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY)
		return true;
	if (syscall(SYS_capget, &header, data) != 0)
		return false;
	return (data[CAP_TO_INDEX(CAP_IPC_LOCK)].effective & CAP_TO_MASK(CAP_IPC_LOCK)) != 0;
}

/*
 * Before anything else: no core dump and no debugger (wiping cannot reach registers and stacks), nothing readable for others, no TLS
 * secrets in a file, no swap.
 */
static bool
harden(void)
{
	struct rlimit none = { .rlim_cur = 0, .rlim_max = 0 };

	if (prctl(PR_SET_DUMPABLE, 0) != 0 || !fill_standard_streams())
		return false;
	umask(S_IRWXG | S_IRWXO);
	signal(SIGPIPE, SIG_IGN);
	unsetenv("SSLKEYLOGFILE");

	/* A service's system call filter may forbid the first; PR_SET_DUMPABLE stands in for it. The second is a best effort. */
	if (setrlimit(RLIMIT_CORE, &none) != 0)
		errno = 0;
	if (may_lock_memory() && mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0)
		errno = 0;

	/* OpenSSL 3.0 crashes later if its first allocations fail: find out now. */
	return OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL) == 1 &&
	    OSSL_LIB_CTX_get0_global_default() != NULL;
}

/* The options of a token: from the settings, which must list it, or for byok create from the URI and the command line. */
static bool
token_options(const struct agent *agent, const char *uri, struct token_options *ret_options, struct fault *fault)
{
	const struct token_options *listed;

	if (agent->settings == NULL) {
		*ret_options = (struct token_options){
			.token_uri = uri,
			.module_path = agent->request.module,
			.allowed_kek = agent->request.allowed_kek,
			.accept_zero_padded = agent->request.accept_zero_padded,
		};
		return true;
	}
	if ((listed = settings_token(agent->settings, uri)) == NULL)
		return fault_set(fault, FAULT_SETTINGS, "The settings %s list no token '%s'; add it to \"tokens\"",
		    agent->settings->file, uri);
	*ret_options = *listed;
	return true;
}

/* A PIN that the token refused is not sent again by this process: the login sees to that, and tries one that was corrected. */
static bool
open_token(void *context, const char *uri, struct hsm **ret_hsm, struct fault *fault)
{
	struct agent *agent = context;
	struct token_options options;

	return token_options(agent, uri, &options, fault) && module_open(&options, disk_system(), ret_hsm, fault);
}

static bool
open_azure(struct agent *agent, struct fault *fault)
{
	if (!agent->settings->has_azure)
		return fault_set(fault, FAULT_SETTINGS, "The settings %s have no member \"azure\", and this command asks "
		    "Azure", agent->settings->file);
	return curl_http_open(&agent->settings->curl, &agent->http, fault) &&
	    azure_open(&agent->settings->azure, agent->http, clock_system(), &agent->azure, fault);
}

/* A writer starts a journal where there is none; a reader does without. */
static bool
open_journal(struct agent *agent, struct fault *fault)
{
	struct journal_options options = agent->settings->journal;

	options.program = PROGRAM;
	if ((agent->request.needs & CLI_JOURNAL_WRITE) != 0)
		return file_make_directory(disk_system(), agent->settings->state, fault) &&
		    journal_open(&options, disk_system(), clock_system(), &agent->journal, fault);
	return journal_open_reader(&options, clock_system(), &agent->journal, fault) ||
	    fault->code == FAULT_NOT_FOUND;
}

static void
close_agent(void *context)
{
	struct agent *agent = context;

	/* The journal last of what acts, since it writes its head. */
	azure_close(agent->azure);
	http_close(agent->http);
	journal_close(agent->journal);
	settings_free(agent->settings);
	*agent = (struct agent){ .settings = NULL };
}

/* Open in the order of need: what cannot fail for reasons outside comes first. */
static bool
open_parts(struct agent *agent, struct problems *problems, struct fault *fault)
{
	unsigned needs = agent->request.needs;

	if ((needs & CLI_SETTINGS) != 0 &&
	    !settings_load(agent->request.config, &agent->settings, problems, fault))
		return false;
	if ((needs & CLI_AZURE) != 0 && !open_azure(agent, fault))
		return false;
	if ((needs & (CLI_JOURNAL_READ | CLI_JOURNAL_WRITE)) != 0 && !open_journal(agent, fault))
		return false;
	return true;
}

static bool
open_agent(void *context, const struct cli_request *request, struct cli_world *ret_world,
    struct problems *problems, struct fault *fault)
{
	struct agent *agent = context;

	agent->request = *request;
	agent->hsms = (struct hsm_opener){ .context = agent, .open = open_token, .key_name = module_key_name };
	if (!open_parts(agent, problems, fault)) {
		close_agent(agent);
		return false;
	}

	/* What stays NULL is what the command said it does not need. */
	const struct settings *settings = agent->settings;
	*ret_world = (struct cli_world){ .engine = {
		.clock = clock_system(), .disk = disk_system(), .journal = agent->journal, .azure = agent->azure,
		.hsms = (request->needs & CLI_HSM) != 0 ? &agent->hsms : NULL, .program = PROGRAM,
	} };
	if (settings != NULL) {
		ret_world->engine.state = settings->state;
		ret_world->engine.managed_hsm_suffix = settings->azure.managed_hsm_suffix;
		ret_world->engine.rehearsal = settings->rehearsal;
		ret_world->engine.settling_ms = settings->settling_ms;
		ret_world->policies = settings->policies;
		ret_world->tokens = settings->token_uris;
		ret_world->token_count = settings->token_count;
	}
	return true;
}

int
main(int argc, char **argv)
{
	struct agent agent = { .settings = NULL };
	struct cli_wiring wiring = {
		.context = &agent, .open = open_agent, .close = close_agent, .clock = clock_system(), .version = PROGRAM,
	};
	struct cli_streams streams = { .in = stdin, .out = stdout, .err = stderr };

	if (!harden()) {
		fputs("keyturn: the process could not be made fit to hold secrets (out of memory or descriptors)\n", stderr);
		return EX_OSERR;
	}

	/* What is printed and what is told about it come out in their order, also into one file. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	return cli_run(argc, argv, &wiring, &streams);
}
