#ifndef KEK_H
#define KEK_H

#include "disk.h"
#include "fault.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The list of enrolled KEKs: a text file on the HSM's side of the wall. A line
 * is "SHA256HEX comment", the fingerprint of the KEK's SubjectPublicKeyInfo, or
 * starts with '#', or is empty. Nothing is wrapped under a KEK that is not on
 * it.
 */
struct kek_list;

enum { KEK_FILE_MAX = 1 << 20, KEK_HEX = 64 };

/**
 * kek_list_parse(text, size, name, ret_list, fault):
 * Read the bytes of a list; ${name} is the file, for messages.
 * Errors: FAULT_DATA, with every line that is wrong, as NAME:LINE.
 */
bool kek_list_parse(const char *text, size_t size, const char *name,
    struct kek_list **ret_list, struct fault *fault) __attribute__((warn_unused_result));

/**
 * kek_list_read(path, ret_list, fault):
 * The list in ${path}; a file that does not exist is an empty list.
 * Errors: FAULT_PERMISSION, group or others may write to it, or it belongs to
 *         neither root nor this user; FAULT_DATA, as above or over KEK_FILE_MAX
 *         bytes; FAULT_SYSTEM.
 */
bool kek_list_read(const char *path, struct kek_list **ret_list, struct fault *fault)
    __attribute__((warn_unused_result));

/** Whether ${fingerprint}, KEK_HEX hex digits of either case, is on the list. */
bool kek_list_has(const struct kek_list *list, const char *fingerprint);

/** How many fingerprints are on the list, each counted once. */
size_t kek_list_count(const struct kek_list *list);

/** NULL is allowed. */
void kek_list_free(struct kek_list *list);

/**
 * kek_list_add(disk, path, fingerprint, comment, fault):
 * Put a line on the list, durably; success without a write if it is on it. What
 * is in the file stays as it is, and its mode too; a new file may be read by
 * all, since it holds no secret. PATH.lock serialises two who enroll at once.
 * Errors: FAULT_USAGE, not a fingerprint, or a comment with control characters;
 *         as kek_list_read; FAULT_RETRY; FAULT_SYSTEM.
 */
bool kek_list_add(const struct disk *disk, const char *path, const char *fingerprint,
    const char *comment, struct fault *fault) __attribute__((warn_unused_result));

enum { KEK_WORDS = 12, KEK_WORDS_TEXT = 12 * 8 };

/**
 * kek_words(fingerprint, text):
 * The first 12 bytes (96 bits) of a fingerprint of KEK_HEX hex digits as 12
 * words from words.h, parted by blanks, to be read aloud and compared over a
 * telephone. Returns ${text}; "" if the fingerprint is not one.
 */
const char *kek_words(const char *fingerprint, char text[static KEK_WORDS_TEXT]);

static inline void
scope_kek_list(struct kek_list **list)
{
	kek_list_free(*list);
}

#endif
