#ifndef FILE_H
#define FILE_H

#include "disk.h"
#include "fault.h"

#include <stddef.h>

/**
 * file_read(path, size_max, ret_bytes, ret_size, fault):
 * Read the whole of ${path}; a NUL is kept after the bytes. The caller frees ${*ret_bytes}.
 * Errors: FAULT_NOT_FOUND, no such file; FAULT_DATA, longer than ${size_max}
 *         bytes or not a regular file; FAULT_SYSTEM.
 */
bool file_read(const char *path, size_t size_max, char **ret_bytes, size_t *ret_size,
    struct fault *fault) __attribute__((warn_unused_result));

/**
 * file_replace(disk, path, bytes, size, fault):
 * Make ${path} hold exactly these bytes, mode 0600, such that after a power cut it
 * holds either the old bytes or the new: write PATH.new, fsync, close (checked),
 * rename, fsync of the directory. Two at once on the same ${path} are for the caller's lock to prevent.
 * Errors: FAULT_SYSTEM; the old file is then untouched and PATH.new removed, unless it was the last
 *         fsync that failed: then the new bytes are there, but a power cut may bring back the old.
 */
bool file_replace(const struct disk *disk, const char *path, const void *bytes, size_t size,
    struct fault *fault) __attribute__((warn_unused_result));

/**
 * file_create(disk, path, bytes, size, fault):
 * The same for a file that must not exist yet, and that no crash may leave half written
 * (it gets its name when it is whole; a crash may leave PATH.DIGITS.new behind).
 * Errors: FAULT_REFUSED, it exists; FAULT_SYSTEM, as above.
 */
bool file_create(const struct disk *disk, const char *path, const void *bytes, size_t size,
    struct fault *fault) __attribute__((warn_unused_result));

/** Remove ${path} and fsync its directory; a file that is not there is success. */
bool file_remove(const struct disk *disk, const char *path, struct fault *fault)
    __attribute__((warn_unused_result));

/** Make the directory ${path} with mode 0700 and its parents where missing; success if it is there. */
bool file_make_directory(const struct disk *disk, const char *path, struct fault *fault)
    __attribute__((warn_unused_result));

/** fsync the directory that holds ${path}, so that a new name in it survives a power cut. */
bool file_sync_parent(const struct disk *disk, const char *path, struct fault *fault)
    __attribute__((warn_unused_result));

/** DIRECTORY/NAME, formatted, in memory that the caller frees. */
bool file_path(char **ret_path, struct fault *fault, const char *format, ...)
    __attribute__((warn_unused_result, format(printf, 3, 4)));

#endif
