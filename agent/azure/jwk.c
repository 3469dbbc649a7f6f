#include "jwk.h"

#include "member.h"
#include "scope.h"
#include "vault_name.h"

#include <string.h>
#include <strings.h>

static const struct {
	unsigned op;
	const char *name;
} ops_table[] = {
	{ VAULT_OP_ENCRYPT, "encrypt" },
	{ VAULT_OP_DECRYPT, "decrypt" },
	{ VAULT_OP_SIGN, "sign" },
	{ VAULT_OP_VERIFY, "verify" },
	{ VAULT_OP_WRAP, "wrapKey" },
	{ VAULT_OP_UNWRAP, "unwrapKey" },
	{ VAULT_OP_IMPORT, "import" },
	{ VAULT_OP_EXPORT, "export" },
};

enum { OPS_COUNT = sizeof ops_table / sizeof ops_table[0] };

const char *
jwk_op_name(unsigned op)
{
	for (size_t i = 0; i < OPS_COUNT; i++)
		if (ops_table[i].op == op)
			return ops_table[i].name;
	return NULL;
}

/* Names are compared exactly, as RFC 7517, 4.3 wants. */
static unsigned
op_of_name(const char *name)
{
	for (size_t i = 0; i < OPS_COUNT; i++)
		if (strcmp(ops_table[i].name, name) == 0)
			return ops_table[i].op;
	return VAULT_OP_OTHER;
}

unsigned
jwk_read_ops(const json_t *names)
{
	unsigned ops = 0;

	/* A set: Key Vault answers in an order of its own. */
	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));

		ops |= name != NULL ? op_of_name(name) : VAULT_OP_OTHER;
	}
	return ops;
}

/* In the order of the table, so that the same set always looks the same. */
json_t *
jwk_print_ops(unsigned ops)
{
	json_t *names = json_array();

	for (size_t i = 0; names != NULL && i < OPS_COUNT; i++) {
		if ((ops & ops_table[i].op) == 0)
			continue;
		if (json_array_append_new(names, json_string(ops_table[i].name)) != 0) {
			json_decref(names);
			return NULL;
		}
	}
	return names;
}

/* Byte members are base64url without padding (RFC 7518, 2). */
static bool
read_bytes(const json_t *jwk, const char *pointer, uint8_t **ret_bytes, size_t *ret_size,
    struct fault *fault)
{
	const char *text = member_text(jwk, pointer, NULL);

	if (text == NULL)
		return fault_set(fault, FAULT_DATA, "The key has no %s", pointer + 1);
	return encode_parse_base64url(text, ret_bytes, ret_size, fault);
}

/* RFC 7518, 6.3.1. Key Vault echoes a leading zero byte that was sent to it. */
static bool
read_rsa(const json_t *jwk, struct public_key *ret_key, struct fault *fault)
{
	SCOPE(free) uint8_t *modulus = NULL, *exponent = NULL;
	size_t modulus_size, exponent_size;

	if (!read_bytes(jwk, "/n", &modulus, &modulus_size, fault))
		return false;
	if (!read_bytes(jwk, "/e", &exponent, &exponent_size, fault))
		return false;
	return publickey_from_rsa(modulus, modulus_size, exponent, exponent_size, ret_key, fault);
}

static const struct {
	const char *name;
	unsigned bits, bytes;
} curves[] = {
	{ "P-256", 256, 32 },
	{ "P-384", 384, 48 },
	{ "P-521", 521, 66 },
};

enum { COORDINATE_MAX = 66 };

/* Put a coordinate at full width: some writers drop its leading zeros, others add one. */
static bool
place_coordinate(const json_t *jwk, const char *pointer, uint8_t *ret_bytes, size_t width,
    struct fault *fault)
{
	SCOPE(free) uint8_t *bytes = NULL;
	size_t size, skip = 0;

	if (!read_bytes(jwk, pointer, &bytes, &size, fault))
		return false;
	while (skip < size && bytes[skip] == 0)
		skip++;
	if (size - skip > width)
		return fault_set(fault, FAULT_DATA, "The key's %s is too long for its curve", pointer + 1);
	memset(ret_bytes, 0, width);
	memcpy(ret_bytes + width - (size - skip), bytes + skip, size - skip);
	return true;
}

/* RFC 7518, 6.2.1: x and y become an uncompressed point. */
static bool
read_ec(const json_t *jwk, struct public_key *ret_key, struct fault *fault)
{
	const char *name = member_text(jwk, "/crv", "");
	uint8_t point[1 + 2 * COORDINATE_MAX] = { 4 };

	for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
		size_t width = curves[i].bytes;

		if (strcmp(curves[i].name, name) != 0)
			continue;
		return place_coordinate(jwk, "/x", point + 1, width, fault) &&
		    place_coordinate(jwk, "/y", point + 1 + width, width, fault) &&
		    publickey_from_point(curves[i].bits, point, 1 + 2 * width, ret_key, fault);
	}
	return fault_set(fault, FAULT_DATA, "keyturn does not handle the curve '%s'", name);
}

static const struct {
	const char *kty;
	bool (*read)(const json_t *jwk, struct public_key *ret_key, struct fault *fault);
} readers[] = {
	{ "RSA", read_rsa },
	{ "RSA-HSM", read_rsa },
	{ "EC", read_ec },
	{ "EC-HSM", read_ec },
};

bool
jwk_public_key(const json_t *jwk, struct public_key *ret_key, struct fault *fault)
{
	const char *kty = member_text(jwk, "/kty", "");

	for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
		if (strcmp(readers[i].kty, kty) == 0)
			return readers[i].read(jwk, ret_key, fault);
	return fault_set(fault, FAULT_DATA, "keyturn does not handle keys of kty '%s'", kty);
}
