#include "encryption.h"

#include "armtext.h"
#include "release.h"
#include "resource.h"
#include "seal.h"
#include "servicekey.h"
#include "text.h"
#include "world.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* A key that was away for longer than this needs a PUT (the provider's health check passes, the database stays closed). */
static const int64_t LOST_LIMIT_MS = INT64_C(30) * 60 * 1000;

/* The database behind the legacy kind uses an old version for at most a day after a new one appeared. */
static const int64_t RETIRED_MS = INT64_C(24) * 60 * 60 * 1000;

/* The data keys of a store in the clear, while a query runs. */
struct opened {
	json_t *keys;			/* id -> base64 of the key */
	const char *why;
};

const char *
encryption_key_url(const json_t *resource, bool *ret_versionless)
{
	const char *legacy = resource_text(resource, "properties.cosmosDbConfiguration.keyVaultKeyUri");
	const char *url = resource_text(resource, "properties.encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl");

	/* An empty URL counts as none, as the built-in policy definition reads it. */
	*ret_versionless = legacy != NULL;
	if (legacy != NULL)
		url = legacy;
	return url != NULL && *url != '\0' ? url : NULL;
}

/* Vault and key name together; a longer pair does not fit into the FHIR store's own name for the key. */
enum { NAMES_MAX = 94 };

static bool
url_refuse(struct encryption_refusal *refusal, const char *what, const char *url)
{
	refusal->code = "InvalidKeyEncryptionKeyUrl";
	(void)snprintf(refusal->message, sizeof refusal->message, "The key URL '%s' %s.", url, what);
	return false;
}

bool
encryption_url_check(const json_t *resource, struct encryption_refusal *refusal)
{
	bool versionless;
	const char *url = encryption_key_url(resource, &versionless);
	SERVICEKEY_URL parts = { 0 };

	if (url == NULL)
		return true;
	if (!servicekey_parse(url, &parts))
		return url_refuse(refusal, "is not the URL of a key in a vault", url);
	if (versionless && parts.version != NULL)
		return url_refuse(refusal, "names a version; this kind of service takes a URL without one", url);
	if (!versionless && parts.version == NULL)
		return url_refuse(refusal, "names no version", url);
	if (text_ends(resource_text(resource, "type"), "/fhirservices") && strlen(parts.vault) + strlen(parts.name) > NAMES_MAX)
		return url_refuse(refusal, "names a vault and a key of more than 94 characters together", url);
	return true;
}

static bool
is_legacy(const json_t *resource)
{
	return strcasecmp(resource_text(resource, "type"), "Microsoft.HealthcareApis/services") == 0;
}

static json_t *
data_keys(json_t *resource)
{
	return resource_at(resource, "store.data_keys");
}

/* Add a data key that is already in its stored form, and make it the newest. */
static void
data_key_add(json_t *store, json_t *stored)
{
	char id[WORLD_GUID_SIZE];

	world_guid(id);
	json_object_set_new(json_object_get(store, "data_keys"), id, stored);
	json_object_set_new(store, "newest", json_string(id));
}

void
encryption_seed(json_t *resource, json_t *records)
{
	uint8_t key[SEAL_KEY_SIZE];
	json_t *store = json_pack("{s:{}, s:[], s:n}", "data_keys", "records", "url"), *record;
	size_t i;

	seal_key(key);
	data_key_add(store, json_pack("{s:o}", "key", armtext_base64(key, sizeof key)));
	json_array_foreach(records, i, record)
		json_array_append_new(json_object_get(store, "records"),
		    json_pack("{s:O, s:o}", "key", json_object_get(store, "newest"), "sealed", seal_close(key, record)));
	json_object_set_new(resource, "store", store);
	json_decref(records);
	OPENSSL_cleanse(key, sizeof key);
}

/* Bring one stored data key into the clear; NULL with the reason. */
static json_t *
data_key_open(struct world *w, const json_t *resource, const json_t *stored, const char **ret_why)
{
	struct servicekey use = { .world = w, .resource = resource, .url = resource_text(stored, "url") };
	uint8_t key[SEAL_KEY_SIZE];
	json_t *clear = NULL;

	/* A key of the service's own needs nobody. */
	if (use.url == NULL)
		return json_incref(json_object_get(stored, "key"));
	if (servicekey_unwrap(&use, resource_text(stored, "wrapped"), key, ret_why))
		clear = armtext_base64(key, sizeof key);
	OPENSSL_cleanse(key, sizeof key);
	return clear;
}

/* Whether a data key of the legacy kind has been out of use for so long that nobody needs it. */
static bool
retired(struct world *w, const json_t *stored)
{
	json_t *since = json_object_get(stored, "retired_ms");

	return since != NULL && world_now_ms(w) - json_integer_value(since) > RETIRED_MS;
}

/* Open every data key: one that fails closes the service. */
static bool
open_all(struct world *w, json_t *resource, struct opened *opened)
{
	const char *id;
	json_t *stored, *clear;

	opened->keys = json_object();
	opened->why = NULL;
	json_object_foreach(data_keys(resource), id, stored) {
		if (retired(w, stored))
			continue;
		if ((clear = data_key_open(w, resource, stored, &opened->why)) == NULL) {
			json_decref(opened->keys);
			opened->keys = NULL;
			return false;
		}
		json_object_set_new(opened->keys, id, clear);
	}
	return true;
}

/* Decrypt the records with the opened data keys; a record whose key does not open it ends the query like a lost key. */
static json_t *
records_open(json_t *resource, const struct opened *opened)
{
	json_t *records = json_array(), *item, *record = NULL;
	size_t i, size = 0;

	json_array_foreach(resource_at(resource, "store.records"), i, item) {
		const char *text = json_string_value(json_object_get(opened->keys, resource_text(item, "key")));
		uint8_t *key = text == NULL ? NULL : armtext_unbase64(text, &size);

		record = key == NULL || size != SEAL_KEY_SIZE ? NULL : seal_open(key, json_object_get(item, "sealed"));
		free(key);
		if (record == NULL) {
			json_decref(records);
			return NULL;
		}
		json_array_append_new(records, record);
	}
	return records;
}

/* Encrypt a record anew, under the newest data key. */
static void
record_move(json_t *resource, size_t place, const uint8_t key[static SEAL_KEY_SIZE], const json_t *record)
{
	json_t *store = json_object_get(resource, "store");

	json_array_set_new(json_object_get(store, "records"), place,
	    json_pack("{s:O, s:o}", "key", json_object_get(store, "newest"), "sealed", seal_close(key, record)));
}

/*
 * Move records to the newest data key: those that stand under a key of the service's own, else the customer's key would protect nothing, and the last one.
 * Others stay under the older version, which is why that version stays needed. A legacy account moves all.
 */
static void
records_move(json_t *resource, const uint8_t key[static SEAL_KEY_SIZE], const struct opened *opened, bool all)
{
	RELEASE(json) json_t *records = records_open(resource, opened);
	json_t *sealed = resource_at(resource, "store.records"), *keys = data_keys(resource), *record;
	size_t i, count = json_array_size(sealed);

	json_array_foreach(records, i, record) {
		const char *id = resource_text(json_array_get(sealed, i), "key");

		if (all || i + 1 == count || json_object_get(json_object_get(keys, id), "key") != NULL)
			record_move(resource, i, key, record);
	}
}

/* After a move: own keys that are not the newest hold nothing and go; older versions of a legacy account are on their way out. */
static void
old_keys_settle(struct world *w, json_t *resource, bool legacy)
{
	json_t *keys = data_keys(resource), *stored;
	const char *id, *newest = resource_text(resource, "store.newest");
	void *next;

	json_object_foreach_safe(keys, next, id, stored) {
		if (strcmp(id, newest) == 0)
			continue;
		if (json_object_get(stored, "key") != NULL)
			json_object_del(keys, id);
		else if (legacy && json_object_get(stored, "retired_ms") == NULL)
			json_object_set_new(stored, "retired_ms", json_integer(world_now_ms(w)));
	}
}

/* Make a data key under the version that ${url} names, or one of the service's own for NULL, and move to it what moves. */
static bool
renew(struct world *w, json_t *resource, const char *url, struct encryption_refusal *refusal)
{
	struct servicekey use = { .world = w, .resource = resource, .url = url };
	bool legacy = is_legacy(resource);
	json_t *store = json_object_get(resource, "store"), *wrapped = NULL;
	struct opened before = { 0 };
	uint8_t key[SEAL_KEY_SIZE];

	/* The new version must do before anything changes. */
	seal_key(key);
	if (url != NULL && !servicekey_take(&use, key, &wrapped, refusal))
		return false;
	if (url != NULL)
		data_key_add(store, json_pack("{s:s, s:o}", "url", url, "wrapped", wrapped));
	else
		data_key_add(store, json_pack("{s:o}", "key", armtext_base64(key, sizeof key)));

	/* What cannot be read now stays where it is; no data key is thrown away unread. */
	if (open_all(w, resource, &before)) {
		records_move(resource, key, &before, legacy);
		old_keys_settle(w, resource, legacy);
	}
	json_decref(before.keys);
	json_object_set_new(store, "url", url == NULL ? json_null() : json_string(url));
	world_changed(w);
	OPENSSL_cleanse(key, sizeof key);
	return true;
}

/* Test the key that is in force already. */
static bool
test(struct world *w, json_t *resource, const char *url, struct encryption_refusal *refusal)
{
	struct servicekey use = { .world = w, .resource = resource, .url = url };
	uint8_t key[SEAL_KEY_SIZE];
	json_t *wrapped = NULL;
	bool right;

	seal_key(key);
	right = servicekey_take(&use, key, &wrapped, refusal);
	json_decref(wrapped);
	return right;
}

bool
encryption_apply(struct world *w, json_t *resource, struct encryption_refusal *refusal)
{
	bool versionless, right = true;
	const char *url = encryption_key_url(resource, &versionless), *in_force = resource_text(resource, "store.url");
	RELEASE(text) char *versioned = url == NULL ? NULL : servicekey_versioned(w, url);

	/* A key that is not there is refused by its own URL. */
	if (url != NULL && versioned == NULL)
		versioned = text_copy(url);

	/* The same reference again is a test of the key, a new one brings a new data key. */
	if (url != NULL && in_force != NULL && strcmp(versioned, in_force) == 0)
		right = test(w, resource, versioned, refusal);
	else if (url != NULL || in_force != NULL)
		right = renew(w, resource, versioned, refusal);
	if (right)
		json_object_del(json_object_get(resource, "store"), "lost_since_ms");
	return right;
}

/* Let the legacy kind pick up a version that appeared since; what fails here shows when the data keys are opened. */
static void
pick_up(struct world *w, json_t *resource)
{
	bool versionless;
	const char *url = encryption_key_url(resource, &versionless), *in_force = resource_text(resource, "store.url");
	struct encryption_refusal refusal;
	RELEASE(text) char *versioned = NULL;

	if (url == NULL || !versionless || in_force == NULL)
		return;
	versioned = servicekey_versioned(w, url);
	if (versioned != NULL && strcmp(versioned, in_force) != 0)
		(void)!renew(w, resource, versioned, &refusal);
}

/* Note when the key was first found lost, and say whether it came back too late; the legacy kind recovers by itself at any time. */
static bool
lost_check(struct world *w, json_t *resource, bool readable)
{
	json_t *store = json_object_get(resource, "store"), *since = json_object_get(store, "lost_since_ms");

	if (is_legacy(resource))
		return readable;
	if (readable && (since == NULL || world_now_ms(w) - json_integer_value(since) <= LOST_LIMIT_MS)) {
		if (since != NULL)
			world_changed(w);
		json_object_del(store, "lost_since_ms");
		return true;
	}
	if (since == NULL) {
		json_object_set_new(store, "lost_since_ms", json_integer(world_now_ms(w)));
		world_changed(w);
	}
	return false;
}

bool
encryption_read(struct world *w, json_t *resource, json_t **ret_records, const char **ret_why)
{
	struct opened opened = { 0 };
	json_t *records = NULL;
	bool readable;

	pick_up(w, resource);
	readable = open_all(w, resource, &opened) && (records = records_open(resource, &opened)) != NULL;
	json_decref(opened.keys);
	*ret_why = opened.why != NULL ? opened.why : "CustomerManagedKeyAccessLost";
	if (lost_check(w, resource, readable)) {
		*ret_records = records;
		return true;
	}
	json_decref(records);
	return false;
}
