#ifndef WORLD_H
#define WORLD_H

/*
 * All that the emulated Azure remembers. It is one JSON tree, kept in memory and written to the
 * state folder after each request that changed it, so that a restart goes on where the last run
 * stopped.
 *
 * Members of ${root} that the core sets: "tenant", "client_id", "client_object_id",
 * "client_secret", "subscription", "resource_group", "location", "vault" (name of the first
 * vault), "vaults" {lower-case name: {"name", "id", "location", "sku" ("premium" | "standard"),
 * "retention_days", "purge_protection", "keys", "deleted"}}, "role_assignments" (see roles.h),
 * "clock_offset_ms", "lag" {"lists_s", "reads_s"}, "operations" (see the control interface),
 * "settings", "faults", "certificates", and secrets of the token issuer. arm_populate adds "fhir",
 * "dicom", "service", "vault_id" and "cosmos_object_id" (the principal behind older accounts);
 * Resource Manager keeps "resources" (resource.h), "operation_results" (operation.h) and "locks".
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct world {
	json_t *root;		/* everything that must survive a restart */
	char *state_dir;	/* absolute path of the state folder */
	unsigned port;		/* the port that is listened on, 0 before that */
	bool changed;		/* the tree differs from the file */
};

/**
 * world_open(state_dir, ret_world):
 * Load the world from ${state_dir}, which is made if it does not exist, or make a new one there.
 * On failure say why on stderr and return false. world_free releases ${*ret_world}.
 */
bool world_open(const char *state_dir, struct world **ret_world) __attribute__((warn_unused_result));

/**
 * world_save(w):
 * Write the tree to state.json (mode 0600) by way of a new file and a rename, if it changed. On
 * failure say why on stderr and return false.
 */
bool world_save(struct world *w) __attribute__((warn_unused_result));

/**
 * world_free(w):
 * Release the world without saving it. NULL is fine.
 */
void world_free(struct world *w);

/**
 * world_now(w), world_now_ms(w):
 * The emulator's time since 1970 in seconds, in milliseconds: real time plus the offset that was
 * set through the control interface.
 */
int64_t world_now(struct world *w);
int64_t world_now_ms(struct world *w);

/**
 * world_changed(w):
 * Say that the tree was changed and must be saved before the answer leaves.
 */
void world_changed(struct world *w);

/*
 * Names that were drawn at the first start; owned by the world. Identifiers are lower-case
 * GUIDs.
 */
const char *world_tenant(struct world *w);
const char *world_client_id(struct world *w);
const char *world_client_object_id(struct world *w);
const char *world_subscription(struct world *w);
const char *world_resource_group(struct world *w);
const char *world_location(struct world *w);
const char *world_vault_name(struct world *w);

/**
 * world_text(w, member):
 * Return the string member ${member} of the tree, or NULL. Owned by the world.
 */
const char *world_text(struct world *w, const char *member);

/**
 * world_setting(w, name):
 * Return whether the boolean setting ${name} of the control interface is on.
 */
bool world_setting(struct world *w, const char *name);

/**
 * world_guid(out):
 * Write a new random GUID (RFC 4122 version 4, lower case, 36 characters and a NUL) to ${out}.
 */
enum { WORLD_GUID_SIZE = 37 };
void world_guid(char out[static WORLD_GUID_SIZE]);

#endif
