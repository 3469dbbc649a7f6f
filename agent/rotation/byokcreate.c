#include "byok.h"
#include "commands.h"
#include "file.h"
#include "hsm.h"
#include "scope.h"

#include <string.h>
#include <strings.h>

enum { PEM_MAX = 16384 };

/* The KEK must be the one whose fingerprint the operator gave, whoever wrote the file. */
static bool
read_kek(const struct byok_request *request, struct public_key *ret_kek,
    char fingerprint[static DIGEST_HEX_SIZE], struct fault *fault)
{
	SCOPE(free) char *pem = NULL;
	size_t size;

	if (!file_read(request->kek_file, PEM_MAX, &pem, &size, fault) ||
	    !publickey_from_pem(pem, size, ret_kek, fault) ||
	    !publickey_fingerprint(ret_kek, fingerprint, fault))
		return fault_prefix(fault, "KEK %s", request->kek_file);
	if (strcasecmp(fingerprint, request->kek_sha256) != 0)
		return fault_set(fault, FAULT_PERMISSION, "The KEK in %s has the SHA-256 %s, not "
		    "%s as given by --kek-sha256: nothing is wrapped under it. Compare it with "
		    "what the vault's owner reads out", request->kek_file, fingerprint,
		    request->kek_sha256);
	return true;
}

/* One key by exactly the name given, and fit to be carried. */
static bool
find_key(struct engine *engine, const struct byok_request *request, struct hsm *hsm,
    struct hsm_key *ret_key, struct fault *fault)
{
	struct hsm_name name;
	bool found;

	if (!engine->hsms->key_name(request->key_uri, &name, fault) ||
	    !hsm_find(hsm, &name, ret_key, &found, fault))
		return false;
	if (!found)
		return fault_set(fault, FAULT_NOT_FOUND, "The token holds no key by the id and "
		    "label in --key; keyturn hsm list, or pkcs11-tool --list-objects, shows what it "
		    "holds");
	if (!ret_key->has_private)
		return fault_set(fault, FAULT_REFUSED, "The token holds only a public half by that "
		    "name, or a private half that cannot sign");
	return true;
}

static bool
write_file(struct engine *engine, const struct byok_request *request,
    const struct hsm_token *token, const struct hsm_transfer *transfer, struct fault *fault)
{
	struct byok byok = { .size = transfer->size };
	SCOPE(free) char *text = NULL;

	snprintf(byok.kid, sizeof byok.kid, "%s", request->kid);
	byok_generator(token, byok.generator);
	memcpy(byok.blob, transfer->blob, transfer->size);
	return byok_print(&byok, &text, fault) &&
	    file_create(engine->disk, request->out_file, text, strlen(text), fault);
}

bool
byok_create(struct engine *engine, const struct byok_request *request,
    json_t **ret_document, struct fault *fault)
{
	char fingerprint[DIGEST_HEX_SIZE], kek_fingerprint[DIGEST_HEX_SIZE];
	char shape[KEY_SHAPE_TEXT];
	struct public_key kek;
	SCOPE(hsm) struct hsm *hsm = NULL;
	SCOPE(free) struct hsm_transfer *transfer = calloc(1, sizeof *transfer);
	struct hsm_token token;
	struct hsm_key key;

	*ret_document = NULL;
	if (transfer == NULL)
		return fault_system(fault, "Memory for a transfer blob");
	if (access(request->out_file, F_OK) == 0)
		return fault_set(fault, FAULT_REFUSED, "%s exists already; it is not overwritten",
		    request->out_file);
	if (!byok_check_kid(request->kid, fault) ||
	    !read_kek(request, &kek, kek_fingerprint, fault) ||
	    !engine->hsms->open(engine->hsms->context, request->key_uri, &hsm, fault) ||
	    !hsm_token(hsm, &token, fault) ||
	    !find_key(engine, request, hsm, &key, fault) ||
	    !publickey_fingerprint(&key.public_key, fingerprint, fault) ||
	    !hsm_transfer(hsm, &key.name, &kek, transfer, fault) ||
	    !write_file(engine, request, &token, transfer, fault))
		return false;
	*ret_document = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:b,s:i}", "file", request->out_file,
	    "key", keyshape_print(key.shape, shape), "fingerprint", fingerprint,
	    "kek_fingerprint", kek_fingerprint, "kid", request->kid, "route",
	    hsm_route_name(transfer->route), "zero_padded", transfer->zero_padded, "size",
	    (int)transfer->size);
	return *ret_document != NULL || fault_system(fault, "Memory for the answer");
}
