#include "tokenuri.h"

#include "scope.h"
#include "token.h"

#include <string.h>

bool
tokenuri_parse(const char *text, P11KitUri **ret_uri, struct fault *fault)
{
	SCOPE(tokenuri) P11KitUri *uri = p11_kit_uri_new();
	int result;

	if (uri == NULL)
		return fault_system(fault, "Memory for a PKCS #11 URI");
	result = p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, uri);

	/* A PIN in the text is refused before the text could reach a message. */
	if (strstr(text, "pin-value") != NULL)
		return fault_set(fault, FAULT_SETTINGS, "The PKCS #11 URI holds a PIN "
		    "(pin-value), which others could read; put the PIN into a file and name "
		    "it with pin-source=file:PATH");
	if (result != P11_KIT_URI_OK)
		return fault_set(fault, FAULT_SETTINGS, "'%s' is not a PKCS #11 URI: %s; want "
		    "for example pkcs11:token=hospital", text,
		    p11_kit_uri_message(result));

	/* An unknown attribute could be a typing error that widens what matches. */
	if (p11_kit_uri_any_unrecognized(uri))
		return fault_set(fault, FAULT_SETTINGS, "The PKCS #11 URI '%s' holds an "
		    "attribute that RFC 7512 does not know; tokens are named by token, "
		    "serial, manufacturer, model and slot-id", text);
	*ret_uri = scope_move(uri);
	return true;
}

bool
tokenuri_pin_file(const P11KitUri *uri, const char **ret_path, struct fault *fault)
{
	const char *source = p11_kit_uri_get_pin_source(uri);

	/*
	 * RFC 7512, 2.4: a file URI or a path; a command to run ("|…") is not
	 * for us.
	 */
	if (source != NULL && strncmp(source, "file:", 5) == 0)
		source += 5;
	if (source != NULL && strncmp(source, "///", 3) == 0)
		source += 2;
	if (source != NULL && source[0] != '/')
		return fault_set(fault, FAULT_SETTINGS, "The pin-source '%s' is not a file "
		    "with its full path; want pin-source=file:/PATH", source);
	*ret_path = source;
	return true;
}

bool
tokenuri_matches(P11KitUri *uri, CK_SLOT_ID slot, const CK_TOKEN_INFO *token)
{
	CK_SLOT_ID wanted = p11_kit_uri_get_slot_id(uri);

	if (wanted != (CK_SLOT_ID)-1 && wanted != slot)
		return false;
	return p11_kit_uri_match_token_info(uri, token) != 0;
}

bool
module_key_name(const char *uri_text, struct hsm_name *ret_name, struct fault *fault)
{
	SCOPE(tokenuri) P11KitUri *uri = NULL;
	struct hsm_name name = { .id_size = 0 };
	const CK_ATTRIBUTE *id, *label;

	if (!tokenuri_parse(uri_text, &uri, fault)) {
		if (fault != NULL && fault->code == FAULT_SETTINGS)
			fault->code = FAULT_USAGE;
		return false;
	}
	id = p11_kit_uri_get_attribute(uri, CKA_ID);
	label = p11_kit_uri_get_attribute(uri, CKA_LABEL);
	if ((id == NULL || id->ulValueLen == 0) && (label == NULL || label->ulValueLen == 0))
		return fault_set(fault, FAULT_USAGE, "'%s' names a token but no key; add "
		    "id=%%01%%02… or object=LABEL", uri_text);

	/* Neither may be cut: a shorter name would be another key's. */
	if ((id != NULL && id->ulValueLen > sizeof name.id) ||
	    (label != NULL && label->ulValueLen >= sizeof name.label))
		return fault_set(fault, FAULT_USAGE, "The key's id has more than %zu bytes or "
		    "its label more than %zu", sizeof name.id, sizeof name.label - 1);
	if (id != NULL && id->ulValueLen > 0)
		memcpy(name.id, id->pValue, name.id_size = id->ulValueLen);
	if (label != NULL && label->ulValueLen > 0)
		memcpy(name.label, label->pValue, label->ulValueLen);
	*ret_name = name;
	return true;
}
