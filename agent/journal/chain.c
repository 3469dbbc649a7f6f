#include "chain.h"

#include "strictjson.h"

#include <inttypes.h>
#include <string.h>

void
chain_clear(struct chain *chain)
{
	memset(chain, 0, sizeof *chain);
}

bool
chain_names(const struct record_frame *frame, const uint8_t digest[static DIGEST_SIZE])
{
	char hex[DIGEST_HEX_SIZE];

	return memcmp(frame->prev, encode_hex(digest, DIGEST_SIZE, hex), DIGEST_HEX_SIZE - 1) == 0;
}

/* The line's own number and the hash it names, against what the chain expects. */
static bool
check_frame(const struct chain *chain, const struct record_frame *frame, struct fault *fault)
{
	char hex[DIGEST_HEX_SIZE];
	bool named = chain_names(frame, chain->last);

	if (frame->n == chain->records && named)
		return true;
	encode_hex(chain->last, DIGEST_SIZE, hex);
	if (frame->n != chain->records && named)
		return fault_set(fault, FAULT_DATA, "it stands in its place but is numbered %" PRIu64, frame->n);
	if (frame->n > chain->records)
		return fault_set(fault, FAULT_DATA, "it is missing: the line here is record %" PRIu64 ", so %"
		    PRIu64 " %s removed", frame->n, frame->n - chain->records,
		    frame->n - chain->records == 1 ? "was" : "were");
	if (frame->n < chain->records)
		return fault_set(fault, FAULT_DATA, "the line here is record %" PRIu64 " again: lines were "
		    "repeated or put into another order", frame->n);
	if (frame->n == 0)
		return fault_set(fault, FAULT_DATA, "it is the first, so \"prev\" must be zeros, and is %.64s",
		    frame->prev);
	return fault_set(fault, FAULT_DATA, "it names %.64s as the SHA-256 of record %" PRIu64
	    ", whose bytes have %s: one of the two was changed after it was written", frame->prev,
	    frame->n - 1, hex);
}

static bool
check_line(const struct chain *chain, const struct line *line, struct record_frame *ret_frame,
    struct fault *fault)
{
	if (line->kind == LINE_LONG)
		return fault_set(fault, FAULT_DATA, "it is longer than %d bytes, which no record is",
		    JOURNAL_LINE_MAX);
	return record_parse_frame(line->bytes, line->size, ret_frame, fault) &&
	    check_frame(chain, ret_frame, fault) &&
	    strictjson_check(line->bytes, line->size, fault);
}

bool
chain_take(struct chain *chain, const struct line *line, struct hasher *hasher,
    struct fault *fault)
{
	uint8_t digest[DIGEST_SIZE], leaf[DIGEST_SIZE];
	struct record_frame frame;

	if (!check_line(chain, line, &frame, fault))
		return fault_prefix(fault, "record %" PRIu64 " (byte %" PRIu64 ")", chain->records, line->offset);

	/* All that can fail comes before the first change. */
	if (!hasher_line(hasher, line->bytes, line->size, digest, fault) ||
	    !hasher_leaf(hasher, line->bytes, line->size, leaf, fault) ||
	    !merkle_append(&chain->tree, 0, leaf, hasher, fault))
		return false;
	memcpy(chain->last, digest, DIGEST_SIZE);
	memcpy(chain->last_time, frame.time, RECORD_TIME_SIZE);
	if (chain->records == 0)
		memcpy(chain->first_time, frame.time, RECORD_TIME_SIZE);
	chain->records++;
	chain->bytes = line->next;
	return true;
}

bool
chain_root(const struct chain *chain, struct hasher *hasher, char ret_root[static JOURNAL_ROOT_SIZE],
    struct fault *fault)
{
	uint8_t root[DIGEST_SIZE];

	if (!merkle_root(&chain->tree, hasher, root, fault))
		return false;
	encode_hex(root, DIGEST_SIZE, ret_root);
	return true;
}
