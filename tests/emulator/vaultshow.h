#ifndef VAULTSHOW_H
#define VAULTSHOW_H

/*
 * Keys as Key Vault shows them: KeyBundle, KeyItem, DeletedKeyBundle, DeletedKeyItem (REST, data
 * plane, "Keys").
 */

#include <jansson.h>

struct world;

/* In which words to show things. */
struct vaultshow {
	struct world *world;
	json_t *vault;			/* see world.h */
	const char *authority;		/* of the vault, for identifiers */
	int level;			/* of the api-version */
};

/**
 * vaultshow_bundle(show, key, version, face):
 * Return the KeyBundle of a version, a new reference. ${face} holds the changeable part
 * ("key_ops", "attributes", "tags"): the version itself, or an earlier look of it.
 */
json_t *vaultshow_bundle(const struct vaultshow *show, const json_t *key, const json_t *version, const json_t *face);

/**
 * vaultshow_item(show, key, version, face):
 * Return the KeyItem of a version; with ${version} NULL, that of the key as a whole (no version in
 * its kid). A new reference.
 */
json_t *vaultshow_item(const struct vaultshow *show, const json_t *key, const json_t *version, const json_t *face);

/**
 * vaultshow_add_deletion(show, key, shown):
 * Add recoveryId, deletedDate and scheduledPurgeDate of a deleted key to a bundle or an item, and
 * return it.
 */
json_t *vaultshow_add_deletion(const struct vaultshow *show, const json_t *key, json_t *shown);

#endif
