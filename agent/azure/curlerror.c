#include "curlerror.h"

#include "url.h"

#include <stdio.h>

/* What an operator can do about a failure to reach a server. */
static const struct {
	CURLcode code;
	const char *advice;
} advices[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, ". Check the name and this machine's DNS" },
	{ CURLE_COULDNT_RESOLVE_PROXY, ". Check the proxy in the settings or in the environment" },
	{ CURLE_COULDNT_CONNECT, ". Check that a firewall or proxy lets this machine reach it" },
	{ CURLE_OPERATION_TIMEDOUT, ". Check that a firewall or proxy lets this machine reach it" },
	{ CURLE_PEER_FAILED_VERIFICATION, ". The server is not who it should be, or a proxy here opens "
	    "TLS: then name that proxy's CA as ca_file in the settings" },
	{ CURLE_SSL_CONNECT_ERROR, ". Check that the server and every proxy on the way speak TLS 1.2 or "
	    "later" },
	{ CURLE_SSL_CACERT_BADFILE, ". Check ca_file in the settings" },
};

/* Other errors explain themselves, or nobody here can mend them. */
static const char *
advice_for(CURLcode code)
{
	for (size_t i = 0; i < sizeof advices / sizeof advices[0]; i++)
		if (advices[i].code == code)
			return advices[i].advice;
	return "";
}

/* Not a byte of the request had left: nothing can have happened. */
static bool
tell_unsent(const struct curlerror *error, const char *what, const char *reason,
    struct fault *fault)
{
	if (error->code == CURLE_OUT_OF_MEMORY)
		return fault_set(fault, FAULT_SYSTEM, "%s was not sent: no memory left", what);
	if (error->code == CURLE_ABORTED_BY_CALLBACK)
		return fault_set(fault, FAULT_STOPPED, "%s was not sent: keyturn was asked to stop", what);
	return fault_set(fault, FAULT_UNAVAILABLE, "%s was not sent: %s (curl error %d)%s", what, reason,
	    (int)error->code, advice_for(error->code));
}

/* What decides is whether the request was begun: then its effect is not known. */
bool
curlerror_fault(const struct curlerror *error, const struct http_request *request,
    struct fault *fault)
{
	const char *reason = error->text[0] != '\0' ? error->text : curl_easy_strerror(error->code);
	char what[600];
	struct url url;

	if (!url_parse(request->url, &url, fault))
		return false;
	snprintf(what, sizeof what, "%s of %s%.200s", request->method, url.authority, url.path);
	if (!error->sent)
		return tell_unsent(error, what, reason, fault);
	if (error->too_long)
		return fault_set(fault, FAULT_PROTOCOL, "%s was answered with more than the %zu bytes that "
		    "such an answer may have, or with too many headers", what, error->body_max);
	if (error->code == CURLE_WEIRD_SERVER_REPLY || error->code == CURLE_UNSUPPORTED_PROTOCOL)
		return fault_set(fault, FAULT_PROTOCOL, "%s: what came back is no HTTP: %s", what, reason);
	if (error->code == CURLE_ABORTED_BY_CALLBACK)
		reason = "keyturn was asked to stop";
	return fault_set(fault, FAULT_UNKNOWN, "%s was sent, and no whole answer came back: %s (curl "
	    "error %d)", what, reason, (int)error->code);
}
