#ifndef TAG_H
#define TAG_H

#include <jansson.h>
#include <stddef.h>

/*
 * The tags that keyturn puts on each version it imports: at most 15 of 256 characters are allowed (Key Vault, "About keys"), and
 * anyone with list rights can read them, so there is nothing secret in them.
 */
#define TAG_ROTATION "keyturn-rotation"		/* 32 hex digits */
#define TAG_POLICY "keyturn-policy"		/* its name */
#define TAG_FINGERPRINT "keyturn-spki-sha256"	/* of the key inside */
#define TAG_HEAD "keyturn-journal-head"		/* "SIZE:ROOT" of the journal: an anchor outside the machine */
#define TAG_PROGRAM "keyturn-program"
#define TAG_REHEARSAL "keyturn-rehearsal"	/* "true" */

/** Copy the tag ${name} to ${text}; "" if it is absent or does not fit. */
void tag_read(const json_t *tags, const char *name, char *text, size_t room);

#endif
