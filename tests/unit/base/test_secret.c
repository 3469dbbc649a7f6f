#include "playground.h"

#include "secret.h"

#include <fcntl.h>
#include <sys/stat.h>

static void
put(const char *path, const void *bytes, size_t size, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void
a_secret_is_a_copy_with_a_nul(void **state)
{
	char bytes[] = "pin\0x";
	struct secret *secret = NULL;

	(void)state;
	assert_true(secret_new(bytes, 5, &secret, NULL));
	memset(bytes, 0, sizeof bytes);
	assert_int_equal(secret_size(secret), 5);
	assert_memory_equal(secret_bytes(secret), "pin\0x", 6);
	assert_string_equal(secret_text(secret), "pin");
	secret_free(secret);
	secret_free(NULL);
}

static void
a_secret_may_be_empty_or_as_long_as_allowed_and_no_longer(void **state)
{
	static char bytes[SECRET_MAX + 1];
	struct secret *secret = NULL;
	struct fault fault = { 0 };

	(void)state;
	assert_true(secret_new(NULL, 0, &secret, NULL));
	assert_string_equal(secret_text(secret), "");
	secret_free(secret);
	assert_true(secret_new(bytes, SECRET_MAX, &secret, NULL));
	secret_free(secret);
	assert_false(secret_new(bytes, SECRET_MAX + 1, &secret, &fault));
	assert_int_equal(fault.code, FAULT_DATA);
}

static void
a_file_gives_its_bytes_without_one_line_end(void **state)
{
	static const struct {
		const char *content, *secret;
	} rows[] = {
		{ "1234", "1234" }, { "1234\n", "1234" }, { "1234\r\n", "1234" },
		{ "1234\n\n", "1234\n" }, { " 1234 ", " 1234 " }, { "12\n34", "12\n34" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct secret *secret = NULL;

		put("pin", rows[i].content, strlen(rows[i].content), 0600);
		assert_true(secret_read("pin", "the PIN", &secret, NULL));
		assert_int_equal(secret_size(secret), strlen(rows[i].secret));
		assert_string_equal(secret_text(secret), rows[i].secret);
		secret_free(secret);
	}
}

static void
a_file_that_others_may_open_is_refused(void **state)
{
	static const mode_t modes[] = { 0640, 0604, 0620, 0610, 0601, 0644, 0777 };

	(void)state;
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		struct secret *secret = NULL;
		struct fault fault = { 0 };

		put("pin", "1234", 4, modes[i]);
		assert_false(secret_read("pin", "the PIN", &secret, &fault));
		assert_int_equal(fault.code, FAULT_PERMISSION);
		assert_non_null(strstr(fault.text, "chmod 0600 pin"));
		assert_null(strstr(fault.text, "1234"));
		assert_null(secret);
	}
}

static void
a_file_of_another_user_is_refused(void **state)
{
	struct secret *secret = NULL;
	struct fault fault = { 0 };

	(void)state;
	/* Only root can give files away. */
	if (geteuid() != 0)
		skip();
	put("pin", "1234", 4, 0600);
	assert_int_equal(chown("pin", 65534, 65534), 0);
	assert_false(secret_read("pin", "the PIN", &secret, &fault));
	assert_int_equal(fault.code, FAULT_PERMISSION);
	assert_non_null(strstr(fault.text, "belongs to user 65534"));
}

static void
what_is_no_regular_file_is_refused(void **state)
{
	struct secret *secret = NULL;
	struct fault fault = { 0 };

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_false(secret_read("fifo", "the PIN", &secret, &fault));
	assert_int_equal(fault.code, FAULT_PERMISSION);
	assert_int_equal(mkdir("dir", 0700), 0);
	assert_false(secret_read("dir", "the PIN", &secret, &fault));
	assert_int_equal(fault.code, FAULT_PERMISSION);
	put("pin", "1234", 4, 0600);
	assert_int_equal(symlink("pin", "link"), 0);
	assert_false(secret_read("link", "the PIN", &secret, &fault));
	assert_int_equal(fault.code, FAULT_SYSTEM);
}

static void
a_missing_empty_or_huge_file_is_a_matter_of_settings(void **state)
{
	static char bytes[SECRET_MAX + 1];
	struct secret *secret = NULL;
	struct fault fault = { 0 };

	(void)state;
	assert_false(secret_read("none", "the PIN", &secret, &fault));
	assert_int_equal(fault.code, FAULT_SETTINGS);
	put("pin", "", 0, 0600);
	assert_false(secret_read("pin", "the PIN", &secret, &fault));
	assert_int_equal(fault.code, FAULT_SETTINGS);
	put("pin", "\r\n", 2, 0600);
	assert_false(secret_read("pin", "the PIN", &secret, &fault));
	assert_int_equal(fault.code, FAULT_SETTINGS);

	memset(bytes, 'x', sizeof bytes);
	put("pin", bytes, SECRET_MAX, 0600);
	assert_true(secret_read("pin", "the PIN", &secret, NULL));
	assert_int_equal(secret_size(secret), SECRET_MAX);
	secret_free(secret);
	put("pin", bytes, SECRET_MAX + 1, 0600);
	assert_false(secret_read("pin", "the PIN", &secret, &fault));
	assert_int_equal(fault.code, FAULT_SETTINGS);
}

#define IN_PLAYGROUND(test) \
	cmocka_unit_test_setup_teardown(test, playground_enter, playground_leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_is_a_copy_with_a_nul),
		cmocka_unit_test(a_secret_may_be_empty_or_as_long_as_allowed_and_no_longer),
		IN_PLAYGROUND(a_file_gives_its_bytes_without_one_line_end),
		IN_PLAYGROUND(a_file_that_others_may_open_is_refused),
		IN_PLAYGROUND(a_file_of_another_user_is_refused),
		IN_PLAYGROUND(what_is_no_regular_file_is_refused),
		IN_PLAYGROUND(a_missing_empty_or_huge_file_is_a_matter_of_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
