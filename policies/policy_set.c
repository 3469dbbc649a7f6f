#include "policy.h"

#include "document.h"
#include "file.h"
#include "problems.h"
#include "scope.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

/* scandir's filter: what ends in .json and does not begin with a dot, which editors' leftovers do. */
static int
is_policy_file(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name), suffix = strlen(".json");

	return entry->d_name[0] != '.' && size > suffix && strcmp(entry->d_name + size - suffix, ".json") == 0;
}

/* By bytes, so that the order is the same on every machine. */
static int
compare_entries(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Read one file. A bad one is a problem, not a failure; false only if keyturn itself cannot go on. */
static bool
load_one(const char *path, struct policy **ret_policy, struct problems *problems, struct fault *fault)
{
	SCOPE(free) char *text = NULL;
	size_t size = 0;
	struct fault inner;

	if (!file_read(path, DOCUMENT_SIZE_MAX, &text, &size, &inner)) {
		problems_add(problems, &(struct problem_place){ .file = path }, "%s", inner.text);
		return true;
	}
	if (policy_parse(path, text, size, ret_policy, problems, &inner) || inner.code == FAULT_DATA)
		return true;
	return fault_set(fault, inner.code, "%s", inner.text);
}

/* The names found in a folder. */
struct listing {
	const char *folder;
	struct dirent **entries;
	size_t count;
};

static void
scope_listing(struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++)
		free(listing->entries[i]);
	free(listing->entries);
}

/* Read every file of the listing into the set, which has room for all of them. */
static bool
load_all(const struct listing *listing, struct policy_set *set, struct problems *problems, struct fault *fault)
{
	for (size_t i = 0; i < listing->count; i++) {
		SCOPE(free) char *path = NULL;
		struct policy *policy = NULL;
		if (!file_path(&path, fault, "%s/%s", listing->folder, listing->entries[i]->d_name)
		    || !load_one(path, &policy, problems, fault))
			return false;
		if (policy != NULL)
			set->list[set->count++] = policy;
	}
	return true;
}

/* What two policies can quarrel about: where it is told, and the words around the other file's name. */
struct quarrel {
	const char *pointer, *before, *after;
};

static const struct quarrel same_name = { "/name", "the same name as in ", "; rename one of them" };
static const struct quarrel same_key = { "/vault/key_name", "the same key of the same vault as in ",
	"; each would take the other's versions for foreign ones, so leave the key to one policy" };
static const struct quarrel kek_is_key = { "/vault/kek/name", "this key exchange key is the key that is rotated by ",
	"; it may do nothing but import, so name another" };
static const struct quarrel key_is_kek = { "/vault/key_name", "this key is the key exchange key of ",
	"; that may do nothing but import, so name another" };

/* ${a} has a problem because of ${b}. */
static void
blame(const struct policy *a, const struct policy *b, const struct quarrel *quarrel, struct problems *problems)
{
	problems_add(problems, &(struct problem_place){ .file = a->file, .pointer = quarrel->pointer }, "%s%s%s",
	    quarrel->before, b->file, quarrel->after);
}

/* Whether two policies cannot both hold; then both are told. */
static bool
clash(const struct policy *a, const struct policy *b, struct problems *problems)
{
	bool same_vault = strcmp(a->vault.url, b->vault.url) == 0, found = false;

	/* The journal and the commands tell policies apart by name. */
	if (strcmp(a->name, b->name) == 0) {
		blame(a, b, &same_name, problems);
		blame(b, a, &same_name, problems);
		found = true;
	}
	if (same_vault && strcasecmp(a->vault.key_name, b->vault.key_name) == 0) {
		blame(a, b, &same_key, problems);
		blame(b, a, &same_key, problems);
		found = true;
	}
	return found;
}

/* Whether the key exchange key of ${a} is the key of ${b}. */
static bool
clash_kek(const struct policy *a, const struct policy *b, struct problems *problems)
{
	if (strcmp(a->vault.url, b->vault.url) != 0 || strcasecmp(a->vault.kek.name, b->vault.key_name) != 0)
		return false;
	blame(a, b, &kek_is_key, problems);
	blame(b, a, &key_is_kek, problems);
	return true;
}

/* Take those out of the set that clash with any other. ${bad} has a place for each. */
static void
drop_clashing(struct policy_set *set, bool *bad, struct problems *problems)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->count; i++) {
		for (size_t j = i + 1; j < set->count; j++) {
			bool clashes = clash(set->list[i], set->list[j], problems);
			clashes |= clash_kek(set->list[i], set->list[j], problems);
			clashes |= clash_kek(set->list[j], set->list[i], problems);
			bad[i] |= clashes;
			bad[j] |= clashes;
		}
	}
	for (size_t i = 0; i < set->count; i++) {
		if (bad[i])
			policy_free(set->list[i]);
		else
			set->list[kept++] = set->list[i];
	}
	set->count = kept;
}

/* The folder's policy files, in order. */
static bool
list_folder(const char *folder, struct listing *ret_listing, struct fault *fault)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, is_policy_file, compare_entries);

	if (count < 0)
		return fault_set(fault, FAULT_SETTINGS, "Read the policies in %s: %s; make the folder, or name another one as "
		    "\"policies\" in the settings", folder, strerror(errno));
	*ret_listing = (struct listing){ folder, entries, (size_t)count };
	return true;
}

bool
policy_load(const char *folder, struct policy_set *ret_set, struct problems *problems, struct fault *fault)
{
	SCOPE(listing) struct listing listing = { 0 };
	SCOPE(policy_set) struct policy_set set = { 0 };
	SCOPE(free) bool *bad = NULL;
	size_t first = problems_total(problems);

	/* The caller clears the set in any case, so let it be one. */
	*ret_set = (struct policy_set){ 0 };
	if (!list_folder(folder, &listing, fault))
		return false;
	set.list = calloc(listing.count + 1, sizeof *set.list);
	bad = calloc(listing.count + 1, sizeof *bad);
	if (set.list == NULL || bad == NULL)
		return fault_system(fault, "Read the policies in %s", folder);

	/* First each by itself, then each with each. */
	if (!load_all(&listing, &set, problems, fault))
		return false;
	drop_clashing(&set, bad, problems);
	*ret_set = set;
	set = (struct policy_set){ 0 };
	return problems_total(problems) == first || problems_fault(problems, first, FAULT_DATA, fault);
}

const struct policy *
policy_find(const struct policy_set *set, const char *name)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->list[i]->name, name) == 0)
			return set->list[i];
	return NULL;
}

void
policy_set_clear(struct policy_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		policy_free(set->list[i]);
	free(set->list);
	*set = (struct policy_set){ 0 };
}
