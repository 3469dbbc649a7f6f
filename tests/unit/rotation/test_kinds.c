/* The kinds of services that policies may name are those that the table of Azure's kinds has rows for, and their ids agree. */
#include "policy.h"
#include "problems.h"
#include "scope.h"
#include "service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* A policy with one service of ${kind}; whether it is taken. */
static bool
taken(const char *kind, const char *id)
{
	SCOPE(policy) struct policy *policy = NULL;
	struct problems problems = { 0 };
	struct fault fault = { 0 };
	char text[2000];
	int size = snprintf(text, sizeof text, "{\"name\":\"radiology-cmk\",\"key\":{\"type\":\"RSA\",\"bits\":3072,"
	    "\"token\":\"pkcs11:token=hospital\",\"after_import\":\"seal\",\"recovery\":\"none\"},\"vault\":{\"url\":"
	    "\"https://hospital.vault.azure.net\",\"key_name\":\"radiology\",\"kek\":{\"name\":\"keyturn-kek\"}},"
	    "\"previous_versions\":{\"keep\":\"enabled\"},\"services\":[{\"kind\":\"%s\",\"id\":\"%s\"}]}", kind, id);
	bool good = policy_parse("radiology.json", text, (size_t)size, &policy, &problems, &fault);

	problems_clear(&problems);
	return good;
}

/* "Microsoft.HealthcareApis/workspaces/fhirservices" with names in between. */
static void
print_id(const struct service_kind *kind, char *id, size_t room)
{
	const char *slash = strrchr(kind->resource_type, '/');

	snprintf(id, room, "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/imaging/providers/%.*s/rad%s/main",
	    (int)(slash - kind->resource_type), kind->resource_type, slash);
}

static void
every_kind_of_azures_table_may_stand_in_a_policy(void **state)
{
	const struct service_kind *kind;
	struct fault fault;
	size_t count = 0;

	(void)state;
	for (; (kind = service_kind_at(count)) != NULL; count++) {
		char id[400];

		print_id(kind, id, sizeof id);
		assert_true(service_check_id(kind, id, &fault));
		assert_true(taken(kind->name, id));
		assert_false(taken("postgres", id));
	}
	assert_int_equal(count, 2);
}

static void
every_kind_of_the_schema_has_a_row_there(void **state)
{
	SCOPE(json) json_t *schema = json_load_file("../../../policies/policy.schema.json", 0, NULL);
	json_t *kinds;
	size_t index;
	json_t *name;

	(void)state;
	assert_non_null(schema);

	/* Wherever the schema keeps it: the one enumeration that holds "fhir". */
	SCOPE(free) char *text = json_dumps(schema, JSON_COMPACT);
	const char *place = strstr(text, "\"enum\":[\"fhir\"");

	assert_non_null(place);
	kinds = json_loads(place + strlen("\"enum\":"), JSON_DISABLE_EOF_CHECK, NULL);
	assert_non_null(kinds);
	json_array_foreach(kinds, index, name)
		assert_non_null(service_kind_find(json_string_value(name)));
	assert_null(service_kind_at(index));
	json_decref(kinds);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_azures_table_may_stand_in_a_policy),
		cmocka_unit_test(every_kind_of_the_schema_has_a_row_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
