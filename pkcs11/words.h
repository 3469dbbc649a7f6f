#ifndef WORDS_H
#define WORDS_H

#include <stdint.h>

enum { WORDS_LETTERS_MAX = 7 };

/**
 * The word for a byte: one of 256 short English words that no two of are easily
 * taken for each other when spoken.
 */
const char *words_word(uint8_t byte);

#endif
