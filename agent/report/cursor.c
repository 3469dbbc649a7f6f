#include "cursor.h"

#include "file.h"
#include "scope.h"

#include <inttypes.h>
#include <string.h>

enum { CURSOR_MAX = 512 };

/* The hash that stands before the first record. */
static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";

struct cursor {
	const struct disk *disk;
	char *path;
	uint64_t next;
	char prev[DIGEST_HEX_SIZE];	/* SHA-256 of record next - 1, hex */
	bool telling;			/* record next was being told when this was written */
};

static bool
parse(struct cursor *cursor, const char *text, size_t size)
{
	SCOPE(json) json_t *object = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	const char *prev = NULL;
	json_int_t version, next;
	int telling;

	if (json_unpack(object, "{s:I, s:I, s:s, s:b!}", "v", &version, "next", &next, "prev", &prev,
	    "telling", &telling) != 0)
		return false;
	if (version != 1 || next < 0 || strlen(prev) != DIGEST_HEX_SIZE - 1 ||
	    strspn(prev, "0123456789abcdef") != DIGEST_HEX_SIZE - 1)
		return false;
	cursor->next = (uint64_t)next;
	cursor->telling = telling != 0;
	memcpy(cursor->prev, prev, DIGEST_HEX_SIZE);
	return true;
}

static bool
save(const struct cursor *cursor, struct fault *fault)
{
	char text[CURSOR_MAX];
	int size = snprintf(text, sizeof text, "{\"v\":1,\"next\":%" PRIu64 ",\"prev\":\"%s\",\"telling\":%s}\n",
	    cursor->next, cursor->prev, cursor->telling ? "true" : "false");

	return file_replace(cursor->disk, cursor->path, text, (size_t)size, fault);
}

bool
cursor_open(const char *directory, const char *name, const struct disk *disk,
    struct cursor **ret_cursor, struct fault *fault)
{
	SCOPE(cursor) struct cursor *cursor = calloc(1, sizeof *cursor);
	SCOPE(free) char *text = NULL;
	struct fault found = { .code = 0 };
	size_t size;

	if (cursor == NULL)
		return fault_system(fault, "Memory for the cursor '%s'", name);
	if (name[0] == 0 || name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] != 0)
		return fault_set(fault, FAULT_INTERNAL, "A cursor cannot be named '%s'", name);
	cursor->disk = disk;
	memcpy(cursor->prev, zeros, sizeof zeros);
	if (!file_path(&cursor->path, fault, "%s/%s.cursor", directory, name))
		return false;

	/* No file: a consumer that has told nothing yet. */
	if (!file_read(cursor->path, CURSOR_MAX, &text, &size, &found)) {
		if (found.code != FAULT_NOT_FOUND)
			return fault_set(fault, found.code, "The cursor '%s': %s", name, found.text);
	} else if (!parse(cursor, text, size))
		return fault_set(fault, FAULT_DATA, "The cursor %s is damaged; remove it to have every record told again",
		    cursor->path);
	*ret_cursor = scope_move(cursor);
	return true;
}

/* One walk through the journal. */
struct run {
	struct cursor *cursor;
	cursor_tell *tell;
	void *context;
};

static bool
hash_record(const struct journal_record *record, char ret_hex[static DIGEST_HEX_SIZE],
    struct fault *fault)
{
	uint8_t digest[DIGEST_SIZE];

	if (!digest_sha256(record->line, record->line_size, digest, fault))
		return false;
	encode_hex(digest, DIGEST_SIZE, ret_hex);
	return true;
}

/* The record before the cursor must still be the one that was told. */
static bool
check_previous(const struct cursor *cursor, const struct journal_record *record, struct fault *fault)
{
	char hex[DIGEST_HEX_SIZE];

	if (!hash_record(record, hex, fault))
		return false;
	if (strcmp(hex, cursor->prev) != 0)
		return fault_set(fault, FAULT_DATA, "The cursor %s does not belong to this journal: record %" PRIu64
		    " has the SHA-256 %s, and the one told had %s; remove the cursor to have every record told again",
		    cursor->path, record->n, hex, cursor->prev);
	return true;
}

static bool
visit(void *context, const struct journal_record *record, struct fault *fault)
{
	struct run *run = context;
	struct cursor *cursor = run->cursor;
	char hex[DIGEST_HEX_SIZE];
	struct cursor_record told = { record, hex, cursor->telling };

	if (record->n + 1 == cursor->next)
		return check_previous(cursor, record, fault);
	if (!hash_record(record, hex, fault))
		return false;

	/* Note what is about to be told, tell it, note that it was. */
	cursor->telling = true;
	if (!told.again && !save(cursor, fault)) {
		cursor->telling = false;
		return false;
	}
	if (!run->tell(run->context, &told, fault))
		return false;
	cursor->next = record->n + 1;
	cursor->telling = false;
	memcpy(cursor->prev, hex, DIGEST_HEX_SIZE);
	return save(cursor, fault);
}

bool
cursor_run(struct cursor *cursor, struct journal *journal, cursor_tell *tell, void *context,
    struct fault *fault)
{
	struct run run = { cursor, tell, context };
	struct journal_head head;

	journal_head(journal, &head);
	if (cursor->next > head.size)
		return fault_set(fault, FAULT_DATA, "The cursor %s has told %" PRIu64 " records, and the journal has %"
		    PRIu64 ": it belongs to another journal; remove the cursor to have every record told again",
		    cursor->path, cursor->next, head.size);
	return journal_read(journal, cursor->next == 0 ? 0 : cursor->next - 1, visit, &run, fault);
}

uint64_t
cursor_next(const struct cursor *cursor)
{
	return cursor->next;
}

void
cursor_free(struct cursor *cursor)
{
	if (cursor == NULL)
		return;
	free(cursor->path);
	free(cursor);
}
