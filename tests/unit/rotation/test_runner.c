/*
 * Turns of the runner over a real journal, a vault and a service that answer from a script, and a token of one key: what is
 * recorded when something goes wrong at the worst place.
 */
#include "book.h"
#include "runner.h"
#include "scope.h"
#include "scripted.h"
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* base64url of 384 bytes, the first and the last of which are not zero: a modulus as far as a JWK is concerned. */
#define A64 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define MODULUS "gAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" A64 A64 A64 A64 A64 A64 \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB"
#define ITEM(kid, created) "{\"kid\":\"" kid "\",\"attributes\":{\"enabled\":true,\"created\":" created ",\"updated\":1795000000}}"
#define BUNDLE(kid) "{\"key\":{\"kid\":\"" kid "\",\"kty\":\"RSA-HSM\",\"key_ops\":[\"wrapKey\",\"unwrapKey\"],\"n\":\"" MODULUS \
	"\",\"e\":\"AQAB\"},\"attributes\":{\"enabled\":true,\"created\":1795000000,\"updated\":1795000000}}"
#define KEK "{\"key\":{\"kid\":\"" WORLD_KEK "\",\"kty\":\"RSA-HSM\",\"key_ops\":[\"import\"],\"n\":\"" MODULUS \
	"\",\"e\":\"AQAB\"},\"attributes\":{\"enabled\":true}}"
#define SERVICE(kid, state) "{\"id\":\"" WORLD_FHIR "\",\"identity\":{\"type\":\"SystemAssigned\"},\"properties\":{" \
	"\"provisioningState\":\"" state "\",\"encryption\":{\"customerManagedKeyEncryption\":{\"keyEncryptionKeyUrl\":\"" kid "\"}}}}"

#define OLD_LIST { .status = 200, .body = "{\"value\":[" ITEM(WORLD_OLD, "1795000000") "]}" }
#define BOTH_LIST { .status = 200, .body = "{\"value\":[" ITEM(WORLD_OLD, "1795000000") "," \
	ITEM(WORLD_NEW, "1795000001") "]}" }
#define OLD_KEY { .status = 200, .body = BUNDLE(WORLD_OLD) }
#define NEW_KEY { .status = 200, .body = BUNDLE(WORLD_NEW) }
#define IS(kid, state) { .status = 200, .body = SERVICE(kid, state) }

static struct book book;
static struct scripted script;
static struct world world;
static struct azure *azure;
static struct engine engine;
static struct observer observer;
static struct runner_turn turned;
static struct fault fault;

/* A token that holds the rotation's key and never has to act. */
static bool
token_token(struct hsm *hsm, struct hsm_token *ret_token, struct fault *why)
{
	(void)hsm, (void)why;
	*ret_token = (struct hsm_token){ .label = "hospital" };
	return true;
}

static bool
token_find(struct hsm *hsm, const struct hsm_name *name, struct hsm_key *ret_key, bool *ret_found, struct fault *why)
{
	(void)hsm, (void)name, (void)why;
	*ret_key = world.facts.hsm.key;
	*ret_found = true;
	return true;
}

static bool
token_enrolled(struct hsm *hsm, const struct public_key *kek, bool *ret_enrolled, struct fault *why)
{
	(void)hsm, (void)kek, (void)why;
	return *ret_enrolled = true;
}

static void
token_close(struct hsm *hsm)
{
	(void)hsm;
}

static const struct hsm_verbs verbs = { .token = token_token, .find = token_find, .enrolled = token_enrolled,
	.close = token_close };
static struct hsm token = { &verbs };

static bool
token_open(void *context, const char *uri, struct hsm **ret_hsm, struct fault *why)
{
	(void)context, (void)uri, (void)why;
	*ret_hsm = &token;
	return true;
}

static const struct hsm_opener opener = { NULL, token_open, NULL };

static int
setup(void **state)
{
	(void)state;
	book_begin(&book);
	world_begin(&world);
	world_open(&world, STEP_WRAP);
	world.policy.service_count = 1;
	world.policy_services[0].probe = false;
	return 0;
}

static int
teardown(void **state)
{
	char path[200];

	(void)state;
	observer_clear(&observer);
	azure_close(azure);
	scripted_end(&script);
	snprintf(path, sizeof path, "%s/blobs/%s.byok", book.folder, BOOK_ROTATION);
	unlink(path);
	book_end(&book);
	return 0;
}

static void
open_all(const struct scripted_answer *answers, size_t count)
{
	scripted_begin(&script, answers, count);
	assert_true(azure_open(&script.options, &script.port, &script.clock, &azure, &fault));
	engine = (struct engine){ .clock = &book.clock, .disk = disk_system(), .journal = book.journal, .azure = azure,
		.hsms = &opener, .state = book.folder, .program = "keyturn test" };
	observer_init(&observer, &engine, &world.policy);
}

#define OPEN(...)                                                            \
	open_all((const struct scripted_answer[]){ __VA_ARGS__ },             \
	    sizeof((const struct scripted_answer[]){ __VA_ARGS__ }) / sizeof(struct scripted_answer))

/* The blob of the rotation on disk, and its record. */
static void
lay_blob(void)
{
	static const char text[] = "the blob";
	char path[200], digest[DIGEST_HEX_SIZE];
	uint8_t bytes[DIGEST_SIZE];
	FILE *file;

	snprintf(path, sizeof path, "%s/blobs", book.folder);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/blobs/%s.byok", book.folder, BOOK_ROTATION);
	assert_non_null(file = fopen(path, "we"));
	fputs(text, file);
	fclose(file);
	assert_true(digest_sha256(text, strlen(text), bytes, &fault));
	encode_hex(bytes, sizeof bytes, digest);
	book_write(&book, "wrap", JOURNAL_DONE, json_pack("{s:s,s:s}", "kek", WORLD_KEK, "blob_sha256", digest));
}

static void
reach_import(void)
{
	book_write_for(&book, BOOK_POLICY, "", "adopt", JOURNAL_DONE, json_pack("{s:[{s:s}],s:[{s:s,s:s}]}", "versions", "kid",
	    WORLD_OLD, "services", "id", WORLD_FHIR, "kid", WORLD_OLD));
	book_write(&book, "rotate", JOURNAL_INTENT, json_pack("{s:[{s:s,s:s,s:i}]}", "services", "id", WORLD_FHIR, "before",
	    WORLD_OLD, "baseline", 0));
	book_write(&book, "ready", JOURNAL_DONE, NULL);
	book_write(&book, "kek", JOURNAL_DONE, json_pack("{s:s}", "kid", WORLD_KEK));
	book_write(&book, "generate", JOURNAL_DONE, json_pack("{s:s}", "fingerprint", world.history.rotation.fingerprint));
	lay_blob();
}

static void
reach_repoint(void)
{
	reach_import();
	book_write(&book, "import", JOURNAL_DONE, json_pack("{s:s}", "kid", WORLD_NEW));
	book_write(&book, "prove", JOURNAL_DONE, NULL);
	book_write(&book, "recover", JOURNAL_DONE, NULL);
	book_write(&book, "seal", JOURNAL_DONE, NULL);
}

static size_t
asked(const char *method)
{
	size_t count = 0;

	for (size_t i = 0; i < script.request_count; i++)
		count += strcmp(script.requests[i].method, method) == 0;
	return count;
}

/* Looking before an import asks: the service, the list, the old version, the KEK. */
#define LOOK IS(WORLD_OLD, "Succeeded"), OLD_LIST, OLD_KEY, { .status = 200, .body = KEK }
#define LOOK_AGAIN IS(WORLD_OLD, "Succeeded"), OLD_LIST, { .status = 200, .body = KEK }

static void
an_import_without_an_answer_is_not_repeated(void **state)
{
	(void)state;
	reach_import();
	OPEN(LOOK, { .fault = FAULT_UNKNOWN }, LOOK_AGAIN);
	assert_false(runner_turn(&observer, false, &turned, &fault));
	assert_int_equal(fault.code, FAULT_UNKNOWN);
	book_again(&book);
	assert_true(book.history.rotation.import_unknown);
	assert_true(runner_turn(&observer, false, &turned, &fault));
	assert_int_equal(turned.state, RUNNER_WAITING);
	assert_int_equal(asked("PUT"), 1);
}

static void
an_import_that_was_refused_left_nothing(void **state)
{
	(void)state;
	reach_import();
	OPEN(LOOK, { .status = 403, .body = "{\"error\":{\"code\":\"Forbidden\",\"message\":\"no\"}}" });
	assert_false(runner_turn(&observer, false, &turned, &fault));
	assert_int_equal(fault.code, FAULT_PERMISSION);
	book_again(&book);
	assert_false(book.history.rotation.import_unknown);
	assert_int_equal(book.history.rotation.failures, 1);
}

static int held = -1;
static bool (*scripted_exchange)(struct http *, const struct http_request *, struct http_response *, struct fault *);

/* Somebody takes the journal's lock for long while the vault answers … */
static bool
exchange_and_hold(struct http *port, const struct http_request *request, struct http_response *ret_response,
    struct fault *why)
{
	char path[128];

	if (strcmp(request->method, "PUT") == 0) {
		snprintf(path, sizeof path, "%s/journal.lock", book.folder);
		held = open(path, O_RDWR | O_CLOEXEC);
		assert_true(held >= 0);
		assert_int_equal(flock(held, LOCK_EX), 0);
	}
	return scripted_exchange(port, request, ret_response, why);
}

/* … and gives it back just before the failure is recorded. */
static void
hear_and_release(void *context, const struct engine_event *event)
{
	(void)context;
	if (event->kind == ENGINE_STEP_FAILED)
		close(held);
}

/* A version was made, and only its record failed: the failure must not be written down as one without effect. */
static void
an_import_whose_record_failed_stays_open(void **state)
{
	(void)state;
	reach_import();
	OPEN(LOOK, { .status = 200, .body = BUNDLE(WORLD_NEW) }, LOOK_AGAIN);
	scripted_exchange = script.port.exchange;
	script.port.exchange = exchange_and_hold;
	engine.listener.hear = hear_and_release;
	assert_false(runner_turn(&observer, false, &turned, &fault));
	assert_int_equal(fault.code, FAULT_RETRY);
	book_again(&book);
	assert_int_equal(book.history.rotation.failures, 1);
	assert_string_equal(book.history.rotation.answered_kid, "");
	assert_true(book.history.rotation.import_unknown);
	assert_true(runner_turn(&observer, false, &turned, &fault));
	assert_int_equal(turned.state, RUNNER_WAITING);
	assert_int_equal(asked("PUT"), 1);
}

/* Reads lag: the list shows the version, a read does not yet. It is ours by its tag, no foreign one that stops the run. */
static void
a_version_that_shows_half_is_waited_for(void **state)
{
	(void)state;
	reach_import();
	OPEN(LOOK, { .status = 200, .body = BUNDLE(WORLD_NEW) }, IS(WORLD_OLD, "Succeeded"), BOTH_LIST, { .status = 404 },
	    { .status = 200, .body = KEK }, IS(WORLD_OLD, "Succeeded"), BOTH_LIST, { .status = 404 },
	    { .status = 200, .body = KEK });
	if (!runner_turn(&observer, false, &turned, &fault))
		fail_msg("%s", fault.text);
	assert_string_equal(observer.history.rotation.answered_kid, WORLD_NEW);
	assert_true(runner_turn(&observer, false, &turned, &fault));
	assert_int_equal(turned.state, RUNNER_WAITING);
	assert_int_equal(asked("PUT"), 1);
}

/* Azure may end an undo at once; the run must not try the same update again in the same breath. */
static void
an_undo_that_ends_at_once_ends_the_run(void **state)
{
	(void)state;
	reach_repoint();
	book_write(&book, "repoint", JOURNAL_INTENT, json_pack("{s:s,s:s,s:s}", "service", WORLD_FHIR, "before", WORLD_OLD,
	    "after", WORLD_NEW));
	book_write(&book, "repoint", JOURNAL_FAILED, json_pack("{s:s,s:s,s:b,s:b}", "service", WORLD_FHIR, "text",
	    "the vault did not answer", "undo", 1, "over", 1));
	OPEN(IS(WORLD_NEW, "Failed"), BOTH_LIST, OLD_KEY, NEW_KEY, IS(WORLD_NEW, "Failed"), IS(WORLD_OLD, "Succeeded"),
	    IS(WORLD_OLD, "Succeeded"), BOTH_LIST);
	assert_false(runner_turn(&observer, false, &turned, &fault));
	assert_int_equal(fault.code, FAULT_FAILED);
	assert_non_null(strstr(fault.text, "the vault did not answer"));
	assert_non_null(strstr(fault.text, "names " WORLD_OLD " again"));
	book_again(&book);
	assert_false(history_service(&book.history, WORLD_FHIR)->failed);
	assert_int_equal(asked("PUT"), 1);
}

static void
a_service_that_azure_cannot_put_back_ends_the_run_and_is_recorded(void **state)
{
	(void)state;
	reach_repoint();
	book_write(&book, "repoint", JOURNAL_FAILED, json_pack("{s:s,s:s,s:b,s:b}", "service", WORLD_FHIR, "text", "no", "undo",
	    1, "over", 1));
	book_write(&book, "undo", JOURNAL_INTENT, json_pack("{s:s,s:s}", "service", WORLD_FHIR, "after", WORLD_OLD));
	book_write(&book, "undo", JOURNAL_NOTE, json_pack("{s:s,s:s,s:s}", "service", WORLD_FHIR, "azure_async",
	    "https://management.azure.com/op/1", "location", ""));
	OPEN({ .status = 200, .body = "{\"status\":\"Failed\",\"error\":{\"code\":\"KeyVaultError\",\"message\":\"no key\"}}" },
	    IS(WORLD_NEW, "Failed"), BOTH_LIST, OLD_KEY, NEW_KEY);
	assert_false(runner_turn(&observer, false, &turned, &fault));
	assert_non_null(strstr(fault.text, "could not put main back"));
	book_again(&book);
	assert_true(history_service(&book.history, WORLD_FHIR)->failed);
	assert_false(history_service(&book.history, WORLD_FHIR)->has_operation);
	assert_int_equal(book.history.rotation.failures, 2);
	assert_int_equal(asked("PUT"), 0);
}

/* A daemon looks every hour: what stands in the way is written once. */
static void
what_blocks_is_recorded_once(void **state)
{
	uint64_t next;

	(void)state;
	reach_repoint();
	OPEN(IS(WORLD_OTHER, "Succeeded"), BOTH_LIST, OLD_KEY, NEW_KEY, { .status = 404 }, IS(WORLD_OTHER, "Succeeded"), BOTH_LIST,
	    { .status = 404 });
	assert_false(runner_turn(&observer, false, &turned, &fault));
	assert_int_equal(fault.code, FAULT_REFUSED);
	assert_non_null(strstr(fault.text, "somebody pointed main"));
	next = observer.history.next;
	assert_false(runner_turn(&observer, false, &turned, &fault));
	assert_int_equal(observer.history.next, next);
	assert_int_equal(asked("PUT"), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_import_without_an_answer_is_not_repeated),
		CASE(an_import_that_was_refused_left_nothing),
		CASE(an_import_whose_record_failed_stays_open),
		CASE(a_version_that_shows_half_is_waited_for),
		CASE(an_undo_that_ends_at_once_ends_the_run),
		CASE(a_service_that_azure_cannot_put_back_ends_the_run_and_is_recorded),
		CASE(what_blocks_is_recorded_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
