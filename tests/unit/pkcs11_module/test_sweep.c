/*
 * What a process leaves in a SoftHSM2 token when it is killed in the middle of
 * making a key, and that a sweep takes away exactly that. The killing is real:
 * this program's own ftruncate stands before libc's, and SoftHSM2 calls it
 * before each attribute it writes.
 */
#include "tokens.h"

#include "session.h"

#include <signal.h>
#include <sys/syscall.h>

/* In the child: how many calls are still allowed. Negative: any number. */
static int calls_left = -1;

int
ftruncate(int fd, off_t size)
{
	if (calls_left == 0)
		kill(getpid(), SIGKILL);
	if (calls_left > 0)
		calls_left--;
	return (int)syscall(SYS_ftruncate, fd, size);
}

/*
 * Make a key in a child that dies at the given call; false if it lived to the
 * end.
 */
static bool
killed_generation(const struct test_token *token, const struct hsm_name *name,
    struct key_shape shape, int calls)
{
	struct hsm_key key;
	struct hsm *hsm;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (!module_open(&token->options, disk_system(), &hsm, NULL))
			_exit(2);
		calls_left = calls;
		_exit(hsm_generate(hsm, name, shape, &key, NULL) ? 0 : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		return true;
	assert_int_equal(WEXITSTATUS(status), 0);
	return false;
}

/* What was seen over all the kills. */
struct seen {
	unsigned nothing, halves, shells, whole;
};

static void
look(struct hsm *hsm, struct seen *seen)
{
	struct hsm_key *keys;
	struct fault fault;
	size_t count;

	assert_done(hsm_list(hsm, &keys, &count, &fault), fault);
	seen->nothing += count == 0;
	for (size_t i = 0; i < count; i++) {
		seen->shells += keys[i].shell;
		seen->halves += !keys[i].shell && keys[i].has_public != keys[i].has_private;
		seen->whole += keys[i].has_public && keys[i].has_private;
	}
	free(keys);
}

/*
 * After a sweep the token holds either nothing of that id or a key that works,
 * and no shell.
 */
static void
sweep_and_check(struct hsm *hsm, const struct hsm_name *name)
{
	struct key_shape shape = { KEY_EC, 256 };
	struct hsm_key key, *keys;
	struct fault fault;
	unsigned removed;
	size_t count;
	bool found;

	assert_done(hsm_sweep(hsm, name, &removed, &fault), fault);
	assert_done(hsm_find(hsm, name, &key, &found, &fault), fault);
	assert_done(hsm_list(hsm, &keys, &count, &fault), fault);
	free(keys);
	assert_int_equal(count, found ? 1 : 0);
	if (found) {
		assert_true(key.has_private && key.has_public);
		assert_done(hsm_destroy(hsm, name, &fault), fault);
		assert_done(hsm_sweep(hsm, name, &removed, &fault), fault);
		assert_int_equal(removed, 1);
	}

	/*
	 * The way is free for the same id again, and a second sweep leaves a
	 * good key alone.
	 */
	assert_done(hsm_generate(hsm, name, shape, &key, &fault), fault);
	assert_done(hsm_sweep(hsm, name, &removed, &fault), fault);
	assert_int_equal(removed, 0);
	assert_done(hsm_find(hsm, name, &key, &found, &fault), fault);
	assert_true(found && key.has_private);
}

static void
kill_at_every_step(struct key_shape shape, int step)
{
	struct seen seen = { 0 };
	struct hsm_name name = test_name(1, "interrupted");
	bool killed = true;
	int calls;

	for (calls = 0; killed; calls += step) {
		struct test_token token;

		softhsm_make(&token);
		killed = killed_generation(&token, &name, shape, calls);
		struct hsm *hsm = test_token_open(&token);
		look(hsm, &seen);
		sweep_and_check(hsm, &name);
		hsm_close(hsm);
		test_token_remove(&token);
	}
	print_message("killed at %d points: nothing %u, half pairs %u, shells %u, whole %u\n",
	    calls / step - 1, seen.nothing, seen.halves, seen.shells, seen.whole);
	assert_true(calls > 50);
	assert_true(seen.halves > 0 && seen.shells > 0 && seen.whole > 0);
}

static void
a_killed_ec_generation_can_be_swept_wherever_it_died(void **state)
{
	(void)state;
	kill_at_every_step((struct key_shape){ KEY_EC, 256 }, 1);
}

static void
a_killed_rsa_generation_can_be_swept_wherever_it_died(void **state)
{
	(void)state;
	/* Every seventh step, since each costs a slow generation. */
	kill_at_every_step((struct key_shape){ KEY_RSA, 2048 }, 7);
}

static void
a_sweep_leaves_other_keys_alone(void **state)
{
	struct hsm_name name = test_name(1, "interrupted"), other = test_name(2, "other");
	struct test_token token;
	struct hsm_key key;
	struct fault fault;
	unsigned removed;
	bool found;

	(void)state;
	softhsm_make(&token);
	struct hsm *hsm = test_token_open(&token);
	assert_done(hsm_generate(hsm, &other, (struct key_shape){ KEY_EC, 256 }, &key, &fault),
	    fault);
	assert_done(hsm_destroy(hsm, &other, &fault), fault);
	hsm_close(hsm);
	assert_true(killed_generation(&token, &name, (struct key_shape){ KEY_EC, 256 }, 30));
	hsm = test_token_open(&token);
	assert_done(hsm_sweep(hsm, &name, &removed, &fault), fault);
	assert_true(removed > 0);

	/* The other's public half is kept on purpose, as provenance. */
	assert_done(hsm_find(hsm, &other, &key, &found, &fault), fault);
	assert_true(found && key.has_public);
	hsm_close(hsm);
	test_token_remove(&token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_killed_ec_generation_can_be_swept_wherever_it_died),
		cmocka_unit_test(a_killed_rsa_generation_can_be_swept_wherever_it_died),
		cmocka_unit_test(a_sweep_leaves_other_keys_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
