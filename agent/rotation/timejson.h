#ifndef TIMEJSON_H
#define TIMEJSON_H

#include <jansson.h>
#include <stdint.h>

/** Unix seconds as RFC 3339 text, null for 0. New reference. */
json_t *timejson_s(int64_t wall_s);

/** Unix milliseconds as RFC 3339 text without a fraction, null for 0. New reference. */
json_t *timejson_ms(int64_t wall_ms);

#endif
