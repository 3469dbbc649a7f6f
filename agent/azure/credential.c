#include "credential.h"

#include "encode.h"
#include "form.h"
#include "retry.h"
#include "scope.h"
#include "secret.h"
#include "url.h"

#include <string.h>

enum { TOKEN_ANSWER_MAX = 64 << 10 };	/* bytes */

/*
 * POST a form to the tenant's token endpoint (OAuth 2.0, RFC 6749, 4.4; Entra's v2.0 endpoint).
 */
static bool
post_form(const struct credential_context *context, const struct form *form,
    struct http_response *ret_response, struct fault *fault)
{
	SCOPE(free) char *url = NULL;
	char id[37];
	const struct http_header headers[] = {
		{ "Content-Type", "application/x-www-form-urlencoded" },
		{ "Accept", "application/json" },
		{ "client-request-id", id },
		{ NULL, NULL },
	};
	const struct retry retry = { &retry_token, context->http, context->clock };

	if (!random_uuid(id, fault) ||
	    !url_print(&url, fault, "%s/%s/oauth2/v2.0/token", context->options->authority,
	    context->options->tenant))
		return false;
	const struct http_request request = {
		.method = "POST",
		.url = url,
		.headers = headers,
		.body = form->text,
		.body_size = form->size,
		.response_max = TOKEN_ANSWER_MAX,
		.sensitive = true,
	};
	return retry_exchange(&retry, &request, ret_response, fault);
}

/* What the row needs from the settings. */
static bool
check_client_secret(const struct azure_options *options, struct fault *fault)
{
	if (options->client_id == NULL || !url_is_word(options->client_id, "-", 100))
		return fault_set(fault, FAULT_SETTINGS, "The credential client-secret needs a "
		    "client_id: the application (client) id, a GUID");
	if (options->client_secret_file == NULL)
		return fault_set(fault, FAULT_SETTINGS, "The credential client-secret needs a "
		    "client_secret_file: a file of mode 0600 that holds the secret's value");
	return true;
}

/* The file is read anew for each token, so that a new secret needs no restart. */
static bool
ask_client_secret(const struct credential_context *context, const char *scope,
    struct http_response *ret_response, struct fault *fault)
{
	const struct azure_options *options = context->options;
	SCOPE(secret) struct secret *secret = NULL;
	SCOPE(form) struct form *form = form_new();

	if (form == NULL)
		return fault_system(fault, "Memory for a token request");
	if (!secret_read(options->client_secret_file, "the client secret", &secret, fault) ||
	    !form_add(form, "client_id", options->client_id, fault) ||
	    !form_add(form, "grant_type", "client_credentials", fault) ||
	    !form_add(form, "scope", scope, fault) ||
	    !form_add(form, "client_secret", secret_text(secret), fault))
		return false;
	return post_form(context, form, ret_response, fault);
}

static const struct credential_kind kinds[] = {
	{ "client-secret", check_client_secret, ask_client_secret },
};

/* An unknown name is answered with those that are known. */
bool
credential_find(const char *name, const struct credential_kind **ret_kind, struct fault *fault)
{
	char names[200] = "";

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		size_t length = strlen(names);

		if (name != NULL && strcmp(kinds[i].name, name) == 0) {
			*ret_kind = &kinds[i];
			return true;
		}
		snprintf(names + length, sizeof names - length, "%s%s", length > 0 ? ", " : "",
		    kinds[i].name);
	}
	return fault_set(fault, FAULT_SETTINGS, "There is no credential '%s'; known: %s",
	    name != NULL ? name : "", names);
}
