#include "actor.h"

#include "scope.h"

#include <pwd.h>
#include <string.h>

enum { HOST_MAX = 256, USER_MAX = 256, BOOT_MAX = 64, ROOM_FOR_PASSWD = 16384 };

struct actor {
	uid_t uid;
	char user[USER_MAX];		/* "" where the machine knows no name for the uid */
	char host[HOST_MAX];
	char boot_id[BOOT_MAX];		/* "" where /proc is not to be had */
	char *program;
	char *object_id;		/* may be NULL */
};

static void
ask_user(struct actor *actor)
{
	SCOPE(free) char *room = malloc(ROOM_FOR_PASSWD);
	struct passwd entry, *found = NULL;

	/* A uid without a name is no reason to stop: the number says enough. */
	if (room != NULL && getpwuid_r(actor->uid, &entry, room, ROOM_FOR_PASSWD, &found) == 0 &&
	    found != NULL)
		snprintf(actor->user, sizeof actor->user, "%s", found->pw_name);
}

static void
ask_boot_id(struct actor *actor)
{
	SCOPE(file) FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (file == NULL || fgets(actor->boot_id, sizeof actor->boot_id, file) == NULL)
		actor->boot_id[0] = 0;
	actor->boot_id[strcspn(actor->boot_id, "\n")] = 0;
}

bool
actor_new(const char *program, struct actor **ret_actor, struct fault *fault)
{
	SCOPE(actor) struct actor *actor = calloc(1, sizeof *actor);

	if (actor == NULL || (actor->program = strdup(program == NULL ? "keyturn" : program)) == NULL)
		return fault_system(fault, "Memory for the journal");
	actor->uid = getuid();
	ask_user(actor);
	ask_boot_id(actor);
	if (gethostname(actor->host, sizeof actor->host - 1) != 0)
		return fault_system(fault, "Ask for the name of this machine");
	*ret_actor = scope_move(actor);
	return true;
}

void
actor_free(struct actor *actor)
{
	if (actor == NULL)
		return;
	free(actor->program);
	free(actor->object_id);
	free(actor);
}

bool
actor_set_object_id(struct actor *actor, const char *object_id, struct fault *fault)
{
	char *copy = object_id == NULL ? NULL : strdup(object_id);

	if (object_id != NULL && copy == NULL)
		return fault_system(fault, "Memory for the journal");
	free(actor->object_id);
	actor->object_id = copy;
	return true;
}

json_t *
actor_print(const struct actor *actor)
{
	/* What is not known is left out, not told as an empty text. */
	return json_pack("{s:I, s:s*, s:s, s:s*, s:I, s:s, s:s*}", "uid", (json_int_t)actor->uid,
	    "user", actor->user[0] == 0 ? NULL : actor->user, "host", actor->host,
	    "boot_id", actor->boot_id[0] == 0 ? NULL : actor->boot_id, "pid", (json_int_t)getpid(),
	    "program", actor->program, "object_id", actor->object_id);
}

const char *
actor_host(const struct actor *actor)
{
	return actor->host;
}

const char *
actor_program(const struct actor *actor)
{
	return actor->program;
}
