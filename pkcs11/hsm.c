#include "hsm.h"

#include <assert.h>

/*
 * Each verb goes straight to the table of whatever stands behind the port; what
 * it promises stands in hsm.h.
 */

bool
hsm_token(struct hsm *hsm, struct hsm_token *ret_token, struct fault *fault)
{
	return hsm->verbs->token(hsm, ret_token, fault);
}

bool
hsm_list(struct hsm *hsm, struct hsm_key **ret_keys, size_t *ret_count,
    struct fault *fault)
{
	return hsm->verbs->list(hsm, ret_keys, ret_count, fault);
}

bool
hsm_find(struct hsm *hsm, const struct hsm_name *name, struct hsm_key *ret_key,
    bool *ret_found, struct fault *fault)
{
	return hsm->verbs->find(hsm, name, ret_key, ret_found, fault);
}

bool
hsm_generate(struct hsm *hsm, const struct hsm_name *name, struct key_shape shape,
    struct hsm_key *ret_key, struct fault *fault)
{
	return hsm->verbs->generate(hsm, name, shape, ret_key, fault);
}

bool
hsm_transfer(struct hsm *hsm, const struct hsm_name *name, const struct public_key *kek,
    struct hsm_transfer *ret_transfer, struct fault *fault)
{
	return hsm->verbs->transfer(hsm, name, kek, ret_transfer, fault);
}

bool
hsm_seal(struct hsm *hsm, const struct hsm_name *name, struct fault *fault)
{
	return hsm->verbs->seal(hsm, name, fault);
}

bool
hsm_sign(struct hsm *hsm, const struct hsm_name *name, const void *digest,
    size_t digest_size, uint8_t *ret_signature, size_t *size, struct fault *fault)
{
	return hsm->verbs->sign(hsm, name, digest, digest_size, ret_signature, size,
	    fault);
}

bool
hsm_destroy(struct hsm *hsm, const struct hsm_name *name, struct fault *fault)
{
	return hsm->verbs->destroy(hsm, name, fault);
}

bool
hsm_sweep(struct hsm *hsm, const struct hsm_name *name, unsigned *ret_removed,
    struct fault *fault)
{
	return hsm->verbs->sweep(hsm, name, ret_removed, fault);
}

bool
hsm_check(struct hsm *hsm, struct hsm_report *ret_report, struct fault *fault)
{
	return hsm->verbs->check(hsm, ret_report, fault);
}

bool
hsm_enrolled(struct hsm *hsm, const struct public_key *kek, bool *ret_enrolled,
    struct fault *fault)
{
	return hsm->verbs->enrolled(hsm, kek, ret_enrolled, fault);
}

bool
hsm_enroll(struct hsm *hsm, const struct public_key *kek, const char *comment,
    struct fault *fault)
{
	return hsm->verbs->enroll(hsm, kek, comment, fault);
}

void
hsm_close(struct hsm *hsm)
{
	if (hsm != NULL)
		hsm->verbs->close(hsm);
}

/* As PKCS #11 spells the mechanisms, so that an HSM admin can look them up. */
static const char *const route_names[] = {
	[HSM_ROUTE_NONE] = "none",
	[HSM_ROUTE_RSA_AES_KEY_WRAP] = "CKM_RSA_AES_KEY_WRAP",
	[HSM_ROUTE_KWP] = "CKM_RSA_PKCS_OAEP + CKM_AES_KEY_WRAP_KWP",
	[HSM_ROUTE_PAD] = "CKM_RSA_PKCS_OAEP + CKM_AES_KEY_WRAP_PAD",
};
static_assert(sizeof route_names / sizeof route_names[0] == HSM_ROUTE_COUNT,
    "every route has a name");

const char *
hsm_route_name(enum hsm_route route)
{
	if ((size_t)route >= HSM_ROUTE_COUNT)
		return "unknown";
	return route_names[route];
}
