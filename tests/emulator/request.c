#include "request.h"

#include "bytes.h"
#include "text.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request *
request_new(const char *uri, struct MHD_Connection *connection)
{
	struct request *r = (struct request *)(void *)bytes_new(sizeof *r).data;

	r->uri = text_copy(uri);
	r->connection = connection;
	r->action.effect = true;
	r->action.truncate = -1;
	return r;
}

void
request_free(struct request *r)
{
	struct bytes body;

	if (r == NULL)
		return;
	json_decref(r->x.query);
	json_decref(r->x.headers);
	json_decref(r->x.body_json);
	json_decref(r->x.answer);
	json_decref(r->x.answer_headers);
	json_decref(r->fault);

	/* Bodies may carry secrets. */
	body = (struct bytes){ r->body, r->kept };
	bytes_release(&body);
	free(r->uri);
	free(r->path);
	free(r->host);
	free(r->authority);
	free(r);
}

void
request_collect(struct request *r, const char *data, size_t size)
{
	uint8_t *longer;

	r->x.body_size += size;
	if (r->x.body_size > EXCHANGE_BODY_MAX) {
		r->x.body_cut = true;
		return;
	}
	longer = realloc(r->body, r->kept + size);
	if (longer == NULL) {
		fprintf(stderr, "azure-emulator: out of memory\n");
		abort();
	}
	memcpy(longer + r->kept, data, size);
	r->body = longer;
	r->kept += size;
}

/* Add one header under its lower-case name. */
static enum MHD_Result
add_header(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	json_t *headers = cls;
	char *lower = text_lower(name);

	(void)kind;
	if (value == NULL)
		value = "";
	json_object_set_new(headers, lower, text_json(value, strlen(value)));
	free(lower);
	return MHD_YES;
}

/* The host is told from the Host header alone, as a name server and a front end would. */
static void
assemble_host(struct request *r)
{
	const char *header = exchange_request_header(&r->x, "host");
	char *colon;

	r->authority = text_copy(header != NULL ? header : "");
	r->host = text_lower(r->authority);
	colon = strrchr(r->host, ':');
	if (colon != NULL && strchr(colon, ']') == NULL)
		*colon = '\0';
	r->x.authority = r->authority;
	r->x.host = r->host;
}

void
request_assemble(struct request *r, struct world *world, const char *method)
{
	struct exchange *x = &r->x;
	size_t path_length = strcspn(r->uri, "?");

	x->world = world;
	x->method = method;
	x->headers = json_object();
	MHD_get_connection_values(r->connection, MHD_HEADER_KIND, add_header, x->headers);
	assemble_host(r);

	r->path = text_decode(r->uri, path_length, false);
	x->path = r->path;
	x->query_text = r->uri[path_length] == '?' ? r->uri + path_length + 1 : "";
	x->query = text_pairs(x->query_text, strlen(x->query_text));

	/* What was not kept whole is not shown at all. */
	if (x->body_size > 0 && !x->body_cut) {
		x->body = r->body;
		x->body_json = json_loadb((const char *)r->body, r->kept,
		    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	}
}
