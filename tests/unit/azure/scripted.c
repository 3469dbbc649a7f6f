#include "scripted.h"

#include "secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *
copy(const void *bytes, size_t size)
{
	char *text = calloc(1, size + 1);

	if (text != NULL && size > 0)
		memcpy(text, bytes, size);
	return text;
}

static void
remember(struct scripted *scripted, const struct http_request *request)
{
	struct scripted_request *kept = &scripted->requests[scripted->request_count++];
	size_t size = 0;
	FILE *lines = open_memstream(&kept->headers, &size);

	for (const struct http_header *header = request->headers; header != NULL && header->name != NULL; header++)
		fprintf(lines, "%s: %s\n", header->name, header->value);
	fclose(lines);
	kept->method = strdup(request->method);
	kept->url = strdup(request->url);
	kept->body = copy(request->body, request->body_size);
	kept->bearer = strdup(request->bearer != NULL ? secret_text(request->bearer) : "");
	kept->once = request->once;
	kept->sensitive = request->sensitive;
}

static bool
add_lines(struct http_response *response, const char *lines)
{
	while (lines != NULL && *lines != '\0') {
		size_t length = strcspn(lines, "\n");

		if (!http_add_header(response, lines, length))
			return false;
		lines += length + (lines[length] == '\n');
	}
	return true;
}

static bool
give_token(struct scripted *scripted, const struct http_request *request,
    struct http_response *ret_response, struct fault *fault)
{
	struct http_response response = { .status = 200, .sensitive = true };
	char body[200];

	scripted->token_count++;
	snprintf(scripted->token_form, sizeof scripted->token_form, "%.*s", (int)request->body_size,
	    (const char *)request->body);
	if (scripted->token_fault != 0)
		return fault_set(fault, scripted->token_fault, "no token endpoint");
	snprintf(body, sizeof body, "{\"token_type\":\"Bearer\",\"expires_in\":%d,\"access_token\":\"token-%zu\"}",
	    scripted->token_life_s, scripted->token_count);
	if (scripted->token_status != 0)
		response.status = scripted->token_status;
	if (!http_add_body(&response, scripted->token_answer != NULL ? scripted->token_answer : body,
	    strlen(scripted->token_answer != NULL ? scripted->token_answer : body)))
		return false;
	*ret_response = response;
	return true;
}

static bool
exchange(struct http *port, const struct http_request *request, struct http_response *ret_response,
    struct fault *fault)
{
	struct scripted *scripted = (struct scripted *)port;
	struct http_response response = { 0 };
	const struct scripted_answer *answer;

	if (strstr(request->url, "/oauth2/v2.0/token") != NULL)
		return give_token(scripted, request, ret_response, fault);
	if (scripted->next >= scripted->answer_count || scripted->request_count == SCRIPTED_MAX)
		return fault_set(fault, FAULT_INTERNAL, "The script has no answer left for %s %s",
		    request->method, request->url);
	remember(scripted, request);
	answer = &scripted->answers[scripted->next++];
	if (answer->fault != 0)
		return fault_set(fault, answer->fault, "the script says so");
	response.status = answer->status;
	response.sensitive = request->sensitive;
	if (!add_lines(&response, answer->headers) || (answer->body != NULL &&
	    !http_add_body(&response, answer->body, strlen(answer->body))))
		return fault_set(fault, FAULT_SYSTEM, "no memory");
	*ret_response = response;
	return true;
}

static void
close_nothing(struct http *port)
{
	(void)port;
}

static int64_t
wall_ms(void *context)
{
	return ((struct scripted *)context)->wall_ms;
}

static int64_t
monotonic_ms(void *context)
{
	return ((struct scripted *)context)->monotonic_ms;
}

static bool
wait_ms(void *context, int64_t duration_ms)
{
	struct scripted *scripted = context;

	if (scripted->stopped)
		return false;
	if (scripted->wait_count < SCRIPTED_MAX)
		scripted->waits[scripted->wait_count++] = duration_ms;
	scripted->wall_ms += duration_ms;
	scripted->monotonic_ms += duration_ms;
	return true;
}

void
scripted_begin(struct scripted *scripted, const struct scripted_answer *answers, size_t count)
{
	int fd;

	memset(scripted, 0, sizeof *scripted);
	scripted->port = (struct http){ .exchange = exchange, .close = close_nothing };
	scripted->answers = calloc(count + 1, sizeof *answers);
	if (count > 0)
		memcpy((void *)(uintptr_t)scripted->answers, answers, count * sizeof *answers);
	scripted->answer_count = count;
	scripted->token_life_s = 3600;
	scripted->wall_ms = INT64_C(1795305600000);
	scripted->monotonic_ms = 5000;
	scripted->clock = (struct clock){ scripted, wall_ms, monotonic_ms, wait_ms };
	strcpy(scripted->secret_file, "/tmp/keyturn-secret-XXXXXX");
	fd = mkstemp(scripted->secret_file);
	if (fd < 0 || dprintf(fd, "canary+secret/&=\n") < 0 || close(fd) != 0)
		abort();
	scripted->options = (struct azure_options){
		.tenant = "11111111-2222-3333-4444-555555555555",
		.authority = "https://login.microsoftonline.com",
		.arm_url = "https://management.azure.com",
		.arm_scope = "https://management.azure.com/.default",
		.vault_suffix = ".vault.azure.net",
		.managed_hsm_suffix = ".managedhsm.azure.net",
		.health_suffix = ".azurehealthcareapis.com",
		.dicom_audience = "https://dicom.healthcareapis.azure.com",
		.credential = "client-secret",
		.client_id = "66666666-7777-8888-9999-000000000000",
		.client_secret_file = scripted->secret_file,
	};
}

void
scripted_end(struct scripted *scripted)
{
	for (size_t i = 0; i < scripted->request_count; i++) {
		struct scripted_request *request = &scripted->requests[i];

		free(request->method);
		free(request->url);
		free(request->headers);
		free(request->body);
		free(request->bearer);
	}
	free((void *)(uintptr_t)scripted->answers);
	unlink(scripted->secret_file);
}
