#ifndef VERBS_H
#define VERBS_H

#include "hsm.h"

/*
 * The verbs of the port as this room does them; what each promises stands in hsm.h.
 */

bool verb_token(struct hsm *hsm, struct hsm_token *ret_token, struct fault *fault);
bool verb_list(struct hsm *hsm, struct hsm_key **ret_keys, size_t *ret_count,
    struct fault *fault);
bool verb_find(struct hsm *hsm, const struct hsm_name *name, struct hsm_key *ret_key,
    bool *ret_found, struct fault *fault);
bool verb_generate(struct hsm *hsm, const struct hsm_name *name, struct key_shape shape,
    struct hsm_key *ret_key, struct fault *fault);
bool verb_transfer(struct hsm *hsm, const struct hsm_name *name, const struct public_key *kek,
    struct hsm_transfer *ret_transfer, struct fault *fault);
bool verb_seal(struct hsm *hsm, const struct hsm_name *name, struct fault *fault);
bool verb_sign(struct hsm *hsm, const struct hsm_name *name, const void *digest,
    size_t digest_size, uint8_t *ret_signature, size_t *size, struct fault *fault);
bool verb_destroy(struct hsm *hsm, const struct hsm_name *name, struct fault *fault);
bool verb_sweep(struct hsm *hsm, const struct hsm_name *name, unsigned *ret_removed,
    struct fault *fault);
bool verb_check(struct hsm *hsm, struct hsm_report *ret_report, struct fault *fault);
bool verb_enrolled(struct hsm *hsm, const struct public_key *kek, bool *ret_enrolled,
    struct fault *fault);
bool verb_enroll(struct hsm *hsm, const struct public_key *kek, const char *comment,
    struct fault *fault);

/** Also takes a session that module_open could not finish. */
void verb_close(struct hsm *hsm);

#endif
