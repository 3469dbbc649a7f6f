#ifndef UTF8_H
#define UTF8_H

/**
 * Drop what a cut left of a character at the end of ${text} (RFC 3629, 3): a text that was cut to fit is still text, which JSON
 * takes. Returns ${text}.
 */
char *utf8_trim(char *text);

#endif
