#include "armlocks.h"

#include "armhandlers.h"
#include "armid.h"
#include "exchange.h"
#include "resource.h"
#include "world.h"

#include <string.h>
#include <strings.h>

static json_t *
locks(struct world *w)
{
	json_t *all = json_object_get(w->root, "locks");

	if (all == NULL) {
		all = json_array();
		json_object_set_new(w->root, "locks", all);
	}
	return all;
}

/* Whether a lock hangs on the id or above it; a lock's scope is what stands before its provider. */
static bool
lock_covers(const json_t *lock, const char *id)
{
	const char *lock_id = resource_text(lock, "id");
	const char *provider = strstr(lock_id, "/providers/Microsoft.Authorization/");
	size_t length = provider == NULL ? strlen(lock_id) : (size_t)(provider - lock_id);

	return strncasecmp(lock_id, id, length) == 0 && (id[length] == '/' || id[length] == '\0');
}

bool
armlocks_check(struct exchange *x, const struct armid *id)
{
	bool removal = strcmp(x->method, "DELETE") == 0;
	json_t *lock;
	size_t i;

	/* Reading is always free; so is work on the locks themselves. */
	if (strcmp(x->method, "GET") == 0 || strcmp(x->method, "HEAD") == 0 || strcasecmp(id->type, "locks") == 0)
		return true;
	json_array_foreach(locks(x->world), i, lock) {
		if (!lock_covers(lock, id->text) || (!removal && strcmp(resource_text(lock, "properties.level"), "ReadOnly") != 0))
			continue;
		exchange_error(x, 409, "ScopeLocked", "The scope '%s' cannot perform the operation because it is locked by '%s'. Remove the lock and try again.",
		    id->text, resource_text(lock, "name"));
		return false;
	}
	return true;
}

/* The place of the lock that the path names, or the length of the array. */
static size_t
lock_find(struct world *w, const struct armid *id)
{
	json_t *lock;
	size_t i;

	json_array_foreach(locks(w), i, lock)
		if (strcasecmp(resource_text(lock, "id"), id->text) == 0)
			return i;
	return json_array_size(locks(w));
}

static void
lock_put(struct exchange *x, const struct armid *id)
{
	const char *level = resource_text(x->body_json, "properties.level");
	size_t place = lock_find(x->world, id);
	json_t *lock;

	if (level == NULL || (strcmp(level, "ReadOnly") != 0 && strcmp(level, "CanNotDelete") != 0)) {
		exchange_error(x, 400, "InvalidRequestContent", "The lock's properties.level must be ReadOnly or CanNotDelete.");
		return;
	}
	lock = json_pack("{s:s, s:s, s:s, s:{s:s}}", "id", id->text, "name", armid_name(id), "type", "Microsoft.Authorization/locks",
	    "properties", "level", level);
	exchange_answer(x, place < json_array_size(locks(x->world)) ? 200 : 201, json_incref(lock));
	if (place < json_array_size(locks(x->world)))
		json_array_remove(locks(x->world), place);
	json_array_append_new(locks(x->world), lock);
	world_changed(x->world);
}

/* A list shows the locks at, above and below the scope. */
static void
locks_list(struct exchange *x, const struct armid *id)
{
	json_t *value = json_array(), *lock;
	size_t i, length = strlen(id->scope);

	json_array_foreach(locks(x->world), i, lock)
		if (lock_covers(lock, id->scope) || strncasecmp(resource_text(lock, "id"), id->scope, length) == 0)
			json_array_append(value, lock);
	exchange_answer(x, 200, json_pack("{s:o}", "value", value));
}

void
armlocks_handle(struct exchange *x, const struct armid *id)
{
	size_t place;

	if (armid_is_collection(id)) {
		locks_list(x, id);
		return;
	}
	if (strcmp(x->method, "PUT") == 0) {
		lock_put(x, id);
		return;
	}
	place = lock_find(x->world, id);
	if (strcmp(x->method, "DELETE") == 0) {
		exchange_answer(x, place < json_array_size(locks(x->world)) ? 200 : 204, NULL);
		json_array_remove(locks(x->world), place);
		world_changed(x->world);
	} else if (place == json_array_size(locks(x->world)))
		exchange_error(x, 404, "LockNotFound", "The lock '%s' could not be found.", armid_name(id));
	else
		exchange_answer(x, 200, json_incref(json_array_get(locks(x->world), place)));
}
