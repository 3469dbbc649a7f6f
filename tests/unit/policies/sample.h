#ifndef SAMPLE_H
#define SAMPLE_H

/*
 * One good policy, and texts made from it by replacing a piece: what the tests of this room share.
 */

#include "problems.h"
#include "scope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define SAMPLE_GROUP "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/imaging/"
#define SAMPLE_WORKSPACE SAMPLE_GROUP "providers/" \
	"Microsoft.HealthcareApis/workspaces/rad/"

static const char sample[] =
    "{\n"
    "  \"name\": \"radiology-cmk\",\n"
    "  \"description\": \"R\u00f6ntgen\",\n"
    "  \"key\": { \"type\": \"RSA\", \"bits\": 3072, \"token\": \"pkcs11:token=hospital\", \"after_import\": \"seal\",\n"
    "           \"recovery\": \"none\" },\n"
    "  \"vault\": { \"url\": \"https://hospital.vault.azure.net\", \"key_name\": \"radiology\",\n"
    "             \"kek\": { \"name\": \"keyturn-kek\" } },\n"
    "  \"rotate\": { \"every\": \"P90D\" },\n"
    "  \"previous_versions\": { \"keep\": \"enabled\" },\n"
    "  \"services\": [\n"
    "    { \"kind\": \"fhir\", \"id\": \"" SAMPLE_WORKSPACE "fhirservices/main\" },\n"
    "    { \"kind\": \"dicom\", \"id\": \"" SAMPLE_WORKSPACE "dicomservices/pacs\", \"enable_cmk\": true, \"probe\": false }\n"
    "  ]\n"
    "}\n";

/* ${text} with the one place of ${old} made ${new}; the caller frees it. A piece that is not there once is a broken test. */
static inline char *
edit(const char *text, const char *old, const char *new)
{
	const char *place = strstr(text, old);
	size_t before = (size_t)(place - text);
	char *result = calloc(1, strlen(text) + strlen(new) + 1);

	assert_non_null(place);
	assert_null(strstr(place + 1, old));
	assert_non_null(result);
	memcpy(result, text, before);
	stpcpy(stpcpy(result + before, new), place + strlen(old));
	return result;
}

/* All problems, printed, one a line; the caller frees it. */
static inline char *
print_all(const struct problems *problems)
{
	char *all = calloc(1, 1);

	for (size_t i = 0; i < problems->count; i++) {
		SCOPE(free) char *one = problem_print(&problems->list[i]), *before = all;
		assert_true(asprintf(&all, "%s%s\n", before, one) >= 0);
	}
	return all;
}

#endif
