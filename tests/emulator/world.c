#include "world.h"

#include "armroutes.h"
#include "bytes.h"
#include "jwk.h"
#include "release.h"
#include "text.h"
#include "vaultstore.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

void
world_guid(char out[static WORLD_GUID_SIZE])
{
	BYTES struct bytes r = bytes_random(16);
	size_t used = 0;

	/* Version 4 and the variant of RFC 4122. */
	r.data[6] = (uint8_t)((r.data[6] & 0x0f) | 0x40);
	r.data[8] = (uint8_t)((r.data[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[used++] = '-';
		snprintf(out + used, 3, "%02x", r.data[i]);
		used += 2;
	}
}

int64_t
world_now_ms(struct world *w)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + json_integer_value(json_object_get(w->root, "clock_offset_ms"));
}

int64_t
world_now(struct world *w)
{
	return world_now_ms(w) / 1000;
}

void
world_changed(struct world *w)
{
	w->changed = true;
}

const char *
world_text(struct world *w, const char *member)
{
	return json_string_value(json_object_get(w->root, member));
}

bool
world_setting(struct world *w, const char *name)
{
	return json_is_true(json_object_get(json_object_get(w->root, "settings"), name));
}

const char *
world_tenant(struct world *w)
{
	return world_text(w, "tenant");
}

const char *
world_client_id(struct world *w)
{
	return world_text(w, "client_id");
}

const char *
world_client_object_id(struct world *w)
{
	return world_text(w, "client_object_id");
}

const char *
world_subscription(struct world *w)
{
	return world_text(w, "subscription");
}

const char *
world_resource_group(struct world *w)
{
	return world_text(w, "resource_group");
}

const char *
world_location(struct world *w)
{
	return world_text(w, "location");
}

const char *
world_vault_name(struct world *w)
{
	return world_text(w, "vault");
}

/*
 * Write a whole file that only its owner may read. A new file and a rename, so that a reader
 * sees the old or the new one.
 */
static bool
write_private(const char *dir, const char *name, const char *text)
{
	RELEASE(text) char *path = text_format("%s/%s", dir, name);
	RELEASE(text) char *fresh = text_format("%s/%s.new", dir, name);
	RELEASE(fd) int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t left = strlen(text);

	while (fd >= 0 && left > 0) {
		ssize_t done = write(fd, text, left);

		if (done < 0)
			break;
		text += done;
		left -= (size_t)done;
	}

	/* No fsync: a process that dies loses nothing, and no test outlives its machine. */
	if (fd < 0 || left > 0 || rename(fresh, path) != 0) {
		fprintf(stderr, "azure-emulator: write %s: %s\n", path, strerror(errno));
		return false;
	}
	return true;
}

bool
world_save(struct world *w)
{
	char *text;
	bool saved;

	if (!w->changed)
		return true;
	text = json_dumps(w->root, JSON_INDENT(1));
	if (text == NULL)
		return false;
	saved = write_private(w->state_dir, "state.json", text);
	OPENSSL_cleanse(text, strlen(text));
	free(text);
	w->changed = !saved;
	return saved;
}

/* Set a member to a new GUID. */
static void
draw_guid(struct world *w, const char *member)
{
	char guid[WORLD_GUID_SIZE];

	world_guid(guid);
	json_object_set_new(w->root, member, json_string(guid));
}

/* Set a member to random bytes in base64url. */
static void
draw_secret(struct world *w, const char *member, size_t size)
{
	BYTES struct bytes secret = bytes_random(size);

	json_object_set_new(w->root, member, bytes_encode_json(secret.data, secret.size));
}

/* The key that signs access tokens. */
static bool
draw_issuer(struct world *w)
{
	RELEASE(pkey) EVP_PKEY *key = EVP_RSA_gen(2048);
	json_t *pem = key != NULL ? jwk_pem(key) : NULL;

	json_object_set_new(w->root, "issuer_pem", pem);
	return pem != NULL;
}

/*
 * One Premium vault as a careful hospital would have it: soft delete for 90 days, purge
 * protection, RBAC.
 */
static void
draw_vault(struct world *w)
{
	BYTES struct bytes r = bytes_random(2);
	RELEASE(text) char *name = text_format("kv%04d", (r.data[0] << 8 | r.data[1]) % 10000);
	struct vaultstore_plan plan = { .name = name, .sku = "premium", .retention_days = 90,
	    .purge_protection = true };

	json_object_set_new(w->root, "vault", json_string(name));
	vaultstore_create(w, &plan);
}

/* The world on its first day. */
static bool
create(struct world *w)
{
	w->root = json_pack("{s:i, s:s, s:s, s:[], s:I, s:{s:i, s:i}, s:{s:b, s:b, s:b}, s:[], s:[], "
	    "s:{}}", "schema", 1,
	    "resource_group", "hospital-rg", "location", "westeurope", "role_assignments",
	    "clock_offset_ms", (json_int_t)0,
	    "lag", "lists_s", 0, "reads_s", 0,
	    "settings", "accept_zero_padded", 1, "forbid_get_of_disabled", 0, "client_disabled", 0,
	    "faults", "certificates", "vaults");
	draw_guid(w, "tenant");
	draw_guid(w, "client_id");
	draw_guid(w, "client_object_id");
	draw_guid(w, "subscription");
	draw_secret(w, "client_secret", 30);
	draw_secret(w, "backup_key", 32);
	if (!draw_issuer(w)) {
		fprintf(stderr, "azure-emulator: cannot make the token issuer's key\n");
		return false;
	}
	draw_vault(w);
	arm_populate(w);
	w->changed = true;
	return write_private(w->state_dir, "client-secret", world_text(w, "client_secret"));
}

/* Read the state file of an earlier run. */
static bool
load(struct world *w, const char *path)
{
	json_error_t error;

	w->root = json_load_file(path, 0, &error);
	if (w->root == NULL) {
		fprintf(stderr, "azure-emulator: read %s: line %d: %s\n", path, error.line, error.text);
		return false;
	}
	if (json_integer_value(json_object_get(w->root, "schema")) != 1) {
		fprintf(stderr, "azure-emulator: %s is not a state file of this emulator\n", path);
		return false;
	}
	return true;
}

bool
world_open(const char *state_dir, struct world **ret_world)
{
	RELEASE(text) char *path = text_format("%s/state.json", state_dir);
	struct world *w = (struct world *)(void *)bytes_new(sizeof *w).data;
	bool good;

	/* The folder holds private keys and the client's secret. */
	if ((mkdir(state_dir, 0700) != 0 && errno != EEXIST) || (w->state_dir = realpath(state_dir, NULL)) == NULL) {
		fprintf(stderr, "azure-emulator: state folder %s: %s\n", state_dir, strerror(errno));
		world_free(w);
		return false;
	}
	good = access(path, F_OK) == 0 ? load(w, path) : create(w);
	if (!good || !world_save(w)) {
		world_free(w);
		return false;
	}
	*ret_world = w;
	return true;
}

void
world_free(struct world *w)
{
	if (w == NULL)
		return;
	json_decref(w->root);
	free(w->state_dir);
	free(w);
}
