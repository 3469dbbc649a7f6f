#include "timejson.h"

#include "timetext.h"

json_t *
timejson_s(int64_t wall_s)
{
	char text[TIMETEXT_SIZE];

	return wall_s == 0 ? json_null() : json_string(timetext_print_s(wall_s, text));
}

json_t *
timejson_ms(int64_t wall_ms)
{
	return timejson_s(wall_ms / 1000);
}
