#ifndef TRACES_H
#define TRACES_H

#include "facts.h"

/*
 * Traces of another journal: each version that keyturn imports carries a head of the journal in its tags.  One that this
 * journal never had says that the journal was lost, is an old copy, or that another agent works on the same key.
 */

/**
 * traces_find(journal, facts, ret_version, fault):
 * The first version whose head this journal never had; NULL if all fit, or ${journal} is NULL and none carries one. Borrowed from
 * ${facts}. Errors: those of reading the journal.
 */
bool traces_find(struct journal *journal, const struct facts *facts,
    const struct version_fact **ret_version, struct fault *fault)
    __attribute__((warn_unused_result));

/** Add a finding that says so and what to do. */
void traces_tell(const struct version_fact *version, struct findings *findings);

#endif
