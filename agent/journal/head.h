#ifndef HEAD_H
#define HEAD_H

#include "journal.h"

/*
 * The file head beside the journal: how many records there were at some moment, and the root of the Merkle tree over them, as
 * {"v":1,"size":N,"root":"HEX"}. It shows that lines were cut off, or that an older copy was put back.
 */

/** Read the head at ${path}; ${*ret_found} is false where there is no such file. Errors: FAULT_DATA, it is not a head; FAULT_SYSTEM. */
bool head_read(const char *path, struct journal_head *ret_head, bool *ret_found,
    struct fault *fault) __attribute__((warn_unused_result));

/** Replace the head at ${path}, synced. Errors: FAULT_SYSTEM; the old one then stands. */
bool head_write(const struct disk *disk, const char *path, const struct journal_head *head,
    struct fault *fault) __attribute__((warn_unused_result));

#endif
