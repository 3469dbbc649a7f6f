#include "useragent.h"

#include <curl/curl.h>
#include <stdio.h>
#include <sys/utsname.h>

char *
useragent_print(void)
{
	const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
	struct utsname machine;
	char *text = NULL;

	/* The form that Azure's own clients use; the prefix azsdk- is theirs alone. */
	if (uname(&machine) != 0 || asprintf(&text, "keyturn/%s (%s %s; %s) libcurl/%s %s",
	    KEYTURN_VERSION, machine.sysname, machine.release, machine.machine, curl->version,
	    curl->ssl_version != NULL ? curl->ssl_version : "") < 0)
		return NULL;
	return text;
}
