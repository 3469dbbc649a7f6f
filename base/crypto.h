#ifndef CRYPTO_H
#define CRYPTO_H

#include "fault.h"

/**
 * crypto_fault(fault, code, format, ...):
 * Record ${code}, the formatted half sentence and the reason that OpenSSL gives for its last
 * failure in this thread, and empty its error queue, so that no later failure is blamed on it.
 * Always return false.
 */
bool crypto_fault(struct fault *fault, enum fault_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
