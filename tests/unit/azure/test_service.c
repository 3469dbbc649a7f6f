/* Writing a service, following what the write started, and asking its store. */
#include "scope.h"
#include "scripted.h"
#include "service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static struct scripted script;
static struct azure *azure;

#define ID "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.HealthcareApis/workspaces/rad/fhirservices/main"
#define DICOM "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.HealthcareApis/workspaces/rad/dicomservices/pacs"
#define ARM "https://management.azure.com"
#define OPERATION ARM "/subscriptions/s1/providers/Microsoft.HealthcareApis/locations/x/operationresults/1?api-version=2024-03-31"

#define BEGIN(...)                                                           \
	do {                                                                 \
		SCRIPTED(&script, __VA_ARGS__);                              \
		assert_true(azure_open(&script.options, &script.port,        \
		    &script.clock, &azure, NULL));                           \
	} while (0)

static void
end(void)
{
	azure_close(azure);
	scripted_end(&script);
}

static void
a_service_is_read_with_its_parts(void **state)
{
	SCOPE(service_state) struct service_state service = { .resource = NULL };
	SCOPE(service_state) struct service_state bare = { .resource = NULL };
	struct fault fault = { 0 };

	(void)state;
	BEGIN({ .status = 200, .body = "{\"identity\":{\"type\":\"SystemAssigned\"},\"properties\":{\"provisioningState\":\"Succeeded\","
	    "\"encryption\":{\"customerManagedKeyEncryption\":{\"keyEncryptionKeyUrl\":\"https://v/keys/k/1\"}}}}" },
	    { .status = 200, .body = "{\"location\":\"x\"}" });
	azure_set_correlation(azure, "cccc");
	assert_true(service_read(azure, service_kind_find("fhir"), ID, &service, &fault));
	assert_string_equal(script.requests[0].url, ARM ID "?api-version=2024-03-31");
	assert_non_null(strstr(script.requests[0].headers, "x-ms-correlation-request-id: cccc"));
	assert_non_null(strstr(script.token_form, "scope=https%3A%2F%2Fmanagement.azure.com%2F.default"));
	assert_string_equal(service.key_url, "https://v/keys/k/1");
	assert_string_equal(service.provisioning_state, "Succeeded");
	assert_string_equal(service.identity_type, "SystemAssigned");
	assert_true(service_read(azure, service_kind_find("fhir"), ID, &bare, &fault));
	assert_string_equal(bare.key_url, "");
	assert_string_equal(bare.identity_type, "None");
	end();
}

/* What a PUT's answer makes of it. */
struct written {
	bool done;
	struct service_operation operation;
	enum service_progress progress;
	struct fault fault;
};

static struct written
write_once(void)
{
	SCOPE(json) json_t *body = json_pack("{s:s}", "location", "x");
	struct written written = { .done = false };

	written.done = service_write(azure, service_kind_find("fhir"), ID, body, &written.operation,
	    &written.progress, &written.fault);
	return written;
}

static void
a_write_goes_out_once_and_its_answer_is_followed(void **state)
{
	static const struct {
		struct scripted_answer answer;
		enum service_progress progress;
		const char *azure_async, *location;
		int64_t wait_ms;
	} cases[] = {
		{ { .status = 202, .headers = "Azure-AsyncOperation: " OPERATION "\nLocation: " OPERATION "&l\nRetry-After: 15\n" },
		  SERVICE_RUNNING, OPERATION, OPERATION "&l", 15000 },
		{ { .status = 201, .headers = "Azure-AsyncOperation: " OPERATION "\n",
		    .body = "{\"properties\":{\"provisioningState\":\"Succeeded\"}}" }, SERVICE_RUNNING, OPERATION, "", 10000 },
		{ { .status = 200, .body = "{\"properties\":{\"provisioningState\":\"Updating\"}}" }, SERVICE_RUNNING, "", "", 10000 },
		{ { .status = 200, .body = "{\"properties\":{\"provisioningState\":\"Succeeded\"}}" }, SERVICE_SUCCEEDED, "", "", 10000 },
		{ { .status = 200, .body = "{\"properties\":{\"provisioningState\":\"Failed\"}}" }, SERVICE_FAILED, "", "", 10000 },
		{ { .status = 200, .body = "{\"properties\":{}}" }, SERVICE_SUCCEEDED, "", "", 10000 },
		{ { .status = 202 }, SERVICE_RUNNING, "", "", 10000 },
		{ { .status = 202, .headers = "Azure-AsyncOperation: https://evil.example/x\nRetry-After: 99999\n" }, SERVICE_RUNNING, "", "", 600000 },
		{ { .status = 202, .headers = "Location: http://management.azure.com/x\n" }, SERVICE_RUNNING, "", "", 10000 },
		{ { .status = 202, .headers = "Location: " ARM ID "?api-version=2024-03-31\n" }, SERVICE_RUNNING, "", "", 10000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct written written;

		BEGIN(cases[i].answer);
		written = write_once();
		if (!written.done || written.progress != cases[i].progress)
			fail_msg("case %zu: %d %s", i, (int)written.progress, written.fault.text);
		assert_string_equal(written.operation.azure_async, cases[i].azure_async);
		assert_string_equal(written.operation.location, cases[i].location);
		assert_int_equal(written.operation.retry_after_ms, cases[i].wait_ms);
		assert_true(script.requests[0].once);
		assert_string_equal(script.requests[0].method, "PUT");
		end();
	}
}

static void
a_write_that_fails_tells_whether_it_may_have_happened(void **state)
{
	static const struct {
		struct scripted_answer answer;
		enum fault_code code;
	} cases[] = {
		{ { .fault = FAULT_UNKNOWN }, FAULT_UNKNOWN },
		{ { .fault = FAULT_UNAVAILABLE }, FAULT_UNAVAILABLE },
		{ { .status = 500 }, FAULT_UNKNOWN },
		{ { .status = 504 }, FAULT_UNKNOWN },
		{ { .status = 200, .body = "{\"half\":" }, FAULT_UNKNOWN },
		{ { .status = 409, .body = "{\"error\":{\"code\":\"AnotherOperationInProgress\"}}" }, FAULT_RETRY },
		{ { .status = 429 }, FAULT_RETRY },
		{ { .status = 400, .body = "{\"error\":{\"code\":\"BadRequest\",\"message\":\"no\"}}" }, FAULT_REFUSED },
		{ { .status = 409, .body = "{\"error\":{\"code\":\"ScopeLocked\"}}" }, FAULT_REFUSED },
		{ { .status = 403, .body = "{\"error\":{\"code\":\"AuthorizationFailed\"}}" }, FAULT_PERMISSION },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct written written;

		BEGIN(cases[i].answer, { .status = 200 });
		written = write_once();
		if (written.done || written.fault.code != cases[i].code || script.request_count != 1)
			fail_msg("case %zu: %s", i, written.fault.text);
		end();
	}
}

/* One look at an operation that is known by a URL of either kind, or by none. */
struct looked {
	bool done;
	enum service_progress progress;
	struct service_operation operation;
	struct fault fault;
};

static struct looked
look(const char *azure_async, const char *location)
{
	struct looked looked = { .done = false };

	strcpy(looked.operation.azure_async, azure_async);
	strcpy(looked.operation.location, location);
	looked.done = service_poll(azure, service_kind_find("fhir"), ID, &looked.operation, &looked.progress,
	    &looked.fault);
	return looked;
}

static void
a_status_document_tells_how_it_stands(void **state)
{
	static const struct {
		struct scripted_answer answer;
		enum service_progress progress;
		const char *told;
	} cases[] = {
		{ { .status = 200, .body = "{\"status\":\"Requested\"}", .headers = "Retry-After: 20\n" }, SERVICE_RUNNING, "" },
		{ { .status = 200, .body = "{\"status\":\"Running\"}", .headers = "Retry-After: 20\n" }, SERVICE_RUNNING, "" },
		{ { .status = 200, .body = "{\"status\":\"Succeeded\"}", .headers = "Retry-After: 20\n" }, SERVICE_SUCCEEDED, "" },
		{ { .status = 200, .body = "{\"status\":\"Canceled\"}", .headers = "Retry-After: 20\n" }, SERVICE_CANCELED, "gives no reason" },
		{ { .status = 200, .body = "{\"status\":\"Failed\",\"error\":{\"code\":\"KeyBad\",\"message\":\"cannot unwrap\"}}",
		    .headers = "Retry-After: 20\n" }, SERVICE_FAILED, "Change of fhir service main: KeyBad: cannot unwrap" },
		{ { .status = 200, .headers = "Retry-After: 20\n" }, SERVICE_SUCCEEDED, "" },
		{ { .status = 202, .headers = "Retry-After: 20\n" }, SERVICE_RUNNING, "" },
		{ { .status = 202, .body = "{\"status\":\"InProgress\"}", .headers = "Retry-After: 20\n" }, SERVICE_RUNNING, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct looked looked;

		BEGIN(cases[i].answer);
		looked = look(OPERATION, OPERATION "&other");
		if (!looked.done || looked.progress != cases[i].progress)
			fail_msg("case %zu: %s", i, looked.fault.text);
		assert_non_null(strstr(looked.fault.text, cases[i].told));
		assert_int_equal(looked.operation.retry_after_ms, 20000);
		assert_string_equal(script.requests[0].url, OPERATION);
		end();
	}
}

static void
a_look_that_fails_is_not_an_operation_that_fails(void **state)
{
	struct looked looked;

	(void)state;
	BEGIN({ .status = 404 });
	looked = look(OPERATION, "");
	assert_true(looked.done && looked.progress == SERVICE_RUNNING);
	end();
	BEGIN({ .status = 403, .body = "{\"error\":{\"code\":\"AuthorizationFailed\"}}" });
	looked = look(OPERATION, "");
	assert_false(looked.done);
	assert_int_equal(looked.fault.code, FAULT_PERMISSION);
	end();
	BEGIN({ .status = 200, .body = "{\"state\":1}" });
	assert_int_equal(look(OPERATION, "").fault.code, FAULT_PROTOCOL);
	end();
	BEGIN({ .fault = FAULT_UNKNOWN }, { .fault = FAULT_UNKNOWN }, { .fault = FAULT_UNKNOWN }, { .fault = FAULT_UNKNOWN });
	assert_int_equal(look(OPERATION, "").fault.code, FAULT_UNAVAILABLE);
	end();
}

static void
a_location_runs_until_it_answers_otherwise(void **state)
{
	static const struct {
		struct scripted_answer answer;
		enum service_progress progress;
	} cases[] = {
		{ { .status = 202 }, SERVICE_RUNNING },
		{ { .status = 404 }, SERVICE_RUNNING },
		{ { .status = 200, .body = "{\"properties\":{\"provisioningState\":\"Succeeded\"}}" }, SERVICE_SUCCEEDED },
		{ { .status = 204 }, SERVICE_SUCCEEDED },
		{ { .status = 200, .body = "{\"properties\":{\"provisioningState\":\"Failed\"}}" }, SERVICE_FAILED },
		{ { .status = 400, .body = "{\"error\":{\"code\":\"BadKey\",\"message\":\"m\"}}" }, SERVICE_FAILED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct looked looked;

		BEGIN(cases[i].answer);
		looked = look("", OPERATION);
		if (!looked.done || looked.progress != cases[i].progress)
			fail_msg("case %zu: %s", i, looked.fault.text);
		end();
	}
}

static void
without_a_url_the_resource_tells(void **state)
{
	static const struct {
		const char *body;
		enum service_progress progress;
	} cases[] = {
		{ "{\"properties\":{\"provisioningState\":\"Updating\"}}", SERVICE_RUNNING },
		{ "{\"properties\":{\"provisioningState\":\"SystemMaintenance\"}}", SERVICE_RUNNING },
		{ "{\"properties\":{\"provisioningState\":\"Succeeded\"}}", SERVICE_SUCCEEDED },
		{ "{\"properties\":{\"provisioningState\":\"Canceled\"}}", SERVICE_CANCELED },
		{ "{\"properties\":{}}", SERVICE_SUCCEEDED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct looked looked;

		BEGIN({ .status = 200, .body = cases[i].body });
		looked = look("", "");
		assert_true(looked.done && looked.progress == cases[i].progress);
		assert_int_equal(looked.operation.retry_after_ms, 10000);
		end();
	}
}

static void
an_operation_elsewhere_gets_no_token(void **state)
{
	static const char *const urls[] = {
		"https://evil.example/x", "http://management.azure.com/x", "https://management.azure.com.evil.example/x",
		"https://management.azure.com:444/x", "https://x@management.azure.com/", "nonsense",
	};

	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		BEGIN({ .status = 200, .body = "{\"status\":\"Succeeded\"}" });
		assert_int_equal(look(urls[i], "").fault.code, FAULT_PROTOCOL);
		assert_int_equal(look("", urls[i]).fault.code, FAULT_PROTOCOL);
		assert_int_equal(script.request_count + script.token_count, 0);
		end();
	}
}

#define LOST "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"diagnostics\":\"Error occurred during an operation that is dependent on " \
	"the customer-managed key. Use https://go.microsoft.com/fwlink/?linkid=2300268 to troubleshoot the issue.\"}]}"

/* Ask a service whose resource is ${text}. */
static struct service_probe_result
probe(const char *kind, const char *id, const char *text)
{
	SCOPE(service_state) struct service_state service = { .resource = json_loads(text, 0, NULL) };
	struct service_probe_result result = { .outcome = 0 };
	struct fault fault = { 0 };

	if (!service_probe(azure, service_kind_find(kind), id, &service, &result, &fault))
		fail_msg("%s", fault.text);
	return result;
}

static void
a_probe_asks_the_store_with_its_own_audience(void **state)
{
	(void)state;
	BEGIN({ .status = 200, .body = "{}" }, { .status = 204 }, { .status = 200 });
	assert_int_equal(probe("fhir", ID, "{\"properties\":{\"authenticationConfiguration\":{\"audience\":\"https://own.example\"}}}").outcome,
	    SERVICE_PROBE_ANSWERS);
	assert_string_equal(script.requests[0].url, "https://rad-main.fhir.azurehealthcareapis.com/Patient?_count=1");
	assert_non_null(strstr(script.requests[0].headers, "Accept: application/fhir+json"));
	assert_true(script.requests[0].sensitive);
	assert_non_null(strstr(script.token_form, "scope=https%3A%2F%2Fown.example%2F.default"));
	assert_int_equal(probe("dicom", DICOM, "{\"properties\":{\"serviceUrl\":\"https://rad-pacs.dicom.azurehealthcareapis.com/\"}}").outcome,
	    SERVICE_PROBE_ANSWERS);
	assert_string_equal(script.requests[1].url, "https://rad-pacs.dicom.azurehealthcareapis.com/v2/studies?limit=1");
	assert_non_null(strstr(script.token_form, "scope=https%3A%2F%2Fdicom.healthcareapis.azure.com%2F.default"));
	assert_int_equal(probe("fhir", ID, "{}").outcome, SERVICE_PROBE_ANSWERS);
	assert_non_null(strstr(script.token_form, "scope=https%3A%2F%2Frad-main.fhir.azurehealthcareapis.com%2F.default"));
	end();
}

static void
a_lost_key_is_told_from_a_missing_role(void **state)
{
	static const struct {
		struct scripted_answer answer;
		enum service_probe outcome;
		const char *text;
	} cases[] = {
		{ { .status = 403, .body = LOST }, SERVICE_PROBE_KEY_LOST, "customer-managed key" },
		{ { .status = 403, .body = "{\"issue\":[{\"diagnostics\":\"Authorization failed.\"}]}" }, SERVICE_PROBE_NOT_ALLOWED,
		  "HTTP 403: Authorization failed." },
		{ { .status = 403 }, SERVICE_PROBE_NOT_ALLOWED, "HTTP 403" },
		{ { .status = 424 }, SERVICE_PROBE_KEY_LOST, "HTTP 424" },
		{ { .status = 404 }, SERVICE_PROBE_NO_ANSWER, "HTTP 404" },
		{ { .status = 302 }, SERVICE_PROBE_NO_ANSWER, "HTTP 302" },
		{ { .fault = FAULT_PROTOCOL }, SERVICE_PROBE_NO_ANSWER, "the script says so" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct service_probe_result result;

		BEGIN(cases[i].answer);
		result = probe("fhir", ID, "{}");
		if (result.outcome != cases[i].outcome || strstr(result.text, cases[i].text) == NULL)
			fail_msg("case %zu: %d %s", i, (int)result.outcome, result.text);
		end();
	}
}

static void
health_records_are_never_quoted(void **state)
{
	struct service_probe_result result;

	(void)state;
	BEGIN({ .status = 200, .body = "{\"entry\":[{\"resource\":{\"name\":\"canary\"}}]}" }, { .status = 404, .body = "canary" });
	result = probe("fhir", ID, "{}");
	assert_null(strstr(result.text, "canary"));
	result = probe("fhir", ID, "{}");
	assert_null(strstr(result.text, "canary"));
	end();
}

static void
a_store_elsewhere_or_an_audience_of_somebody_else_is_refused(void **state)
{
	static const char *const resources[] = {
		"{\"properties\":{\"serviceUrl\":\"https://evil.example\"}}",
		"{\"properties\":{\"serviceUrl\":\"http://rad-pacs.dicom.azurehealthcareapis.com\"}}",
	};
	static const char *const audiences[] = {
		"https://management.azure.com", "https://vault.azure.net", "https://x.vault.azure.net", "https://managedhsm.azure.net",
	};
	struct service_probe_result result;
	struct fault fault = { 0 };

	(void)state;
	BEGIN({ .status = 200 });
	for (size_t i = 0; i < 2; i++) {
		SCOPE(service_state) struct service_state service = { .resource = json_loads(resources[i], 0, NULL) };

		assert_false(service_probe(azure, service_kind_find("dicom"), DICOM, &service, &result, &fault));
	}
	for (size_t i = 0; i < 4; i++) {
		SCOPE(service_state) struct service_state service = { .resource =
		    json_pack("{s:{s:{s:s}}}", "properties", "authenticationConfiguration", "audience", audiences[i]) };

		assert_false(service_probe(azure, service_kind_find("fhir"), ID, &service, &result, &fault));
		assert_int_equal(fault.code, FAULT_REFUSED);
	}
	assert_int_equal(script.request_count + script.token_count, 0);
	end();
}

static void
no_token_is_a_fault_and_no_finding(void **state)
{
	SCOPE(service_state) struct service_state service = { .resource = json_object() };
	struct service_probe_result result;
	struct fault fault = { 0 };

	(void)state;
	BEGIN({ .status = 200 });
	script.token_status = 400;
	script.token_answer = "{\"error\":\"invalid_resource\",\"error_description\":\"AADSTS500011: none\",\"error_codes\":[500011]}";
	assert_false(service_probe(azure, service_kind_find("fhir"), ID, &service, &result, &fault));
	assert_int_equal(fault.code, FAULT_PERMISSION);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_service_is_read_with_its_parts),
		cmocka_unit_test(a_write_goes_out_once_and_its_answer_is_followed),
		cmocka_unit_test(a_write_that_fails_tells_whether_it_may_have_happened),
		cmocka_unit_test(a_status_document_tells_how_it_stands),
		cmocka_unit_test(a_look_that_fails_is_not_an_operation_that_fails),
		cmocka_unit_test(a_location_runs_until_it_answers_otherwise),
		cmocka_unit_test(without_a_url_the_resource_tells),
		cmocka_unit_test(an_operation_elsewhere_gets_no_token),
		cmocka_unit_test(a_probe_asks_the_store_with_its_own_audience),
		cmocka_unit_test(a_lost_key_is_told_from_a_missing_role),
		cmocka_unit_test(health_records_are_never_quoted),
		cmocka_unit_test(a_store_elsewhere_or_an_audience_of_somebody_else_is_refused),
		cmocka_unit_test(no_token_is_a_fault_and_no_finding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
