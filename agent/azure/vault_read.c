#include "vault.h"

#include "client.h"
#include "envelope.h"
#include "keybundle.h"
#include "member.h"
#include "scope.h"
#include "url.h"
#include "vaultcall.h"

#include <string.h>
#include <strings.h>

enum { PAGES_MAX = 1000, WHAT_MAX = 500 };

/*
 * A disabled version may be hidden behind a 403 (the sources disagree): it is there all the
 * same.
 */
static void
fill_disabled(const struct vaultcall_key *key, const char *url, struct vault_key *ret_key)
{
	memset(ret_key, 0, sizeof *ret_key);
	if (key->version == NULL)
		return;
	snprintf(ret_key->item.kid, sizeof ret_key->item.kid, "%.*s", (int)strcspn(url, "?"), url);
	snprintf(ret_key->item.version, sizeof ret_key->item.version, "%s", key->version);
}

/* Get Key, with the one refusal that is an answer. */
static bool
read_get(struct azure *azure, const struct client_call *call, const struct vaultcall_key *key,
    struct vault_key *ret_key, struct fault *fault)
{
	SCOPE(http_response) struct http_response response = { 0 };
	SCOPE(json) json_t *bundle = NULL;
	struct envelope envelope;

	if (!client_send(azure, call, &response, fault))
		return false;
	envelope_parse(&response, &envelope);
	if (response.status == 403 && envelope_is(&envelope, "KeyDisabled")) {
		fill_disabled(key, call->url, ret_key);
		return true;
	}
	if (response.status != 200)
		return client_fault(azure, call, &response, fault);
	if (!client_parse(call, &response, &bundle, fault))
		return false;
	return vaultcall_read(bundle, key, ret_key, fault) || fault_prefix(fault, "%s", call->what);
}

/* A key that is not there is an answer too. */
bool
vault_get(struct azure *azure, const char *vault_url, const char *name,
    const char *version, struct vault_key *ret_key, bool *ret_found, struct fault *fault)
{
	SCOPE(free) char *url = NULL;
	const struct vaultcall_key key = { vault_url, name, version };
	struct fault failure = { 0 };
	char what[WHAT_MAX];

	if (!vaultcall_url(&key, "", "", &url, fault))
		return false;
	snprintf(what, sizeof what, "Read key %s%s%s of %s", name, version != NULL ? " version " : "",
	    version != NULL ? version : "", vault_url);
	const struct client_call call = {
		.audience = CLIENT_VAULT, .what = what, .method = "GET", .url = url,
	};

	*ret_found = read_get(azure, &call, &key, ret_key, &failure);
	if (*ret_found || failure.code == FAULT_NOT_FOUND)
		return true;
	return fault_set(fault, failure.code, "%s", failure.text);
}

/* A list that grows page by page. */
struct items {
	struct vault_item *list;
	size_t count;
};

/* Append the items of one page. */
static bool
add_page(struct items *items, const json_t *page, struct fault *fault)
{
	const json_t *values = member_find(page, "/value");
	size_t more = json_array_size(values);
	struct vault_item *list;

	if (more == 0)
		return true;
	if ((list = reallocarray(items->list, items->count + more, sizeof *list)) == NULL)
		return fault_system(fault, "Memory for versions");
	items->list = list;
	for (size_t i = 0; i < more; i++) {
		if (!keybundle_read_item(json_array_get(values, i), &list[items->count], fault))
			return false;
		items->count++;
	}
	return true;
}

/* A next page is taken from the same vault only: it is asked for with a token. */
static bool
follow(const json_t *page, char **url, struct fault *fault)
{
	const char *next = member_text(page, "/nextLink", "");
	struct url here, there;

	if (next[0] == '\0') {
		free(*url);
		*url = NULL;
		return true;
	}
	if (!url_parse(*url, &here, fault) || !url_parse(next, &there, fault) ||
	    strcmp(here.authority, there.authority) != 0)
		return fault_set(fault, FAULT_PROTOCOL, "The vault's next page lies at '%.200s', which "
		    "is another host: it is not asked", next);
	free(*url);
	if ((*url = strdup(next)) == NULL)
		return fault_system(fault, "Memory for a URL");
	return true;
}

/* Page after page, until one names no next. */
static bool
read_pages(struct azure *azure, const char *what, char **url, struct items *items,
    struct fault *fault)
{
	for (int count = 0; *url != NULL; count++) {
		SCOPE(json) json_t *page = NULL;
		const struct client_call call = {
			.audience = CLIENT_VAULT, .what = what, .method = "GET", .url = *url,
		};

		/*
		 * Pages that never end are a fault of the server's, not a reason to go on for
		 * ever.
		 */
		if (count == PAGES_MAX)
			return fault_set(fault, FAULT_PROTOCOL, "%s: more than %d pages", what, PAGES_MAX);
		if (!client_json(azure, &call, &page, fault))
			return false;
		if (page == NULL)
			return fault_set(fault, FAULT_PROTOCOL, "%s: the answer is empty", what);
		if (!add_page(items, page, fault) || !follow(page, url, fault))
			return fault_prefix(fault, "%s", what);
	}
	return true;
}

/* The order in the lists is nowhere promised. */
static int
compare_age(const void *a, const void *b)
{
	const struct vault_item *left = a, *right = b;

	if (left->created != right->created)
		return left->created < right->created ? -1 : 1;
	return strcmp(left->version, right->version);
}

/* Get Key Versions. */
bool
vault_versions(struct azure *azure, const char *vault_url, const char *name,
    struct vault_item **ret_items, size_t *ret_count, struct fault *fault)
{
	SCOPE(free) char *url = NULL;
	const struct vaultcall_key key = { vault_url, name, NULL };
	struct items items = { NULL, 0 };
	struct fault failure = { 0 };
	char what[WHAT_MAX];

	if (!vaultcall_url(&key, "/versions", "&maxresults=25", &url, fault))
		return false;
	snprintf(what, sizeof what, "List the versions of key %s of %s", name, vault_url);

	/* Of an unknown key a vault lists nothing, and a Managed HSM answers 404. */
	if (!read_pages(azure, what, &url, &items, &failure) && failure.code != FAULT_NOT_FOUND) {
		vault_items_free(items.list, items.count);
		return fault_set(fault, failure.code, "%s", failure.text);
	}
	if (items.count > 1)
		qsort(items.list, items.count, sizeof items.list[0], compare_age);
	*ret_items = items.list;
	*ret_count = items.count;
	return true;
}

void
vault_items_free(struct vault_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		vault_item_clear(&items[i]);
	free(items);
}

/*
 * Get Key Rotation Policy. Its action makes material in the service, which ends a key's
 * provenance.
 */
bool
vault_rotates_itself(struct azure *azure, const char *vault_url, const char *name,
    bool *ret_rotates, struct fault *fault)
{
	SCOPE(free) char *url = NULL;
	SCOPE(json) json_t *policy = NULL;
	const struct vaultcall_key key = { vault_url, name, NULL };
	struct fault failure = { 0 };
	char what[WHAT_MAX];
	bool rotates = false;

	if (!vaultcall_url(&key, "/rotationpolicy", "", &url, fault))
		return false;
	snprintf(what, sizeof what, "Read the rotation policy of key %s of %s", name, vault_url);
	const struct client_call call = {
		.audience = CLIENT_VAULT, .what = what, .method = "GET", .url = url,
	};

	/* No policy, or no key yet: nothing rotates. */
	if (!client_json(azure, &call, &policy, &failure) && failure.code != FAULT_NOT_FOUND)
		return fault_set(fault, failure.code, "%s", failure.text);
	const json_t *actions = member_find(policy, "/lifetimeActions");

	for (size_t i = 0; i < json_array_size(actions); i++)
		rotates |= strcasecmp(member_text(json_array_get(actions, i), "/action/type", ""),
		    "Rotate") == 0;
	*ret_rotates = rotates;
	return true;
}
