#include "byok.h"
#include "commands.h"
#include "digest.h"
#include "encode.h"
#include "file.h"
#include "scope.h"

bool
byok_inspect(const char *file, json_t **ret_document, struct fault *fault)
{
	SCOPE(free) char *text = NULL;
	SCOPE(free) struct byok *byok = calloc(1, sizeof *byok);
	uint8_t digest[DIGEST_SIZE];
	char hex[DIGEST_HEX_SIZE], holds[BYOK_DESCRIPTION];
	size_t size;

	*ret_document = NULL;
	if (byok == NULL)
		return fault_system(fault, "Memory for a .byok file");
	if (!file_read(file, BYOK_TEXT_MAX, &text, &size, fault) ||
	    !digest_sha256(text, size, digest, fault) ||
	    !byok_parse(text, size, byok, fault))
		return fault_prefix(fault, "%s", file);
	*ret_document = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:i,s:s,s:s}", "file", file,
	    "schema_version", "1.0.0", "kid", byok->kid, "alg", "dir", "enc",
	    "CKM_RSA_AES_KEY_WRAP", "generator", byok->generator, "size", (int)byok->size, "holds",
	    byok_describe(byok->size, holds), "sha256", encode_hex(digest, sizeof digest, hex));
	return *ret_document != NULL || fault_system(fault, "Memory for the answer");
}
