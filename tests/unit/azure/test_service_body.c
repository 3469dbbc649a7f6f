/* What a PUT carries back: everything but what must not go, and one other key URL. */
#include "graft.h"
#include "member.h"
#include "scope.h"
#include "service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define NEW_URL "https://hospital.vault.azure.net/keys/radiology/ffffffffffffffffffffffffffffffff"

/* A resource with every writable property of 2024-03-31, and members that no version knows; beside it what its PUT must be. */
static json_t *
load(const char *name)
{
	char path[200];
	json_t *value;

	snprintf(path, sizeof path, "resources/%s.json", name);
	value = json_load_file(path, 0, NULL);
	assert_non_null(value);
	return value;
}

static void
a_put_changes_the_key_url_and_strips_what_is_read_only(void **state)
{
	static const char *const names[] = { "fhir", "dicom" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		SCOPE(json) json_t *resource = load(names[i]);
		SCOPE(json) json_t *untouched = json_deep_copy(resource);
		SCOPE(json) json_t *body = NULL;
		SCOPE(free) char *got = NULL;
		SCOPE(free) char *wanted = NULL;
		char file[50];
		struct fault fault = { 0 };

		snprintf(file, sizeof file, "%s.put", names[i]);
		SCOPE(json) json_t *want = load(file);

		assert_true(service_body(service_kind_find(names[i]), resource, NEW_URL, &body, &fault));
		got = member_print(body);
		wanted = member_print(want);
		assert_string_equal(got, wanted);
		assert_true(json_equal(resource, untouched));
	}
}

static void
a_service_without_a_key_gets_the_way_to_one(void **state)
{
	static const char *const texts[] = {
		"{\"location\":\"x\"}", "{\"location\":\"x\",\"properties\":{}}", "{\"location\":\"x\",\"properties\":{\"encryption\":null}}",
		"{\"location\":\"x\",\"properties\":{\"encryption\":{}}}",
		"{\"location\":\"x\",\"properties\":{\"encryption\":{\"customerManagedKeyEncryption\":null}}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		SCOPE(json) json_t *resource = json_loads(texts[i], 0, NULL);
		SCOPE(json) json_t *body = NULL;
		struct fault fault = { 0 };

		assert_true(service_body(service_kind_find("fhir"), resource, NEW_URL, &body, &fault));
		assert_string_equal(member_text(body, service_kind_find("fhir")->key_url_pointer, ""), NEW_URL);
	}
}

static void
something_else_in_the_way_is_an_error(void **state)
{
	SCOPE(json) json_t *odd = json_loads("{\"properties\":{\"encryption\":\"yes\"}}", 0, NULL);
	SCOPE(json) json_t *list = json_array();
	SCOPE(json) json_t *body = NULL;
	struct fault fault = { 0 };

	(void)state;
	assert_false(service_body(service_kind_find("fhir"), odd, NEW_URL, &body, &fault));
	assert_int_equal(fault.code, FAULT_PROTOCOL);
	assert_false(service_body(service_kind_find("fhir"), list, NEW_URL, &body, &fault));
	assert_null(body);
}

/* The difference between the FHIR resource and itself with one member set or, with a NULL value, removed. */
static char *
difference(const char *pointer, json_t *value)
{
	SCOPE(json) json_t *before = load("fhir");
	SCOPE(json) json_t *after = load("fhir");
	struct fault fault = { 0 };
	char *text = NULL;

	if (value != NULL)
		assert_true(graft_set(after, pointer, value));
	else
		assert_true(graft_remove(after, pointer));
	assert_true(service_difference(service_kind_find("fhir"), before, after, &text, &fault));
	return text;
}

static void
a_difference_names_its_place(void **state)
{
	static const struct {
		const char *pointer, *value, *text;
	} cases[] = {
		{ "/properties/corsConfiguration/maxAge", "0", "/properties/corsConfiguration/maxAge was 600, is 0" },
		{ "/tags/owner", NULL, "/tags/owner was \"radiology\", is missing" },
		{ "/tags/name with ~1 and ~0", "7", "/tags/name with ~1 and ~0 was \"x\", is 7" },
		{ "/properties/novelty", "true", "/properties/novelty was missing, is true" },
		{ "/properties/publicNetworkAccess", "\"Enabled\"", "/properties/publicNetworkAccess was \"Disabled\", is \"Enabled\"" },
		{ "/properties/encryption/customerManagedKeyEncryption/keyEncryptionKeyUrl", "\"x\"", "" },
		{ "/properties/provisioningState", "\"Updating\"", "" },
		{ "/systemData/lastModifiedAt", "\"now\"", "" },
		{ "/etag", "\"e9\"", "" },
		{ "/identity/principalId", "\"p\"", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		SCOPE(free) char *text = difference(cases[i].pointer, cases[i].value != NULL ?
		    json_loads(cases[i].value, JSON_DECODE_ANY, NULL) : NULL);

		assert_string_equal(text, cases[i].text);
	}
}

static void
ids_are_of_their_kind_or_refused(void **state)
{
	static const struct {
		const char *kind, *id;
		bool good;
	} cases[] = {
		{ "fhir", "/subscriptions/s1/resourceGroups/rg.x_(1)/providers/Microsoft.HealthcareApis/workspaces/rad/fhirservices/main", true },
		{ "fhir", "/SUBSCRIPTIONS/s1/resourcegroups/rg/PROVIDERS/microsoft.healthcareapis/Workspaces/rad/FhirServices/main", true },
		{ "dicom", "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.HealthcareApis/workspaces/rad/dicomservices/pacs", true },
		{ "dicom", "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.HealthcareApis/workspaces/rad/fhirservices/main", false },
		{ "fhir", "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.HealthcareApis/workspaces/rad/fhirservices/main/", false },
		{ "fhir", "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.HealthcareApis/workspaces/rad/fhirservices", false },
		{ "fhir", "/subscriptions/s1/resourceGroups/../providers/Microsoft.HealthcareApis/workspaces/rad/fhirservices/main", false },
		{ "fhir", "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.HealthcareApis/workspaces/rad/fhirservices/a?b", false },
		{ "fhir", "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.HealthcareApis/workspaces/rad/fhirservices/a%2fb", false },
		{ "fhir", "/subscriptions//resourceGroups/rg/providers/Microsoft.HealthcareApis/workspaces/rad/fhirservices/a", false },
		{ "fhir", "https://management.azure.com/subscriptions/s1", false },
		{ "fhir", "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (service_check_id(service_kind_find(cases[i].kind), cases[i].id, NULL) != cases[i].good)
			fail_msg("%s", cases[i].id);
}

static void
every_row_of_the_table_is_whole(void **state)
{
	const struct service_kind *kind;

	(void)state;
	for (size_t i = 0; (kind = service_kind_at(i)) != NULL; i++) {
		assert_ptr_equal(service_kind_find(kind->name), kind);
		assert_non_null(kind->resource_type);
		assert_non_null(kind->api_version);
		assert_int_equal(kind->key_url_pointer[0], '/');
		assert_non_null(kind->read_only);
		assert_int_equal(kind->probe_path[0], '/');
		assert_non_null(kind->probe_accept);
		assert_true(kind->url_pointer != NULL || kind->url_label != NULL);
	}
	assert_null(service_kind_find("nothing"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_put_changes_the_key_url_and_strips_what_is_read_only),
		cmocka_unit_test(a_service_without_a_key_gets_the_way_to_one),
		cmocka_unit_test(something_else_in_the_way_is_an_error),
		cmocka_unit_test(a_difference_names_its_place),
		cmocka_unit_test(ids_are_of_their_kind_or_refused),
		cmocka_unit_test(every_row_of_the_table_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
