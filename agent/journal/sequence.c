#include "sequence.h"

#include "scope.h"
#include "strictjson.h"

#include <inttypes.h>
#include <string.h>

void
sequence_clear(struct sequence *sequence)
{
	memset(sequence, 0, sizeof *sequence);
}

/* One line on the way through the checks. */
struct step {
	struct sequence *sequence;
	const struct line *line;
	struct journal_verdict *verdict;
	struct record_frame frame;
	uint8_t digest[DIGEST_SIZE];
	bool named;			/* it names the record before it rightly */
};

/* Every line counts in the tree, whatever it is: the root is over the file as it stands. */
static bool
add_leaf(struct step *step, struct fault *fault)
{
	struct sequence *sequence = step->sequence;
	const struct line *line = step->line;
	uint8_t leaf[DIGEST_SIZE];

	return hasher_leaf(sequence->hasher, line->bytes, line->size, leaf, fault) &&
	    merkle_append(&sequence->tree, 0, leaf, sequence->hasher, fault) &&
	    hasher_line(sequence->hasher, line->bytes, line->size, step->digest, fault);
}

static bool
take_stranger(struct step *step, const char *why, struct fault *fault)
{
	struct sequence *sequence = step->sequence;
	uint64_t n = sequence->expected + sequence->strangers;

	sequence->strangers++;
	sequence->suspects = false;
	return findings_add(step->verdict, n, step->line->offset, fault, "the line where record %" PRIu64
	    " should stand is foreign or was changed: %s", n, why);
}

/*
 * The line names another hash than that of the line before.  One of the two was changed: if the next line names this one rightly it
 * was the one before, and else it was this one.  So blame the one before, and put it right when the next line shows otherwise.
 */
static bool
note_break(struct step *step, struct fault *fault)
{
	struct sequence *sequence = step->sequence;
	uint64_t n = step->frame.n;
	char hex[DIGEST_HEX_SIZE];

	encode_hex(sequence->last, DIGEST_SIZE, hex);
	if (n == 0)
		return findings_add(step->verdict, 0, step->line->offset, fault,
		    "record 0 was changed: as the first it must name zeros as \"prev\", and names %.64s",
		    step->frame.prev);
	if (sequence->suspects) {
		findings_drop(step->verdict);
		sequence->suspects = false;
	} else if (findings_has(step->verdict, n - 1))
		return true;
	else
		sequence->suspects = true;
	return findings_add(step->verdict, n - 1, sequence->previous_offset, fault, "record %" PRIu64
	    " was changed: its bytes have the SHA-256 %s, and record %" PRIu64 " names %.64s", n - 1, hex, n,
	    step->frame.prev);
}

/* Its number is lower than that of a record before it. */
static bool
note_repeat(struct step *step, struct fault *fault)
{
	step->sequence->strangers = 0;
	return findings_add(step->verdict, step->frame.n, step->line->offset, fault, "record %" PRIu64
	    " stands where record %" PRIu64 " should: lines were repeated or put into another order",
	    step->frame.n, step->sequence->expected);
}

static bool
note_gap(struct step *step, struct fault *fault)
{
	uint64_t from = step->sequence->expected + step->sequence->strangers, to = step->frame.n - 1;

	/* Before the first line there is no record that could be named. */
	if (from == 0 && to == 0)
		return findings_add(step->verdict, 0, step->line->offset, fault, "record 0 is missing: the journal begins "
		    "with record 1");
	if (from == to)
		return findings_add(step->verdict, from, step->line->offset, fault, "record %" PRIu64
		    " is missing: after record %" PRIu64 " comes record %" PRIu64, from, from - 1, to + 1);
	return findings_add(step->verdict, from, step->line->offset, fault, "records %" PRIu64 " to %" PRIu64
	    " are missing: the next line is record %" PRIu64, from, to, to + 1);
}

/* Go on behind this record, whatever was wrong. */
static void
move_on(struct step *step)
{
	struct sequence *sequence = step->sequence;

	memcpy(sequence->last, step->digest, DIGEST_SIZE);
	memcpy(sequence->last_time, step->frame.time, RECORD_TIME_SIZE);
	if (sequence->first_time[0] == 0)
		memcpy(sequence->first_time, step->frame.time, RECORD_TIME_SIZE);
	sequence->previous_offset = step->line->offset;
	sequence->expected = step->frame.n + 1;
	sequence->strangers = 0;
}

/* A record that can be read: its number first, then the hash that it names. */
static bool
take_record(struct step *step, struct fault *fault)
{
	struct sequence *sequence = step->sequence;
	bool suspected = sequence->suspects;

	/* In its place by the hash it names, but numbered otherwise: only the number was changed. */
	if (step->named && step->frame.n != sequence->expected) {
		uint64_t found = step->frame.n;

		step->frame.n = sequence->expected;
		sequence->suspects = false;
		move_on(step);
		return findings_add(step->verdict, step->frame.n, step->line->offset, fault, "record %" PRIu64
		    " was changed: it stands in its place but is numbered %" PRIu64, step->frame.n, found);
	}
	if (step->frame.n < sequence->expected)
		return note_repeat(step, fault);
	if (step->frame.n > sequence->expected + sequence->strangers && !note_gap(step, fault))
		return false;

	/* Behind a gap, or behind a record that could not be read, there is nothing to compare with. */
	if (step->frame.n == sequence->expected && !step->named && !note_break(step, fault))
		return false;
	if (suspected && step->named)
		sequence->suspects = false;
	if (step->frame.n != sequence->expected)
		sequence->suspects = false;
	move_on(step);
	return true;
}

/* The first record says whether all this was a rehearsal. */
static void
note_kind(struct step *step)
{
	SCOPE(json) json_t *object = json_loadb(step->line->bytes, step->line->size, 0, NULL);

	step->sequence->rehearsal = json_is_true(json_object_get(json_object_get(object, "detail"),
	    "rehearsal"));
}

bool
sequence_take(struct sequence *sequence, const struct line *line,
    struct journal_verdict *verdict, struct fault *fault)
{
	struct step step = { .sequence = sequence, .line = line, .verdict = verdict };
	struct fault found = { .code = 0 };

	if (!add_leaf(&step, fault))
		return false;
	if (line->kind == LINE_LONG)
		return take_stranger(&step, "it is longer than 65535 bytes", fault);
	if (!record_parse_frame(line->bytes, line->size, &step.frame, &found))
		return take_stranger(&step, found.text, fault);
	step.named = chain_names(&step.frame, sequence->last);
	if (sequence->tree.size == 1)
		note_kind(&step);

	/* A frame that fits around a body that does not: the record is known, and what is wrong with it. */
	if (!strictjson_check(line->bytes, line->size, &found)) {
		sequence->suspects = false;
		if (!findings_add(verdict, step.frame.n, line->offset, fault, "record %" PRIu64
		    " was changed: %s", step.frame.n, found.text))
			return false;
	}
	return take_record(&step, fault);
}
