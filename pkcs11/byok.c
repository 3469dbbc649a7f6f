#include "byok.h"

#include "member.h"
#include "scope.h"

#include <stdio.h>
#include <string.h>

/* The members that have one value only. */
static const char schema_version[] = "1.0.0", alg[] = "dir", enc[] = "CKM_RSA_AES_KEY_WRAP";

/*
 * The smallest KEK and key (P-256 without its public half: 67 bytes of PKCS #8)
 * bound a blob from below; RFC 5649 adds a block to what it pads to blocks of
 * 64 bits.
 */
enum { BLOB_MIN = 256 + 80 };

/*
 * Sizes of the second part of a blob. EC keys come with and without their
 * public half, and RSA ones vary with the leading bits of their numbers.
 */
static const struct {
	struct key_shape shape;
	size_t min, max;
} wrapped_sizes[] = {
	{ { KEY_EC, 256 }, 80, 80 }, { { KEY_EC, 256 }, 152, 152 },
	{ { KEY_EC, 384 }, 88, 88 }, { { KEY_EC, 384 }, 200, 200 },
	{ { KEY_EC, 521 }, 112, 112 }, { { KEY_EC, 521 }, 256, 256 },
	{ { KEY_RSA, 2048 }, 1208, 1240 }, { { KEY_RSA, 3072 }, 1784, 1816 },
	{ { KEY_RSA, 4096 }, 2360, 2400 },
};

const char *
byok_generator(const struct hsm_token *token, char text[static BYOK_GENERATOR_MAX])
{
	snprintf(text, BYOK_GENERATOR_MAX, "keyturn %s; %s %s", KEYTURN_VERSION, token->model,
	    token->firmware);
	return text;
}

/* One part of the path: letters, digits and dashes; ${*at} moves behind it. */
static bool
skip_part(const char **at)
{
	size_t size = strspn(*at,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

	*at += size;
	return size > 0 && size <= 127;
}

/* Scheme, host with an optional port, /keys/, name, /, version. */
static bool
kid_is_whole(const char *kid)
{
	static const char scheme[] = "https://", keys[] = "/keys/";
	const char *at = kid;

	if (strncmp(at, scheme, sizeof scheme - 1) != 0)
		return false;
	at += sizeof scheme - 1;
	size_t host = strcspn(at, "/?#@\\ ");
	at += host;
	if (host == 0 || strncmp(at, keys, sizeof keys - 1) != 0)
		return false;
	at += sizeof keys - 1;
	return skip_part(&at) && *at++ == '/' && skip_part(&at) && *at == 0;
}

bool
byok_check_kid(const char *kid, struct fault *fault)
{
	if (strlen(kid) >= BYOK_KID_MAX || !kid_is_whole(kid))
		return fault_set(fault, FAULT_DATA, "The KEK's identifier '%.200s' is not whole: want "
		    "https://VAULT/keys/NAME/VERSION, with the version, as Key Vault gives it",
		    kid);
	return true;
}

/* Both parts of a blob come in blocks of 64 bits. */
static bool
check_size(size_t size, struct fault *fault)
{
	if (size < BLOB_MIN || size > HSM_BLOB_MAX || size % 8 != 0)
		return fault_set(fault, FAULT_DATA, "The transfer blob has %zu bytes; want %d to %d, in "
		    "whole blocks of 8", size, BLOB_MIN, HSM_BLOB_MAX);
	return true;
}

bool
byok_print(const struct byok *byok, char **ret_text, struct fault *fault)
{
	SCOPE(json) json_t *object = NULL;
	SCOPE(free) char *ciphertext = NULL;
	SCOPE(free) char *json = NULL;
	char *text;

	if (!byok_check_kid(byok->kid, fault) || !check_size(byok->size, fault) ||
	    !encode_base64url(byok->blob, byok->size, &ciphertext, fault))
		return false;
	object = json_pack("{s:s, s:{s:s, s:s, s:s}, s:s, s:s}", "schema_version", schema_version,
	    "header", "kid", byok->kid, "alg", alg, "enc", enc, "ciphertext", ciphertext,
	    "generator", byok->generator);
	if (object == NULL)
		return fault_set(fault, FAULT_DATA, "The KEK's identifier or the token's description "
		    "is not UTF-8, so no .byok file can hold it");

	/* Indented, since people look into these files; clients send the bytes as they are. */
	if ((json = json_dumps(object, JSON_INDENT(2))) == NULL ||
	    asprintf(&text, "%s\n", json) < 0)
		return fault_system(fault, "Memory for a .byok file");
	*ret_text = text;
	return true;
}

/* A member that can only have one value. */
static bool
check_constant(const json_t *object, const char *pointer, const char *want, struct fault *fault)
{
	const char *text;

	if (!member_string(object, pointer, &text, fault))
		return false;
	if (strcmp(text, want) != 0)
		return fault_set(fault, FAULT_DATA, "%s is '%.80s', want '%s'", pointer, text, want);
	return true;
}

/* A string that has to fit: cut, it would be another. */
static bool
read_text(const json_t *object, const char *pointer, char *text, size_t room,
    struct fault *fault)
{
	const char *found;

	if (!member_string(object, pointer, &found, fault))
		return false;
	if (strlen(found) >= room)
		return fault_set(fault, FAULT_DATA, "%s has more than %zu bytes", pointer, room - 1);
	memcpy(text, found, strlen(found) + 1);
	return true;
}

static bool
read_blob(const json_t *object, struct byok *byok, struct fault *fault)
{
	SCOPE(free) uint8_t *bytes = NULL;
	SCOPE(free) char *unpadded = NULL;
	const char *text;
	size_t size;

	if (!member_string(object, "/ciphertext", &text, fault))
		return false;
	if ((unpadded = strdup(text)) == NULL)
		return fault_system(fault, "Memory for a .byok file");

	/* Padding belongs only where the last group of four lacks characters. */
	size = strlen(unpadded);
	for (size_t i = 0; i < 2 && size > 0 && strlen(text) % 4 == 0 && unpadded[size - 1] == '=';
	    i++)
		unpadded[--size] = 0;
	if (!encode_parse_base64url(unpadded, &bytes, &byok->size, fault))
		return fault_prefix(fault, "/ciphertext");
	if (!check_size(byok->size, fault))
		return fault_prefix(fault, "/ciphertext");
	memcpy(byok->blob, bytes, byok->size);
	return true;
}

/* Members that no one knows are left alone: other tools add some. */
static bool
read_members(const json_t *object, struct byok *byok, struct fault *fault)
{
	return check_constant(object, "/schema_version", schema_version, fault) &&
	    check_constant(object, "/header/alg", alg, fault) &&
	    check_constant(object, "/header/enc", enc, fault) &&
	    read_text(object, "/header/kid", byok->kid, sizeof byok->kid, fault) &&
	    byok_check_kid(byok->kid, fault) &&
	    read_text(object, "/generator", byok->generator, sizeof byok->generator, fault) &&
	    read_blob(object, byok, fault);
}

bool
byok_parse(const char *text, size_t size, struct byok *ret_byok, struct fault *fault)
{
	SCOPE(json) json_t *object = NULL;
	SCOPE(free) struct byok *byok = calloc(1, sizeof *byok);
	struct fault why;

	if (byok == NULL)
		return fault_system(fault, "Memory for a .byok file");
	if (size > BYOK_TEXT_MAX)
		return fault_set(fault, FAULT_DATA, "The .byok file has more than %d bytes",
		    BYOK_TEXT_MAX);
	if (!member_parse(text, size, "the .byok file", &object, &why))
		return fault_set(fault, FAULT_DATA, "%s", why.text);
	if (!read_members(object, byok, &why))
		return fault_set(fault, FAULT_DATA, "The .byok file: %s", why.text);
	*ret_byok = *byok;
	return true;
}

const char *
byok_describe(size_t size, char text[static BYOK_DESCRIPTION])
{
	static const size_t keks[] = { 2048, 3072, 4096 };
	char shape[KEY_SHAPE_TEXT];
	size_t used = 0;

	text[0] = 0;
	for (size_t k = 0; k < sizeof keks / sizeof keks[0]; k++)
		for (size_t i = 0; i < sizeof wrapped_sizes / sizeof wrapped_sizes[0]; i++) {
			size_t kek = keks[k] / 8;

			if (size < kek + wrapped_sizes[i].min || size > kek + wrapped_sizes[i].max ||
			    used >= BYOK_DESCRIPTION)
				continue;
			used += (size_t)snprintf(text + used, BYOK_DESCRIPTION - used,
			    "%s%s under a KEK of %zu bits", used > 0 ? " or " : "",
			    keyshape_print(wrapped_sizes[i].shape, shape), keks[k]);
		}
	return text;
}
