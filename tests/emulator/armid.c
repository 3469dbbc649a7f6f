#include "armid.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { WORDS_MAX = 24 };

/* Cut a copy of the path into its words. */
static bool
words_split(struct armid *id, const char **words, size_t *ret_count)
{
	char *rest = id->words, *word;
	size_t count = 0;

	while ((word = strsep(&rest, "/")) != NULL) {
		/* The path starts with a slash; no other word may be empty. */
		if (*word == '\0' && count == 0 && word == id->words)
			continue;
		if (*word == '\0' || count == WORDS_MAX)
			return false;
		words[count++] = word;
	}
	*ret_count = count;
	return count > 0;
}

/* Find the last "providers" that a namespace and a type follow. */
static size_t
provider_find(const char *const *words, size_t count)
{
	size_t i;

	for (i = count; i-- > 0;)
		if (strcasecmp(words[i], "providers") == 0 && count - i > 2)
			return i;
	return count;
}

/* Words below the provider are types and names by turns. */
static bool
types_read(struct armid *id, const char *const *words, size_t count)
{
	size_t i, used = 0;

	for (i = 0; i < count; i++) {
		if (i % 2 == 1) {
			if (id->name_count == ARMID_NAMES_MAX)
				return false;
			id->names[id->name_count++] = words[i];
			continue;
		}
		if (used + strlen(words[i]) + 2 > sizeof id->type)
			return false;
		if (used > 0)
			id->type[used++] = '/';
		(void)strcpy(id->type + used, words[i]);
		used += strlen(words[i]);
		id->type_count++;
	}
	for (i = 0; i < used; i++)
		id->type[i] = (char)tolower((unsigned char)id->type[i]);
	return true;
}

bool
armid_parse(struct armid *id, const char *path)
{
	const char *words[WORDS_MAX];
	size_t count, provider, i, length = strlen(path);

	/* Three copies: as it came, in lower case, and one to cut up. */
	memset(id, 0, sizeof *id);
	if (length > 1 && path[length - 1] == '/')
		length--;
	if (length >= ARMID_PATH_MAX)
		return false;
	memcpy(id->text, path, length);
	memcpy(id->words, path, length);
	for (i = 0; i < length; i++)
		id->lower[i] = (char)tolower((unsigned char)path[i]);
	if (!words_split(id, words, &count))
		return false;

	/* Subscription and group stand at fixed places. */
	if (count >= 2 && strcasecmp(words[0], "subscriptions") == 0)
		id->subscription = words[1];
	if (id->subscription != NULL && count >= 4 && strcasecmp(words[2], "resourcegroups") == 0)
		id->group = words[3];

	/* Everything before the provider is the scope. */
	provider = provider_find(words, count);
	if (provider == count) {
		id->provider = "Microsoft.Resources";
		return types_read(id, words, count);
	}
	for (i = 0; i < provider; i++) {
		(void)strcat(id->scope, "/");
		(void)strcat(id->scope, words[i]);
	}
	id->provider = words[provider + 1];
	return types_read(id, words + provider + 2, count - provider - 2);
}

bool
armid_is_collection(const struct armid *id)
{

	return id->name_count < id->type_count;
}

const char *
armid_name(const struct armid *id)
{

	return id->name_count == 0 ? NULL : id->names[id->name_count - 1];
}
