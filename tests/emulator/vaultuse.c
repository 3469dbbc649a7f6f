#include "vaultuse.h"

#include "bytes.h"
#include "exchange.h"
#include "jwk.h"
#include "keyuse.h"
#include "release.h"
#include "vault.h"
#include "vaultread.h"
#include "vaultstore.h"
#include "world.h"

#include <string.h>

/* One request, decoded. */
struct use {
	struct vault_call *c;
	EVP_PKEY *key;
	const char *alg;
	const char *kid;
	struct bytes value;		/* the text, or the signature to verify */
	struct bytes digest;		/* of verify only */
};

static void operate_encrypt(struct use *u);
static void operate_decrypt(struct use *u);
static void operate_sign(struct use *u);
static void operate_verify(struct use *u);

/*
 * The operations: which of them stop outside the validity period (keys, "About keys", date-time
 * controlled operations), and what they do.
 */
static const struct operation {
	const char *name;
	bool dated, signs;
	void (*run)(struct use *u);
} OPERATIONS[] = {
	{ "encrypt", true, false, operate_encrypt },
	{ "wrapKey", true, false, operate_encrypt },
	{ "decrypt", false, false, operate_decrypt },
	{ "unwrapKey", false, false, operate_decrypt },
	{ "sign", true, true, operate_sign },
	{ "verify", false, true, operate_verify },
};

static const struct operation *
find_operation(const char *name)
{
	size_t i = 0;

	while (strcmp(OPERATIONS[i].name, name) != 0)
		i++;
	return &OPERATIONS[i];
}

static bool
has_op(const json_t *version, const char *operation)
{
	json_t *op;
	size_t i;

	json_array_foreach(json_object_get(version, "key_ops"), i, op)
		if (strcmp(json_string_value(op), operation) == 0)
			return true;
	return false;
}

const char *
vaultuse_refusal(struct world *w, const json_t *version, const char *operation)
{
	const json_t *attributes = json_object_get(version, "attributes");
	const json_t *nbf = json_object_get(attributes, "nbf"), *exp = json_object_get(attributes, "exp");
	json_int_t now = (json_int_t)world_now(w);

	if (!json_is_true(json_object_get(attributes, "enabled")))
		return "KeyDisabled";
	if (!has_op(version, operation))
		return "KeyOperationForbidden";
	if (!find_operation(operation)->dated)
		return NULL;
	if (nbf != NULL && now < json_integer_value(nbf))
		return "KeyNotYetValid";
	if (exp != NULL && now >= json_integer_value(exp))
		return "KeyExpired";
	return NULL;
}

/* The sentences of the refusals; the one about key_ops has no inner code on the wire. */
static void
answer_refusal(struct vault_call *c, const char *why)
{
	static const struct {
		const char *why, *text;
		bool inner;
	} WORDS[] = {
		{ "KeyDisabled", "is not allowed on a disabled key", true },
		{ "KeyOperationForbidden", "is not permitted on this key", false },
		{ "KeyNotYetValid", "is not allowed on a key that is not yet valid", true },
		{ "KeyExpired", "is not allowed on an expired key", true },
	};
	size_t i = 0;

	while (strcmp(WORDS[i].why, why) != 0)
		i++;
	exchange_error(c->x, 403, "Forbidden", "Operation %s %s.", c->operation, WORDS[i].text);
	if (WORDS[i].inner)
		exchange_inner(c->x, why);
}

/* Decode a member that is base64url; if it is missing or wrong, the answer is set. */
static bool
read_member(struct vault_call *c, const char *name, struct bytes *ret_bytes)
{
	const char *text = json_string_value(json_object_get(c->body, name));

	if (text == NULL || *text == '\0') {
		exchange_error(c->x, 400, "BadParameter", "Property '%s' is required.", name);
		return false;
	}
	if (!bytes_decode(text, ret_bytes)) {
		exchange_error(c->x, 400, "BadParameter", "Content of '%s' is not base64url.\r\n", name);
		return false;
	}
	return true;
}

static void
answer_result(struct use *u, bool done, const struct bytes *result)
{
	if (done)
		exchange_answer(u->c->x, 200, json_pack("{s:s, s:o}", "kid", u->kid, "value",
		    bytes_encode_json(result->data, result->size)));
	else
		exchange_error(u->c->x, 400, "BadParameter", "The parameter is incorrect.\r\n");
}

static void
operate_encrypt(struct use *u)
{
	BYTES struct bytes out = { 0 };
	bool done = keyuse_encrypt(u->key, u->alg, u->value, &out);

	answer_result(u, done, &out);
}

static void
operate_decrypt(struct use *u)
{
	BYTES struct bytes out = { 0 };
	bool done = keyuse_decrypt(u->key, u->alg, u->value, &out);

	answer_result(u, done, &out);
}

static void
operate_sign(struct use *u)
{
	BYTES struct bytes out = { 0 };
	bool done = keyuse_sign(u->key, u->alg, u->value, &out);

	answer_result(u, done, &out);
}

static void
operate_verify(struct use *u)
{
	bool good = keyuse_verify(u->key, u->alg, u->digest, u->value);

	exchange_answer(u->c->x, 200, json_pack("{s:b}", "value", good));
}

/* Read algorithm and input, and do it. */
static void
run(struct use *u, const struct operation *operation)
{
	struct vault_call *c = u->c;
	bool known;

	u->alg = json_string_value(json_object_get(c->body, "alg"));
	known = u->alg != NULL && (operation->signs ? keyuse_knows_signature(u->alg, u->key) :
	    keyuse_knows_cipher(u->alg));
	if (!known) {
		exchange_error(c->x, 400, "BadParameter",
		    "Property 'alg' has a value that this key does not support: %s", u->alg != NULL ?
		    u->alg : "(missing)");
		return;
	}
	if (read_member(c, "value", &u->value) && (operation->run != operate_verify ||
	    read_member(c, "digest", &u->digest)))
		operation->run(u);
	bytes_release(&u->value);
	bytes_release(&u->digest);
}

void
vaultuse_operate(struct vault_call *c)
{
	const json_t *key = vaultstore_key(c->show.vault, c->name), *version = vaultstore_version(key, c->version);
	const char *why = version != NULL ? vaultuse_refusal(c->show.world, version, c->operation) : NULL;
	RELEASE(pkey) EVP_PKEY *pkey = NULL;
	RELEASE(json) json_t *shown = NULL;
	struct use u = { .c = c };

	if (version == NULL) {
		vaultread_answer_missing(c);
		return;
	}
	if (why != NULL) {
		answer_refusal(c, why);
		return;
	}
	pkey = jwk_read_pem(json_object_get(version, "pem"));
	shown = vaultshow_item(&c->show, key, version, version);
	u.key = pkey;
	u.kid = json_string_value(json_object_get(shown, "kid"));
	if (pkey != NULL)
		run(&u, find_operation(c->operation));
	else
		exchange_error(c->x, 500, "InternalServerError", "The key could not be read.");
}
