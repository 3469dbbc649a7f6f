#include "vaultbackup.h"

#include "bytes.h"
#include "exchange.h"
#include "release.h"
#include "text.h"
#include "vault.h"
#include "vaultread.h"
#include "vaultstore.h"
#include "vaultwrite.h"
#include "world.h"

#include <string.h>

/* The opaque text is base64url of nonce, tag and AES-256-GCM ciphertext of the key's JSON. */
enum { NONCE_SIZE = 12, TAG_SIZE = 16, HEAD_SIZE = NONCE_SIZE + TAG_SIZE };

/* The world's own key for backups. */
static bool
backup_key(struct vault_call *c, struct bytes *ret_key)
{
	return bytes_decode(world_text(c->show.world, "backup_key"), ret_key);
}

/* Encrypt; the subscription is authenticated too, since a backup is good nowhere else. */
static bool
seal(struct vault_call *c, const char *plain, struct bytes *ret_sealed)
{
	RELEASE(cipher_ctx) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	BYTES struct bytes key = { 0 }, nonce = bytes_random(NONCE_SIZE);
	const char *subscription = world_subscription(c->show.world);
	uint8_t none[16];
	int size = 0;

	if (ctx == NULL || !backup_key(c, &key))
		return false;
	*ret_sealed = bytes_new(HEAD_SIZE + strlen(plain));
	memcpy(ret_sealed->data, nonce.data, NONCE_SIZE);
	return EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key.data, ret_sealed->data) == 1 &&
	    EVP_EncryptUpdate(ctx, NULL, &size, (const uint8_t *)subscription, (int)strlen(subscription)) == 1 &&
	    EVP_EncryptUpdate(ctx, ret_sealed->data + HEAD_SIZE, &size, (const uint8_t *)plain,
	    (int)strlen(plain)) == 1 &&
	    EVP_EncryptFinal_ex(ctx, none, &size) == 1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, ret_sealed->data + NONCE_SIZE) == 1;
}

/* And back; NULL if it is no backup of this subscription. */
static json_t *
unseal(struct vault_call *c, const struct bytes *sealed)
{
	RELEASE(cipher_ctx) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	BYTES struct bytes key = { 0 }, plain = { 0 };
	const char *subscription = world_subscription(c->show.world);
	int size = 0, last = 0;

	if (ctx == NULL || sealed->size <= HEAD_SIZE || !backup_key(c, &key))
		return NULL;
	plain = bytes_new(sealed->size - HEAD_SIZE);
	if (EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key.data, sealed->data) != 1 ||
	    EVP_DecryptUpdate(ctx, NULL, &size, (const uint8_t *)subscription, (int)strlen(subscription)) != 1 ||
	    EVP_DecryptUpdate(ctx, plain.data, &size, sealed->data + HEAD_SIZE, (int)plain.size) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, sealed->data + NONCE_SIZE) != 1 ||
	    EVP_DecryptFinal_ex(ctx, plain.data + size, &last) != 1)
		return NULL;
	return json_loadb((const char *)plain.data, plain.size, 0, NULL);
}

void
vaultbackup_backup(struct vault_call *c)
{
	const json_t *key = vaultstore_key(c->show.vault, c->name);
	RELEASE(text) char *plain = NULL;
	BYTES struct bytes sealed = { 0 };

	if (key == NULL) {
		vaultread_answer_missing(c);
		return;
	}
	plain = json_dumps(key, JSON_COMPACT);
	if (plain != NULL && seal(c, plain, &sealed))
		exchange_answer(c->x, 200, json_pack("{s:o}", "value", bytes_encode_json(sealed.data, sealed.size)));
	else
		exchange_error(c->x, 500, "InternalServerError", "The key could not be backed up.");
	if (plain != NULL)
		OPENSSL_cleanse(plain, strlen(plain));
}

void
vaultbackup_restore(struct vault_call *c)
{
	const char *text = json_string_value(json_object_get(c->body, "value"));
	BYTES struct bytes sealed = { 0 };
	RELEASE(json) json_t *key = NULL;
	RELEASE(text) char *lower = NULL;
	const char *name;

	if (text != NULL && bytes_decode(text, &sealed))
		key = unseal(c, &sealed);
	name = json_string_value(json_object_get(key, "name"));
	if (name == NULL) {
		exchange_error(c->x, 400, "BadParameter",
		    "Backup blob is corrupt or was made in another subscription.");
		return;
	}
	if (!vaultwrite_check_free(c, name))
		return;
	if (vaultstore_key(c->show.vault, name) != NULL) {
		exchange_error(c->x, 409, "Conflict", "Key already exists: %s", name);
		return;
	}
	lower = text_lower(name);
	json_object_set(json_object_get(c->show.vault, "keys"), lower, key);
	world_changed(c->show.world);
	exchange_answer(c->x, 200, vaultshow_bundle(&c->show, key, vaultstore_version(key, NULL),
	    vaultstore_version(key, NULL)));
}
