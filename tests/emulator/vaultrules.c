#include "vaultrules.h"

#include "exchange.h"
#include "text.h"
#include "vault.h"

#include <string.h>
#include <strings.h>

/* Operations and who can do them (REST, JsonWebKeyOperation). "import" stands apart: see below. */
static const struct {
	const char *op;
	bool rsa, ec;
} OPERATIONS[] = {
	{ "encrypt", true, false },
	{ "decrypt", true, false },
	{ "sign", true, true },
	{ "verify", true, true },
	{ "wrapKey", true, false },
	{ "unwrapKey", true, false },
};

static const char *const READ_ONLY[] = { "created", "updated", "recoverableDays", "recoveryLevel",
    "hsmPlatform", "attestation" };

enum { NAME_MAX_LENGTH = 127, TAGS_MAX = 15, TAG_MAX_LENGTH = 256 };

bool
vaultrules_name(struct vault_call *c)
{
	size_t length = strlen(c->name);
	size_t good = strspn(c->name, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-");

	if (length > 0 && length <= NAME_MAX_LENGTH && good == length)
		return true;
	exchange_error(c->x, 400, "BadParameter", "The request URI contains an invalid name: %s", c->name);
	return false;
}

bool
vaultrules_kty(struct vault_call *c, const char *kty)
{
	static const char *const TYPES[] = { "RSA", "RSA-HSM", "EC", "EC-HSM" };
	const char *sku = json_string_value(json_object_get(c->show.vault, "sku"));
	bool known = false;

	if (kty == NULL) {
		exchange_error(c->x, 400, "BadParameter", "Property 'kty' is required.");
		return false;
	}
	for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++)
		known = known || strcmp(TYPES[i], kty) == 0;
	if (!known) {
		exchange_error(c->x, 400, "BadParameter", "Invalid kty value: %s", kty);
		exchange_inner(c->x, "KeyTypeNotSupported");
		return false;
	}
	if (text_ends(kty, "-HSM") && (sku == NULL || strcasecmp(sku, "premium") != 0)) {
		exchange_error(c->x, 400, "BadParameter", "Keys of type %s need a vault of the Premium SKU.", kty);
		exchange_inner(c->x, "KeyTypeNotSupported");
		return false;
	}
	return true;
}

/* Whether one operation is known and fits the type. */
static bool
op_fits(const char *op, const char *kty)
{
	bool rsa = strncmp(kty, "RSA", 3) == 0;

	for (size_t i = 0; op != NULL && i < sizeof OPERATIONS / sizeof OPERATIONS[0]; i++)
		if (strcmp(OPERATIONS[i].op, op) == 0)
			return rsa ? OPERATIONS[i].rsa : OPERATIONS[i].ec;
	return false;
}

/*
 * "import" excludes every other operation and makes sense only for a key inside an HSM (BYOK
 * specification, "Key exchange key").
 */
static bool
import_alone(struct vault_call *c, const json_t *ops, const char *kty)
{
	if (c->show.level < VAULT_LEVEL_IMPORT_OPERATION)
		exchange_error(c->x, 400, "BadParameter", "Key operation 'import' is not known in this api-version.");
	else if (json_array_size(ops) != 1)
		exchange_error(c->x, 400, "BadParameter",
		    "Key operation 'import' cannot be combined with other key operations.");
	else if (strcmp(kty, "RSA-HSM") != 0)
		exchange_error(c->x, 400, "BadParameter",
		    "Key operation 'import' is only supported for keys of type RSA-HSM.");
	else
		return true;
	return false;
}

bool
vaultrules_ops(struct vault_call *c, const json_t *ops, const char *kty)
{
	json_t *op;
	size_t i;

	if (ops == NULL || json_is_null(ops))
		return true;
	if (!json_is_array(ops)) {
		exchange_error(c->x, 400, "BadParameter", "Property 'key_ops' is not an array.");
		return false;
	}
	json_array_foreach(ops, i, op) {
		const char *text = json_string_value(op);

		if (text != NULL && strcmp(text, "import") == 0)
			return import_alone(c, ops, kty);
		if (op_fits(text, kty))
			continue;
		exchange_error(c->x, 400, "BadParameter",
		    "Key operation '%s' is not supported for keys of type %s.", text != NULL ? text : "?",
		    kty);
		return false;
	}
	return true;
}

/* One of the two times: absent, null or an integer that is not negative. */
static bool
time_or_absent(const json_t *attributes, const char *name)
{
	const json_t *value = json_object_get(attributes, name);

	return value == NULL || json_is_null(value) || (json_is_integer(value) && json_integer_value(value) >= 0);
}

/* What is wrong with attributes; NULL if nothing is. */
static const char *
attributes_fault(const json_t *attributes)
{
	const json_t *enabled = json_object_get(attributes, "enabled");
	const json_t *nbf = json_object_get(attributes, "nbf"), *exp = json_object_get(attributes, "exp");

	if (!json_is_object(attributes))
		return "Property 'attributes' is not an object.";
	if (enabled != NULL && !json_is_null(enabled) && !json_is_boolean(enabled))
		return "Property 'enabled' is not a boolean.";
	if (!time_or_absent(attributes, "nbf") || !time_or_absent(attributes, "exp"))
		return "Properties 'nbf' and 'exp' are numbers of seconds since 1970.";
	if (json_is_integer(nbf) && json_is_integer(exp) && json_integer_value(exp) <= json_integer_value(nbf))
		return "Property 'exp' must lie after property 'nbf'.";
	if (json_is_true(json_object_get(attributes, "exportable")))
		return "Property 'exportable' needs a release policy, which this vault does not hold.";
	return NULL;
}

bool
vaultrules_attributes(struct vault_call *c, const json_t *attributes)
{
	const char *fault;

	if (attributes == NULL || json_is_null(attributes))
		return true;
	for (size_t i = 0; i < sizeof READ_ONLY / sizeof READ_ONLY[0]; i++) {
		const json_t *value = json_object_get(attributes, READ_ONLY[i]);

		if (value == NULL || json_is_null(value))
			continue;
		exchange_error(c->x, 400, "BadParameter", "Property 'attributes.%s' is read-only.", READ_ONLY[i]);
		return false;
	}
	fault = attributes_fault(attributes);
	if (fault != NULL)
		exchange_error(c->x, 400, "BadParameter", "%s", fault);
	return fault == NULL;
}

/* Characters of UTF-8 text. */
static size_t
characters(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

bool
vaultrules_tags(struct vault_call *c, const json_t *tags)
{
	const char *name;
	json_t *value;

	if (tags == NULL || json_is_null(tags))
		return true;
	if (!json_is_object(tags) || json_object_size(tags) > TAGS_MAX) {
		exchange_error(c->x, 400, "BadParameter", "Property 'tags' is an object of at most %d tags.", TAGS_MAX);
		return false;
	}
	json_object_foreach((json_t *)tags, name, value) {
		if (json_is_string(value) && characters(name) <= TAG_MAX_LENGTH &&
		    characters(json_string_value(value)) <= TAG_MAX_LENGTH)
			continue;
		exchange_error(c->x, 400, "BadParameter",
		    "Tag names and values are strings of at most %d characters.", TAG_MAX_LENGTH);
		return false;
	}
	return true;
}

bool
vaultrules_is_kek(const json_t *version)
{
	const json_t *ops = json_object_get(version, "key_ops");
	const char *op = json_string_value(json_array_get(ops, 0));

	return json_array_size(ops) == 1 && op != NULL && strcmp(op, "import") == 0;
}

json_t *
vaultrules_default_ops(const char *kty)
{
	json_t *ops = json_array();

	for (size_t i = 0; i < sizeof OPERATIONS / sizeof OPERATIONS[0]; i++)
		if (op_fits(OPERATIONS[i].op, kty))
			json_array_append_new(ops, json_string(OPERATIONS[i].op));
	return ops;
}
