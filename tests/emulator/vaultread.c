#include "vaultread.h"

#include "bytes.h"
#include "exchange.h"
#include "release.h"
#include "text.h"
#include "vault.h"
#include "vaultstore.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_MAX = 25 };

void
vaultread_answer_missing(struct vault_call *c)
{
	bool version = c->version != NULL && *c->version != '\0';

	exchange_error(c->x, 404, "KeyNotFound", "A key with (name/id) %s%s%s was not found in this key "
	    "vault. If you recently deleted this key you may be able to "
	    "recover it using the correct recovery command. For help resolving this issue, please see "
	    "https://go.microsoft.com/fwlink/?linkid=2125182",
	    c->name, version ? "/" : "", version ? c->version : "");
}

void
vaultread_get(struct vault_call *c)
{
	struct world *w = c->show.world;
	int64_t seen_at_ms = vaultstore_seen_at_ms(w, "reads_s");
	const json_t *key = vaultstore_key(c->show.vault, c->name);
	const json_t *version = vaultstore_version_at(key, c->version, seen_at_ms), *face;

	if (version == NULL) {
		vaultread_answer_missing(c);
		return;
	}
	face = vaultstore_face_at(version, seen_at_ms);

	/* What a vault says of a disabled version is told in two ways; which one is a setting. */
	if (world_setting(w, "forbid_get_of_disabled") &&
	    json_is_false(json_object_get(json_object_get(face, "attributes"), "enabled"))) {
		exchange_error(c->x, 403, "Forbidden", "Operation get is not allowed on a disabled key.");
		exchange_inner(c->x, "KeyDisabled");
		return;
	}
	exchange_answer(c->x, 200, vaultshow_bundle(&c->show, key, version, face));
}

/* A list that is being paged: its items with the names by which they are ordered. */
struct listing {
	json_t *items;		/* object: order -> item; gives the page its place */
	char *after;		/* the skip token's marker; "" at the start */
	long max;
	const char *path;	/* of the collection, for the next link */
};

/* Read maxresults and $skiptoken; if they are wrong the answer is set. */
static bool
read_paging(struct vault_call *c, struct listing *l)
{
	const char *max = exchange_query(c->x, "maxresults"), *token = exchange_query(c->x, "$skiptoken");
	BYTES struct bytes marker = { 0 };
	char *end = NULL;

	l->max = max != NULL ? strtol(max, &end, 10) : PAGE_MAX;
	if (max != NULL && (end == max || *end != '\0' || l->max < 1 || l->max > PAGE_MAX)) {
		exchange_error(c->x, 400, "BadParameter",
		    "Invalid value for parameter 'maxresults': it must be 1 to %d.", PAGE_MAX);
		return false;
	}
	if (token != NULL && (!bytes_decode(token, &marker) || marker.size < 2 || marker.data[0] != '!')) {
		exchange_error(c->x, 400, "BadParameter", "Invalid value for parameter '$skiptoken'.");
		return false;
	}
	l->after = token != NULL ? text_part((const char *)marker.data + 1, marker.size - 1) : text_copy("");
	return true;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/*
 * The link to the next page. Like the real one it names the port, and an api-version that the
 * client did not ask for.
 */
static json_t *
next_link(struct vault_call *c, const struct listing *l, const char *last)
{
	RELEASE(text) char *marker = text_format("!%s", last),
	    *token = bytes_encode((const uint8_t *)marker, strlen(marker));
	const char *port = exchange_port(c->x);
	RELEASE(text) char *link =
	    text_format("https://%s%s%s?api-version=7.2&$skiptoken=%s&maxresults=%ld", c->x->authority,
	    *port == '\0' ? ":443" : "", l->path, token, l->max);

	return json_string(link);
}

/*
 * Answer with one page. Items are ordered by name or by version text, not by date: the order is
 * not documented.
 */
static void
answer_page(struct vault_call *c, const struct listing *l)
{
	size_t count = json_object_size(l->items), used = 0;
	const char **names = (const char **)(void *)bytes_new((count + 1) * sizeof *names).data;
	json_t *value = json_array(), *item, *next = json_null();
	const char *name;

	json_object_foreach(l->items, name, item)
		names[used++] = name;
	qsort(names, count, sizeof *names, compare);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], l->after) <= 0)
			continue;
		if ((long)json_array_size(value) == l->max) {
			next = next_link(c, l, names[i - 1]);
			break;
		}
		json_array_append(value, json_object_get(l->items, names[i]));
	}
	free(names);
	exchange_answer(c->x, 200, json_pack("{s:o, s:o}", "value", value, "nextLink", next));
}

/* Read the paging, answer, and release the list. */
static void
answer_list(struct vault_call *c, json_t *items, const char *path)
{
	struct listing l = { .items = items, .path = path };

	if (read_paging(c, &l))
		answer_page(c, &l);
	free(l.after);
	json_decref(items);
}

void
vaultread_keys(struct vault_call *c)
{
	int64_t seen_at_ms = vaultstore_seen_at_ms(c->show.world, "lists_s");
	json_t *items = json_object(), *key;
	const char *name;

	json_object_foreach(json_object_get(c->show.vault, "keys"), name, key) {
		const json_t *version = vaultstore_version_at(key, NULL, seen_at_ms);

		if (version != NULL)
			json_object_set_new(items, name,
			    vaultshow_item(&c->show, key, NULL, vaultstore_face_at(version, seen_at_ms)));
	}
	answer_list(c, items, "/keys");
}

void
vaultread_versions(struct vault_call *c)
{
	int64_t seen_at_ms = vaultstore_seen_at_ms(c->show.world, "lists_s");
	const json_t *key = vaultstore_key(c->show.vault, c->name);
	RELEASE(text) char *path = text_format("/keys/%s/versions", c->name);
	json_t *items = json_object(), *version;
	size_t i;

	/* Of an unknown key a vault shows an empty list. */
	json_array_foreach(json_object_get(key, "versions"), i, version)
		if (json_integer_value(json_object_get(version, "made_ms")) <= seen_at_ms)
			json_object_set_new(items, json_string_value(json_object_get(version, "version")),
			    vaultshow_item(&c->show, key, version, vaultstore_face_at(version, seen_at_ms)));
	answer_list(c, items, path);
}

void
vaultread_deleted_keys(struct vault_call *c)
{
	json_t *items = json_object(), *key;
	const char *name;

	json_object_foreach(json_object_get(c->show.vault, "deleted"), name, key)
		json_object_set_new(items, name,
		    vaultshow_add_deletion(&c->show, key,
		    vaultshow_item(&c->show, key, NULL, vaultstore_version(key, NULL))));
	answer_list(c, items, "/deletedkeys");
}
