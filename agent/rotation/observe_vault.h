#ifndef OBSERVE_VAULT_H
#define OBSERVE_VAULT_H

#include "observe.h"

/** Fill versions: those of the policy's key and those that services name or named. Needs services to be filled if they are wanted. */
bool observe_vault(struct observer *observer, struct facts *facts, struct fault *fault)
    __attribute__((warn_unused_result));

/** Fill kek, and why it must not be used. */
bool observe_kek(struct observer *observer, struct facts *facts, struct fault *fault)
    __attribute__((warn_unused_result));

/** Why ${kek} in ${vault_url} must not wrap anything, in words; "" if it may. No I/O. */
void observe_judge_kek(const struct vault_key *kek, const char *vault_url, int64_t now_ms,
    char ret_why[static 300]);

#endif
