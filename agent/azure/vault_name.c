#include "vault_name.h"

#include "jwk.h"
#include "url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * Copy up to the next slash; false if the step is empty, too long or holds what no name holds.
 */
static bool
take_step(const char **place, const char *others, char *ret_step, size_t room)
{
	size_t length = strcspn(*place, "/");

	if (length == 0 || length >= room)
		return false;
	memcpy(ret_step, *place, length);
	ret_step[length] = '\0';
	*place += length;
	return url_is_word(ret_step, others, room);
}

/* "/keys/NAME/VERSION", "/keys/NAME" or "/keys/NAME/". */
static bool
split_path(const char *path, struct vault_name *name)
{
	name->version[0] = '\0';
	if (strncasecmp(path, "/keys/", 6) != 0)
		return false;
	path += 6;
	if (!take_step(&path, "-", name->name, sizeof name->name))
		return false;
	path += *path == '/';
	if (*path == '\0')
		return true;
	return take_step(&path, "", name->version, sizeof name->version) && *path == '\0';
}

/* Key identifiers: about-keys-secrets-certificates, "object identifiers". */
bool
vault_parse_kid(const char *kid, struct vault_name *ret_name, struct fault *fault)
{
	struct vault_name name;
	struct url url;

	if (!url_parse(kid, &url, fault) || url.query[0] != '\0' || !split_path(url.path, &name))
		return fault_set(fault, FAULT_DATA, "'%.200s' is no key identifier; it must be "
		    "https://VAULT/keys/NAME/VERSION", kid);
	snprintf(name.url, sizeof name.url, "https://%s", url.authority);
	*ret_name = name;
	return true;
}

/* Users and services do not agree on the case. */
bool
vault_same_kid(const char *a, const char *b)
{
	struct vault_name left, right;

	if (!vault_parse_kid(a, &left, NULL) || !vault_parse_kid(b, &right, NULL))
		return false;
	return strcasecmp(left.url, right.url) == 0 && strcasecmp(left.name, right.name) == 0 &&
	    strcasecmp(left.version, right.version) == 0;
}

char *
vault_print_ops(unsigned ops)
{
	char text[200] = "";
	size_t length = 0;

	for (unsigned op = 1; op <= VAULT_OP_OTHER; op <<= 1) {
		const char *name = op == VAULT_OP_OTHER ? "other" : jwk_op_name(op);

		if ((ops & op) == 0 || name == NULL)
			continue;
		length += (size_t)snprintf(text + length, sizeof text - length, "%s%s",
		    length > 0 ? " " : "", name);
	}
	return strdup(text);
}
