#include "clouds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static void
every_row_is_whole_and_found_by_its_name(void **state)
{
	size_t count = 0;

	(void)state;
	for (const struct cloud *cloud; (cloud = cloud_at(count)) != NULL; count++) {
		assert_ptr_equal(cloud_find(cloud->name), cloud);
		assert_int_equal(strncmp(cloud->authority, "https://login.", 14), 0);
		assert_int_equal(strncmp(cloud->arm_url, "https://management.", 19), 0);
		assert_int_equal(strncmp(cloud->arm_scope, "https://management.", 19), 0);
		assert_string_equal(strrchr(cloud->arm_scope, '/'), "/.default");
		assert_int_equal(strncmp(cloud->vault_suffix, ".vault.", 7), 0);
		assert_int_equal(strncmp(cloud->managed_hsm_suffix, ".managedhsm.", 12), 0);

		/* Vaults and Managed HSMs of one cloud lie below one domain, which no other cloud has. */
		assert_string_equal(cloud->vault_suffix + 6, cloud->managed_hsm_suffix + 11);
		for (size_t other = 0; other < count; other++)
			assert_string_not_equal(cloud_at(other)->vault_suffix, cloud->vault_suffix);
	}
	assert_int_equal(count, 3);
	assert_null(cloud_find("AzureGermanCloud"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_whole_and_found_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
