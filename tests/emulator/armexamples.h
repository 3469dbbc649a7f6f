#ifndef ARMEXAMPLES_H
#define ARMEXAMPLES_H

/* What the services of the first tenant look like: every writable property of api-version 2024-03-31 but encryption, and a few records. */

#include <jansson.h>

struct armexamples_service {
	const char *type, *kind;	/* kind: NULL if the type has none */
	const char *properties;		/* JSON object, without what names tenant or service */
	const char *records;		/* JSON array */
};

extern const struct armexamples_service ARMEXAMPLES_FHIR, ARMEXAMPLES_DICOM, ARMEXAMPLES_LEGACY;

/**
 * armexamples_parse(text):
 * Return the JSON of one of the texts above, a new reference. A text that does not parse ends the program: it is ours.
 */
json_t *armexamples_parse(const char *text);

#endif
