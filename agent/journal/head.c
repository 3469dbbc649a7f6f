#include "head.h"

#include "encode.h"
#include "file.h"
#include "scope.h"

#include <inttypes.h>
#include <string.h>

enum { HEAD_MAX = 512 };

/* Exactly three members of the right types, the root as we print it. */
static bool
parse(const char *text, size_t size, struct journal_head *ret_head)
{
	SCOPE(json) json_t *object = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	const char *root = NULL;
	json_int_t version, records;

	if (json_unpack(object, "{s:I, s:I, s:s!}", "v", &version, "size", &records, "root", &root) != 0)
		return false;
	if (version != 1 || records < 0 || strlen(root) != JOURNAL_ROOT_SIZE - 1 ||
	    strspn(root, "0123456789abcdef") != JOURNAL_ROOT_SIZE - 1)
		return false;
	ret_head->size = (uint64_t)records;
	memcpy(ret_head->root, root, JOURNAL_ROOT_SIZE);
	return true;
}

bool
head_read(const char *path, struct journal_head *ret_head, bool *ret_found, struct fault *fault)
{
	SCOPE(free) char *text = NULL;
	struct fault found = { .code = 0 };
	size_t size;

	if (!file_read(path, HEAD_MAX, &text, &size, &found)) {
		if (found.code != FAULT_NOT_FOUND)
			return fault_set(fault, found.code, "The journal's head: %s", found.text);
		*ret_found = false;
		return true;
	}
	if (!parse(text, size, ret_head))
		return fault_set(fault, FAULT_DATA, "The journal's head %s is damaged: it must read "
		    "{\"v\":1,\"size\":N,\"root\":\"64 hex digits\"}; put back a copy of it, or of it and the journal",
		    path);
	*ret_found = true;
	return true;
}

bool
head_write(const struct disk *disk, const char *path, const struct journal_head *head,
    struct fault *fault)
{
	char text[HEAD_MAX];
	int size = snprintf(text, sizeof text, "{\"v\":1,\"size\":%" PRIu64 ",\"root\":\"%s\"}\n", head->size,
	    head->root);

	return file_replace(disk, path, text, (size_t)size, fault);
}
