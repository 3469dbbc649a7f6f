#include "curlheaders.h"

#include "scope.h"
#include "secret.h"

#include <string.h>

void
curlheaders_free(struct curl_slist *list)
{
	/* One of the lines is the bearer token. */
	for (struct curl_slist *line = list; line != NULL; line = line->next)
		explicit_bzero(line->data, strlen(line->data));
	curl_slist_free_all(list);
}

/* libcurl copies the line; on failure the list is as before. */
bool
curlheaders_add(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);

	if (longer != NULL)
		*list = longer;
	return longer != NULL;
}

/* A line break in a value would begin a header of somebody else's. */
static bool
add_header(struct curl_slist **list, const char *name, const char *value, struct fault *fault)
{
	char *line = NULL;
	bool added;

	if (strpbrk(name, "\r\n:") != NULL || strpbrk(value, "\r\n") != NULL)
		return fault_set(fault, FAULT_DATA, "The header %s holds a line break", name);
	if (asprintf(&line, "%s: %s", name, value) < 0)
		return fault_system(fault, "Memory for a request");
	added = curlheaders_add(list, line);
	explicit_bzero(line, strlen(line));
	free(line);
	return added || fault_system(fault, "Memory for a request");
}

/* The caller's headers, the token, and nothing that libcurl would add by itself. */
bool
curlheaders_list(const struct http_request *request, struct curl_slist **ret_list,
    struct fault *fault)
{
	SCOPE(curlheaders) struct curl_slist *list = NULL;
	SCOPE(free) char *bearer = NULL;
	bool added;

	for (const struct http_header *header = request->headers;
	    header != NULL && header->name != NULL; header++)
		if (!add_header(&list, header->name, header->value, fault))
			return false;

	/* A pause to ask "100 Continue" would only cost time. */
	if (!curlheaders_add(&list, "Expect:"))
		return fault_system(fault, "Memory for a request");
	if (request->bearer != NULL) {
		if (asprintf(&bearer, "Bearer %s", secret_text(request->bearer)) < 0) {
			bearer = NULL;
			return fault_system(fault, "Memory for a request");
		}
		added = add_header(&list, "Authorization", bearer, fault);
		explicit_bzero(bearer, strlen(bearer));
		if (!added)
			return false;
	}
	*ret_list = scope_move(list);
	return true;
}
