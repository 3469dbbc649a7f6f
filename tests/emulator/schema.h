#ifndef SCHEMA_H
#define SCHEMA_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Bodies as tables.  A resource's body is described by rows, one per
 * property, each with its type, whether a client may write it, and the first
 * and last api-version that know it.  Three questions are answered from the
 * same rows: may this body be sent, what of it is kept, and what of the kept
 * resource is shown to a client of some api-version.
 */
enum schema_kind {
	SCHEMA_STRING,
	SCHEMA_BOOLEAN,
	SCHEMA_INTEGER,
	SCHEMA_OBJECT,		/* members: the rows of its properties */
	SCHEMA_ARRAY,		/* members: one row, for every item */
	SCHEMA_MAP		/* members: one row, for every value */
};

enum {
	SCHEMA_REQUIRED = 1,
	SCHEMA_READ_ONLY = 2,	/* a client may only repeat the present value */
	SCHEMA_NO_CASE = 4,	/* read-only text that is compared without case */
	SCHEMA_TIME = 8		/* read-only time: the same instant may be written with fewer digits */
};

struct schema {
	const char *name;		/* NULL ends a list of rows */
	enum schema_kind kind;
	unsigned flags;
	const char *since, *until;	/* api-versions, inclusive; NULL: always */
	const char *const *values;	/* the allowed texts, or NULL */
	const char *pattern;		/* POSIX extended, or NULL */
	int64_t minimum, maximum;	/* integers only; both 0: unlimited */
	const struct schema *members;
};

/* Why a body was refused, in the words of the ARM error envelope. */
struct schema_problem {
	const char *code;
	char message[400];
	char target[200];		/* the path of the property */
};

/**
 * schema_knows(row, version):
 * Whether ${version} has the property of ${row}.  Versions are compared as
 * dates; a preview of a day comes before what is released on that day.
 */
bool schema_knows(const struct schema *row, const char *version);

/**
 * schema_check(rows, body, current, version, ret_problem):
 * Hold ${body} against ${rows}.  ${current} is the resource as ${version}
 * shows it, or NULL; a read-only property must equal it.  JSON null stands
 * for an absent property.
 * Errors: a property that the version does not know, a wrong type or value, a
 *         missing required one, a read-only one that differs.
 * Source: Microsoft.HealthcareApis OpenAPI; resource provider contract (a PUT
 *         may repeat a read-only value, a different one is a bad request).
 */
bool schema_check(const struct schema *rows, const json_t *body,
    const json_t *current, const char *version,
    struct schema_problem *ret_problem) __attribute__((warn_unused_result));

/**
 * schema_take(rows, body, version):
 * Return a new object with what a checked ${body} writes: no read-only
 * property, no null.
 */
json_t *schema_take(const struct schema *rows, const json_t *body,
    const char *version);

/**
 * schema_show(rows, stored, version):
 * Return a new object with what ${version} shows of ${stored}.
 */
json_t *schema_show(const struct schema *rows, const json_t *stored,
    const char *version);

#endif
