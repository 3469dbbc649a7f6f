#include "challenge.h"

#include "url.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { PARAMETERS_MAX = 20, WORD_MAX = 40 };

/* One parameter of a challenge: name = token or quoted string (RFC 9110, 11.2 and 5.6.4). */
struct parameter {
	char name[WORD_MAX];
	char value[CHALLENGE_TEXT_MAX];
};

/* Commas and white space separate parameters, in any number. */
static const char *
skip(const char *place)
{
	return place + strspn(place, " \t,");
}

/*
 * Read a quoted string or a token up to a comma or space; NULL if it does not end or does not
 * fit.
 */
static const char *
read_value(const char *place, char value[static CHALLENGE_TEXT_MAX])
{
	bool quoted = *place == '"';
	size_t length = 0;

	for (place += quoted; *place != '\0'; place++) {
		if (quoted ? *place == '"' : strchr(", \t", *place) != NULL)
			break;
		if (quoted && *place == '\\' && place[1] != '\0')
			place++;
		/* A claims value may be long and is not needed here: cut it. */
		if (length + 1 < CHALLENGE_TEXT_MAX)
			value[length++] = *place;
	}
	value[length] = '\0';
	if (quoted && *place != '"')
		return NULL;
	return place + quoted;
}

/* Read the parameter at ${place} and return where it ends; NULL if there is none. */
static const char *
read_parameter(const char *place, struct parameter *parameter)
{
	size_t length = strcspn(place, "= \t,\"");

	if (length == 0 || length >= sizeof parameter->name)
		return NULL;
	memcpy(parameter->name, place, length);
	parameter->name[length] = '\0';
	place += length + strspn(place + length, " \t");
	if (*place != '=')
		return NULL;
	place++;
	return read_value(place + strspn(place, " \t"), parameter->value);
}

/* The tenant is the first segment of the path of "https://login.microsoftonline.com/TENANT". */
static void
take_tenant(const char *value, struct challenge *challenge)
{
	struct url url;

	if (!url_parse(value, &url, NULL))
		return;
	snprintf(challenge->tenant, sizeof challenge->tenant, "%.*s",
	    (int)strcspn(url.path + 1, "/"), url.path + 1);
}

/* A resource's scope is the resource without a slash at its end, and "/.default". */
static void
take_resource(const char *value, struct challenge *challenge)
{
	size_t length = strlen(value);

	while (length > 0 && value[length - 1] == '/')
		length--;
	if (challenge->scope[0] == '\0')
		snprintf(challenge->scope, sizeof challenge->scope, "%.*s/.default", (int)length, value);
}

/* A scope that is named outright wins over a resource, as in Azure's own Python client. */
static void
take_scope(const char *value, struct challenge *challenge)
{
	snprintf(challenge->scope, sizeof challenge->scope, "%s", value);
}

static void
take_error(const char *value, struct challenge *challenge)
{
	snprintf(challenge->error, sizeof challenge->error, "%s", value);
}

/* The other parameters (realm, error_description, claims) are of no use here. */
static const struct {
	const char *name;
	void (*take)(const char *value, struct challenge *challenge);
} takers[] = {
	{ "authorization", take_tenant },
	{ "authorization_uri", take_tenant },
	{ "resource", take_resource },
	{ "scope", take_scope },
	{ "error", take_error },
};

/* Parameters come in any order, and their names in any case. */
static void
take(const struct parameter *parameter, struct challenge *challenge)
{
	for (size_t i = 0; i < sizeof takers / sizeof takers[0]; i++)
		if (strcasecmp(takers[i].name, parameter->name) == 0)
			takers[i].take(parameter->value, challenge);
}

/* RFC 9110, 11.6.1; RFC 6750, 3. */
bool
challenge_parse(const char *value, struct challenge *ret_challenge)
{
	struct challenge challenge = { .tenant = "" };
	struct parameter parameter;
	struct url url;

	if (strncasecmp(value, "Bearer", 6) != 0 || (value[6] != ' ' && value[6] != '\t'))
		return false;
	value = skip(value + 6);
	for (int count = 0; *value != '\0'; count++) {
		if (count == PARAMETERS_MAX || (value = read_parameter(value, &parameter)) == NULL)
			return false;
		take(&parameter, &challenge);
		value = skip(value);
	}

	/* A scope that is no https URL names no host that could be compared. */
	if (url_parse(challenge.scope, &url, NULL))
		snprintf(challenge.authority, sizeof challenge.authority, "%s", url.authority);
	*ret_challenge = challenge;
	return true;
}

/* A server may offer several schemes, each in a header of its own. */
bool
challenge_find(const struct http_response *response, struct challenge *ret_challenge)
{
	const char *value;

	for (size_t i = 0; (value = http_header(response, "WWW-Authenticate", i)) != NULL; i++)
		if (challenge_parse(value, ret_challenge))
			return true;
	return false;
}

/* Compare from the right, and with a dot: evilvault.azure.net lies below azure.net only. */
bool
challenge_fits(const struct challenge *challenge, const char *authority)
{
	char suffix[CHALLENGE_TEXT_MAX + 1];

	if (challenge->authority[0] == '\0')
		return false;
	snprintf(suffix, sizeof suffix, ".%s", challenge->authority);
	return url_is_below(authority, suffix);
}
